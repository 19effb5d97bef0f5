package disk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"detour/internal/flow"
	"detour/internal/onwine"
)

// changed is a closed capture of two flows that somebody has changed.
func changed(tb testing.TB, statements ...string) string {
	tb.Helper()
	f := create(tb)
	step := flow.Step{At: began, Text: "open the alarms"}
	write(tb, f, Batch{
		Flows: []*flow.Flow{stuck(1), stuck(2)}, Findings: []flow.Finding{{Code: "x", Flows: []flow.ID{1}}}, Steps: []flow.Step{step}, Redacted: map[string]int{"cookie": 1},
		Omitted: &flow.Omitted{},
	})
	for _, q := range statements {
		if _, err := f.db.Exec(q); err != nil {
			tb.Fatalf("%s: %v", q, err)
		}
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	return f.Path
}

func TestOpen_refusesTablesThatAreNotOurs(t *testing.T) {
	for name, q := range map[string]string{
		"a view that never ends": `ALTER TABLE flows RENAME TO old; CREATE VIEW flows AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT old.* FROM old, r`,
		"a trigger":              `CREATE TRIGGER t AFTER UPDATE ON flows BEGIN DELETE FROM records; END`,
		"a virtual table":        `DROP VIEW notes; CREATE VIRTUAL TABLE notes USING fts5(flow, note)`,
		"a table less":           `DROP TABLE steps`,
		"a column that computes": `DROP TABLE steps; CREATE TABLE steps (at TEXT, text TEXT AS (zeroblob(1000000000)))`,
		"a version before all":   `PRAGMA user_version = -1`,
		"no version":             `PRAGMA user_version = 0`,
	} {
		path := changed(t, q)
		for _, how := range []func(string) (*File, error){Open, Edit} {
			f, err := how(path)
			if err == nil {
				_ = f.Close()
			}
			if !errors.Is(err, errSchema) && !errors.Is(err, ErrNotCapture) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// read reads all of a file that may hold anything.
func read(ctx context.Context, path string) error {
	f, err := Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.About(ctx)
	for _, max := range []int{0, 10} {
		got, ferr := f.Flows(ctx, Query{Bodies: true, Max: max}, func(*flow.Flow) error { return nil })
		err = errors.Join(err, ferr, got.Why)
	}
	return err
}

func TestFlows_saysWhatItCannotRead(t *testing.T) {
	bomb := fmt.Sprintf("UPDATE bodies SET zstd = x'%x'", zip(t, make([]byte, 64<<20)))
	for name, q := range map[string]string{
		"no JSON":              `UPDATE records SET record = '{' WHERE flow = 2`,
		"JSON of another type": `UPDATE records SET record = '{"id":"one"}' WHERE flow = 2`,
		"deep JSON":            `UPDATE records SET record = replace(hex(zeroblob(500000)), '00', '[') WHERE flow = 2`,
		"a record too large":   `UPDATE records SET record = '{"note":"' || hex(zeroblob(4000000)) || '"}' WHERE flow = 2`,
		"no connection":        `UPDATE connections SET record = 'null and void' WHERE id = 2`,
		"a zstd bomb":          bomb,
		"an escape sequence":   `UPDATE records SET record = replace(record, 'direct-endpoint', '\u001b[2J') WHERE flow = 2`,
		"another one":          `UPDATE connections SET record = replace(record, '"timeout"', '"\u001b[2J"') WHERE id = 2`,
		"no zstd":              `UPDATE bodies SET zstd = x'00'`,
		"steps of no time":     `UPDATE steps SET at = 'then'`,
		"findings of no kind":  `UPDATE findings SET record = '[]'`,
		"counts of no kind":    `UPDATE meta SET value = '{"cookie":"many"}' WHERE key = 'redacted'`,
	} {
		if read(t.Context(), changed(t, q)) == nil {
			t.Errorf("%s: nothing is said", name)
		}
	}
}

func zip(tb testing.TB, b []byte) []byte {
	tb.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		tb.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

func TestOpen_takesNothingOfAPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	path := fmt.Sprintf("/dev/fd/%d", r.Fd())
	if _, err := os.Stat(path); err != nil {
		t.Skip("there is no /dev/fd")
	}
	if _, err := w.WriteString(`{"log":{"entries":[]}}`); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, ErrNotCapture) {
		t.Errorf("%v", err)
	}
	var first [6]byte
	if _, err := r.Read(first[:]); err != nil || string(first[:]) != `{"log"` {
		t.Errorf("what is left begins with %q (%v)", first, err)
	}
}

func TestAddress_isAURIThatSQLiteReads(t *testing.T) {
	for path, want := range map[string]string{
		"/tmp/a?b#c%d e": "file:///tmp/a%3Fb%23c%25d%20e?",
		"C:/Users/ä.db":  "file:///C:/Users/%C3%A4.db?",
		"//host/share/x": "file:////host/share/x?",
	} {
		if got := address(path, "ro"); !bytes.HasPrefix([]byte(got), []byte(want)) {
			t.Errorf("%s: %s", path, got)
		}
	}
	f, err := Create(filepath.Join(t.TempDir(), oddName), Header{})
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, Batch{Flows: []*flow.Flow{stuck(1)}})
	for _, end := range []string{"-wal", "-shm"} {
		if info, err := os.Stat(f.Path + end); err != nil || info.Mode().Perm() != private {
			t.Errorf("%s: %v, %v", end, info, err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCreate_takesNothingOfAnOlderFile(t *testing.T) {
	old := create(t)
	write(t, old, Batch{Flows: []*flow.Flow{stuck(1)}})
	wal, err := os.ReadFile(old.Path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "new.detour")
	for _, end := range []string{"-wal", "-journal"} {
		if err := os.WriteFile(path+end, wal, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Create(path, Header{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n := count(t, f, ""); n != 0 {
		t.Errorf("a log that was left behind brings %d flows", n)
	}
	onwine.Skip(t, "creates the target of a symbolic link")
	elsewhere := filepath.Join(t.TempDir(), "target")
	link := filepath.Join(t.TempDir(), "link.detour")
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	if _, err := Create(link, Header{}); err == nil {
		t.Error("it follows a symbolic link")
	}
}

// FuzzOpen: a capture with bytes changed is read in bounded time, or refused.
func FuzzOpen(f *testing.F) {
	whole, err := os.ReadFile(changed(f))
	if err != nil {
		f.Fatal(err)
	}
	for _, at := range []int{18, 28, 100, 103, 4096, 8192 + 5, 20000, 40000, len(whole) - 50} {
		f.Add(uint32(at), []byte{0xff, 0x7f, 0}, uint32(len(whole)))
	}
	f.Add(uint32(5000), []byte("[[[["), uint32(20480))
	f.Fuzz(func(t *testing.T, at uint32, with []byte, length uint32) {
		b := append([]byte{}, whole[:min(int(length), len(whole))]...)
		for i, c := range with {
			if len(b) > 0 {
				b[(int(at)+i*i*31)%len(b)] = c
			}
		}
		path := filepath.Join(t.TempDir(), "x.detour")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		watch := time.AfterFunc(time.Minute, func() { panic("it takes more than a minute") })
		defer watch.Stop()
		_ = read(t.Context(), path)
	})
}
