package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"detour/internal/flow"
	"detour/internal/fulltest"
)

// readAll returns what can be read of a file, and what can't.
func readAll(tb testing.TB, path string, q Query) (flows []*flow.Flow, got Result) {
	tb.Helper()
	f, err := Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	got, err = f.Flows(tb.Context(), q, func(x *flow.Flow) error { flows = append(flows, x); return nil })
	if err != nil {
		tb.Fatal(err)
	}
	return flows, got
}

func idsOf(flows []*flow.Flow) (ids []flow.ID) {
	for _, x := range flows {
		ids = append(ids, x.ID)
	}
	return ids
}

func TestFlows_oneUnreadableRecordCostsThatFlow(t *testing.T) {
	bomb := fmt.Sprintf("UPDATE bodies SET zstd = x'%x' WHERE flow = 2", zip(t, make([]byte, 64<<20)))
	for _, c := range []struct {
		name, q        string
		unread, bodies int
	}{
		{"nothing", ``, 0, 0},
		{"no JSON", `UPDATE records SET record = '{' WHERE flow = 2`, 1, 0},
		{"deep JSON", `UPDATE records SET record = replace(hex(zeroblob(500000)), '00', '[') WHERE flow = 2`, 1, 0},
		{"a record too large", `UPDATE records SET record = '{"note":"' || hex(zeroblob(4000000)) || '"}' WHERE flow = 2`, 1, 0},
		{"no record", `DELETE FROM records WHERE flow = 2`, 1, 0},
		{"another's record", `UPDATE records SET record = (SELECT record FROM records WHERE flow = 1) WHERE flow = 2`, 1, 0},
		{"no connection", `DELETE FROM connections WHERE id = 2`, 1, 0},
		{"a connection too large", `UPDATE connections SET record = hex(zeroblob(4000000)) WHERE id = 2`, 1, 0},
		{"a row less", `DELETE FROM flows WHERE id = 2`, 0, 0}, // the record has it as well
		{"a row and a record less", `DELETE FROM flows WHERE id = 2; DELETE FROM records WHERE flow = 2`, 1, 0},
		{"a bomb as body", bomb, 0, 1},
		{"a body too large", `UPDATE bodies SET zstd = zeroblob(8000000) WHERE flow = 2`, 0, 1},
	} {
		path := changed(t, c.q)
		for _, q := range []Query{{Bodies: true}, {Bodies: true, Max: 10}, {Bodies: true, Where: "f.tcp = 'timeout'"}} {
			flows, got := readAll(t, path, q)
			if got.Unread.Flows != c.unread || got.Bodies != c.bodies || got.Unread.AtLeast || (got.Why != nil) != (c.unread+c.bodies > 0) {
				t.Errorf("%s, %+v: %+v", c.name, q, got)
			}
			want := []flow.ID{1, 2}[:2-c.unread]
			if ids := idsOf(flows); !slices.Equal(ids, want) {
				t.Errorf("%s, %+v: flows %v, want %v", c.name, q, ids, want)
			}
		}
	}
}

// capturePages is the path and the bytes of a closed capture of n flows.
func capturePages(tb testing.TB, n int, r *rand.Rand) (path string, b []byte, want []*flow.Flow) {
	tb.Helper()
	f := create(tb)
	for at := 0; at < n; at += 50 {
		var batch Batch
		for i := at; i < min(at+50, n); i++ {
			x := stuck(flow.ID(i + 1)) //nolint:gosec // a count
			x.Note = strings.Repeat("n", r.IntN(3000))
			x.Request.Body = nil
			if r.IntN(3) == 0 {
				x.State, x.Failure, x.Findings, x.Times = flow.StateConnecting, nil, nil, flow.Times{Start: began}
			}
			batch.Flows, want = append(batch.Flows, x), append(want, x)
		}
		write(tb, f, batch)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	b, err := os.ReadFile(f.Path)
	if err != nil {
		tb.Fatal(err)
	}
	return f.Path, b, want
}

// TestFlows_readsWhatIsLeftOfADamagedFile: whichever pages are lost, each flow is read as it
// was written or counted, by every query alike.
func TestFlows_readsWhatIsLeftOfADamagedFile(t *testing.T) {
	tried := 0
	for seed := range fulltest.Or[uint64](16, 24) {
		r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test
		n := 20 + r.IntN(250)
		path, b, want := capturePages(t, n, r)
		size := int(binary.BigEndian.Uint16(b[16:]))
		pages := len(b) / size
		what := ""
		switch seed % 4 {
		case 0, 1: // pages are lost
			for range 1 + r.IntN(4) {
				p := 1 + r.IntN(pages-1)
				clear(b[p*size : (p+1)*size])
				what += fmt.Sprint(" page ", p)
			}
		case 2:
			b = b[:size*(1+r.IntN(pages-1))+r.IntN(size)]
			what = fmt.Sprint(" cut to ", len(b))
		case 3: // bytes of leaves are lost
			for range 3 {
				at := size*(1+r.IntN(pages-1)) + r.IntN(size)
				clear(b[at:min(at+200, len(b))])
				what += fmt.Sprint(" bytes at ", at)
			}
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, errSchema) {
				t.Errorf("seed %d,%s: %v", seed, what, err)
			}
			continue
		}
		_ = f.Close()
		tried++
		flows, got := readAll(t, path, Query{Bodies: true})
		if len(flows)+got.Unread.Flows != n && !got.Unread.AtLeast {
			t.Errorf("seed %d,%s: %d flows are read and %+v aren't, of %d", seed, what, len(flows), got.Unread, n)
		}
		byID := map[flow.ID]*flow.Flow{}
		for _, x := range want {
			byID[x.ID] = x
		}
		for i, x := range flows {
			if i > 0 && x.ID <= flows[i-1].ID {
				t.Errorf("seed %d,%s: flow %d after %d", seed, what, x.ID, flows[i-1].ID)
			}
			if seed%4 == 3 {
				continue // the bytes of a text may be lost
			}
			if d := cmp.Diff(byID[x.ID], x, cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}), cmpopts.EquateEmpty()); d != "" {
				t.Errorf("seed %d,%s: flow %d is read as another\n%s", seed, what, x.ID, d)
			}
		}
		for _, q := range []Query{{Max: n}, {Max: 100_000}, {Where: "f.id > 0"}} {
			others, also := readAll(t, path, q)
			if !slices.Equal(idsOf(others), idsOf(flows)) || also.Unread != got.Unread {
				t.Errorf("seed %d,%s: %+v reads %d flows and not %+v; all: %d and not %+v", seed, what, q, len(others), also.Unread, len(flows), got.Unread)
			}
		}
	}
	if tried < fulltest.Or(8, 12) {
		t.Errorf("only %d files could be opened", tried)
	}
}

// TestRecover_makesACaptureThatIsRead: what the hint for a damaged file says.
func TestRecover_makesACaptureThatIsRead(t *testing.T) {
	if _, err := exec.LookPath("sqlite3"); err != nil {
		t.Skip("sqlite3 is not installed")
	}
	if exec.CommandContext(t.Context(), "sqlite3", changed(t), ".recover").Run() != nil {
		t.Skip("this sqlite3 can't recover a whole file") // Debian 12's can't
	}
	path, b, _ := capturePages(t, 200, rand.New(rand.NewPCG(1, 1))) //nolint:gosec // a test
	size := int(binary.BigEndian.Uint16(b[16:]))
	clear(b[40*size : 42*size])
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	saved := filepath.Join(t.TempDir(), "saved.detour")
	script := `sqlite3 "$1" .recover | sqlite3 "$2"`
	if out, err := exec.CommandContext(t.Context(), "sh", "-c", script, "sh", path, saved).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	before, _ := readAll(t, path, Query{})
	after, got := readAll(t, saved, Query{})
	if len(after) < len(before) || len(after) == 0 {
		t.Errorf("%d flows are read of the recovered file (%+v), %d of the damaged one", len(after), got, len(before))
	}
}
