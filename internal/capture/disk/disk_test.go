package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"detour/internal/flow"
	"detour/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

var began = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// stuck is a direct call whose connect times out.
func stuck(id flow.ID) *flow.Flow {
	return &flow.Flow{
		ID: id, Rev: 3, Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.OriginDirect, Why: []flow.Evidence{flow.EvidenceSigV4Header},
		AWS:     &flow.AWS{Partition: "aws", Region: "eu-central-1", Service: "logs", ServiceName: "CloudWatch Logs", Operation: "DescribeLogGroups", DecodedBy: "x-amz-target"},
		Request: flow.Request{Method: "POST", URL: "https://logs.eu-central-1.amazonaws.com/", Proto: "HTTP/2.0", Headers: []flow.Header{{Name: "x-amz-target", Value: "Logs_20140328.DescribeLogGroups"}}, BodySize: 2, Body: []byte("{}")},
		Failure: &flow.Failure{Stage: flow.StageDial, Message: "i/o timeout"},
		Conn: &flow.Conn{
			ID: id, Authority: "logs.eu-central-1.amazonaws.com:443", Start: began,
			Resolution: &flow.Resolution{Name: "logs.eu-central-1.amazonaws.com", Outcome: flow.DNSOK, Source: flow.SourceDNS, Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.24")}, Start: began, Took: time.Millisecond},
			Attempts:   []flow.DialAttempt{{Addr: netip.MustParseAddrPort("10.0.1.24:443"), Outcome: flow.DialTimeout, Start: began, Took: 21 * time.Second, Kernel: &flow.KernelTCP{SYNRetransmits: 4}, Err: "i/o timeout"}},
		},
		Times:    flow.Times{Start: began, Done: began.Add(21 * time.Second)},
		Findings: []string{"private-endpoint-unreachable"},
	}
}

func create(tb testing.TB) *File {
	tb.Helper()
	f, err := Create(filepath.Join(tb.TempDir(), "run.detour"), Header{Creator: "detour test", Strict: true, Environment: &flow.Environment{OS: "linux", Began: began}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	return f
}

func write(tb testing.TB, f *File, b Batch) {
	tb.Helper()
	if err := f.Write(b); err != nil {
		tb.Fatal(err)
	}
}

func all(tb testing.TB, f *File, q Query) (out []*flow.Flow) {
	tb.Helper()
	if _, err := f.Flows(context.Background(), q, func(x *flow.Flow) error { out = append(out, x); return nil }); err != nil {
		tb.Fatal(err)
	}
	return out
}

func same(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}), cmpopts.EquateEmpty()); d != "" {
		tb.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestFile_givesBackWhatWasWritten(t *testing.T) {
	f := create(t)
	reused := stuck(2)
	reused.Conn, reused.Reused, reused.Failure, reused.Note, reused.Marked = stuck(1).Conn, true, nil, "after a retry", true
	reused.Response = &flow.Response{Status: 200, Proto: "HTTP/2.0", Body: []byte{0xff, 0}, BodySize: 900, BodyTruncated: true}
	finding := flow.Finding{Code: "private-endpoint-unreachable", Level: flow.LevelProblem, Title: "logs", Flows: []flow.ID{1}, Confidence: flow.ConfidenceMedium}
	step, next := flow.Step{At: began, Text: "open the log groups"}, flow.Step{At: began.Add(time.Second), Text: "again"}
	notice := flow.Finding{Code: "aaa", Level: flow.LevelNotice, Title: "less telling", Confidence: flow.ConfidenceLow}
	write(t, f, Batch{
		Flows: []*flow.Flow{stuck(1), reused}, Findings: []flow.Finding{finding, notice}, Steps: []flow.Step{next, step},
		Redacted: map[string]int{"cookie": 3}, Omitted: &flow.Omitted{Flows: 1},
	})
	for _, name := range []string{"while it is written", "afterwards"} {
		if name == "afterwards" {
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if left, _ := filepath.Glob(f.Path + "-*"); left != nil {
				t.Errorf("beside the file that was closed there is %v", left)
			}
		}
		g := reopened(t, Open, f.Path)
		got := all(t, g, Query{Bodies: true})
		same(t, name, got, []*flow.Flow{stuck(1), reused})
		if got[0].Conn != got[1].Conn {
			t.Errorf("%s: two flows of one connection have one each", name)
		}
		about, err := g.About(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		if left, _ := filepath.Glob(f.Path + "-*"); left != nil && name == "afterwards" {
			t.Errorf("a reader leaves %v behind", left)
		}
		same(t, name, about, &flow.Capture{
			File: f.Path, Creator: "detour test", Strict: true, Environment: &flow.Environment{OS: "linux", Began: began}, Findings: []flow.Finding{finding, notice},
			Steps: []flow.Step{step, next}, Redacted: map[string]int{"cookie": 3}, Omitted: flow.Omitted{Flows: 1},
		})
	}
}

func reopened(tb testing.TB, how func(string) (*File, error), path string) *File {
	tb.Helper()
	f, err := how(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	return f
}

func TestWrite_aNewerRevisionReplacesAndAnOlderOneDoesNot(t *testing.T) {
	f := create(t)
	pending, final := stuck(1), stuck(1)
	pending.Rev, pending.State, pending.Failure, pending.Times.Done = 2, flow.StateConnecting, nil, time.Time{}
	write(t, f, Batch{Flows: []*flow.Flow{pending}})
	write(t, f, Batch{Flows: []*flow.Flow{final}})
	got := all(t, f, Query{Bodies: true})
	same(t, "the newest", got, []*flow.Flow{final})
}

func TestFlows_aMaximumKeepsWhatFailedThenTheNewest(t *testing.T) {
	f := create(t)
	var flows []*flow.Flow
	for id := range flow.ID(20) {
		x := stuck(id + 1)
		if id != 3 {
			x.Failure, x.Response = nil, &flow.Response{Status: 200}
		}
		flows = append(flows, x)
	}
	write(t, f, Batch{Flows: flows})
	var ids []flow.ID
	for _, x := range all(t, f, Query{Max: 3}) {
		ids = append(ids, x.ID)
	}
	same(t, "IDs", ids, []flow.ID{4, 19, 20})
	if n, err := f.Count(t.Context(), Query{Where: "status = 200"}); n != 19 || err != nil {
		t.Errorf("%d flows are counted (%v), want 19", n, err)
	}
}

// TestFlows_aMaximumKeepsFlowsWithoutStatusAndFailure: their condition is NULL.
func TestFlows_aMaximumKeepsFlowsWithoutStatusAndFailure(t *testing.T) {
	f := create(t)
	pending := &flow.Flow{ID: 1, Rev: 1, State: flow.StateConnecting, Request: flow.Request{Method: "GET", URL: "https://logs.ap-northeast-1.amazonaws.com/"}}
	tunnel := &flow.Flow{ID: 2, Rev: 1, State: flow.StateDone, Request: flow.Request{Method: "CONNECT", URL: "example.com:443"}}
	write(t, f, Batch{Flows: []*flow.Flow{pending, tunnel}})
	if got := len(all(t, f, Query{Max: 10})); got != 2 {
		t.Errorf("%d flows are read, want 2", got)
	}
}

func TestMark_changesAFileThatIsEdited(t *testing.T) {
	f := create(t)
	write(t, f, Batch{Flows: []*flow.Flow{stuck(1)}})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	e := reopened(t, Edit, f.Path)
	if err := e.Mark(1, true, "this one"); err != nil {
		t.Fatal(err)
	}
	if err := e.Mark(9, true, ""); err == nil {
		t.Error("a flow that isn't there is marked")
	}
	got, err := e.Get(t.Context(), 1)
	if err != nil || !got.Marked || got.Note != "this one" || got.Rev != 4 {
		t.Errorf("%+v, %v", got, err)
	}
	if err := reopened(t, Open, f.Path).Mark(1, false, ""); err == nil {
		t.Error("a file that is opened to be read is written to")
	}
}

func TestCreate_neverOverwrites(t *testing.T) {
	f := create(t)
	if _, err := Create(f.Path, Header{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second capture of that name: %v", err)
	}
	if info, err := os.Stat(f.Path); err != nil || info.Mode().Perm() != private {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestOpen_saysWhatIsNoCapture(t *testing.T) {
	dir := t.TempDir()
	har, other, newer := filepath.Join(dir, "x.har"), filepath.Join(dir, "other.db"), filepath.Join(dir, "newer.detour")
	if err := os.WriteFile(har, []byte(`{"log":{}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, pragma := range map[string]string{other: "application_id = 7", newer: "user_version = 99"} {
		f, err := Create(path, Header{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.db.Exec("PRAGMA " + pragma); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{har: "not a detour capture", other: "not a detour capture", newer: "newer detour", filepath.Join(dir, "absent"): syscall.ENOENT.Error()} {
		f, err := Open(path)
		if err == nil {
			_ = f.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "x.har-*")); left != nil {
		t.Errorf("SQLite leaves %v beside a file that isn't its own", left)
	}
}

// TestFile_isReadWithASQLiteShell: what docs/capture.md says, with sqlite3(1), while
// the file is open.
func TestFile_isReadWithASQLiteShell(t *testing.T) {
	if _, err := exec.LookPath("sqlite3"); err != nil {
		t.Skip("sqlite3 is not installed")
	}
	f := create(t)
	x := stuck(1)
	x.Later = []flow.Later{{Kind: flow.LaterLoser, At: began, Addr: x.Conn.Attempts[0].Addr, Outcome: flow.DialTimeout, Took: 3 * time.Second}}
	write(t, f, Batch{Flows: []*flow.Flow{x}})
	same(t, "the flow", all(t, f, Query{Bodies: true}), []*flow.Flow{x})
	for query, want := range map[string]string{
		"SELECT * FROM probes":                                 "1|logs.eu-central-1.amazonaws.com|loser|2026-11-24T09:00:00Z|10.0.1.24:443|timeout|3000|",
		"SELECT service, operation, tcp, address FROM flows":   "logs|DescribeLogGroups|timeout|10.0.1.24:443",
		"SELECT authority, address, outcome, ms FROM attempts": "logs.eu-central-1.amazonaws.com:443|10.0.1.24:443|timeout|21000",
		"SELECT name, outcome, addresses FROM resolutions":     "logs.eu-central-1.amazonaws.com|ok|10.0.1.24",
		"SELECT record ->> '$.request.url' FROM records":       "https://logs.eu-central-1.amazonaws.com/",
		"SELECT value ->> '$.environment.os' FROM meta":        "linux",
		"SELECT count(*) FROM tls":                             "0",
		"SELECT side, size FROM bodies":                        "request|2",
		"PRAGMA integrity_check":                               "ok",
	} {
		out, err := exec.CommandContext(t.Context(), "sqlite3", "-readonly", f.Path, query).CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%s: %q (%v), want %q", query, got, err, want)
		}
	}
}

func TestOpen_readsAFileOfAnOlderVersionAndUpgradesItForEditing(t *testing.T) {
	newest := len(migrations())
	for version, undo := range map[int][]string{1: {"DROP VIEW probes", "DROP TABLE checks", "DROP TABLE changes", "DROP INDEX pending"}, 2: {"DROP TABLE checks", "DROP TABLE changes", "DROP INDEX pending"}, 3: {"DROP TABLE changes", "DROP INDEX pending"}} {
		f := create(t)
		write(t, f, Batch{Flows: []*flow.Flow{stuck(1)}})
		for _, q := range append(undo, fmt.Sprintf("PRAGMA user_version = %d", version)) {
			if _, err := f.db.Exec(q); err != nil {
				t.Fatal(err)
			}
		}
		path := f.Path
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		old := reopened(t, Open, path)
		same(t, "the flow", all(t, old, Query{Bodies: true}), []*flow.Flow{stuck(1)})
		if _, err := old.About(t.Context()); err != nil {
			t.Errorf("about a file of version %d: %v", version, err)
		}
		edited := reopened(t, Edit, path)
		if v, err := versionOf(edited.db); err != nil || v != newest {
			t.Errorf("edited, it is of version %d, %v", v, err)
		}
		if err := edited.Close(); err != nil {
			t.Fatal(err)
		}
		same(t, "the flow", all(t, reopened(t, Open, path), Query{Bodies: true}), []*flow.Flow{stuck(1)})
	}
}
