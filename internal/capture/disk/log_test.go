package disk

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"detour/internal/flow"
)

// copied copies a capture, with its log or without, and changes the log first.
func copied(tb testing.TB, path string, log func([]byte) []byte) string {
	tb.Helper()
	to := filepath.Join(tb.TempDir(), "copy.detour")
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + end)
		if err != nil {
			tb.Fatal(err)
		}
		if end != "" {
			if b = log(b); b == nil {
				continue
			}
		}
		if err := os.WriteFile(to+end, b, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return to
}

func intact(b []byte) []byte { return b }
func gone([]byte) []byte     { return nil }
func empty([]byte) []byte    { return []byte{} }

func TestOpen_saysThatFlowsMayBeInALogThatIsNotThere(t *testing.T) {
	f := create(t)
	for id := range flow.ID(3) {
		write(t, f, Batch{Flows: []*flow.Flow{stuck(id + 1)}})
	}
	torn := func(b []byte) []byte { b[frameHeaderSize+logHeaderSize+4096+100] ^= 1; return b }
	headless := func(b []byte) []byte { clear(b[:logHeaderSize]); return b }
	half := func(b []byte) []byte { return b[:len(b)-100] } // as of a kill
	for _, c := range []struct {
		name string
		log  func([]byte) []byte
		want error
	}{
		{"whole", intact, nil}, {"gone", gone, ErrNoLog}, {"empty", empty, ErrNoLog}, {"torn", torn, errTornLog}, {"headless", headless, errTornLog}, {"half", half, nil},
	} {
		path := copied(t, f.Path, c.log)
		for range 2 { // reading must not make another file of it
			flows, got := readAll(t, path, Query{})
			if got.Unread.AtLeast != (c.want != nil) || !errors.Is(got.Lacks, c.want) {
				t.Errorf("%s: %d flows, %+v, want %v", c.name, len(flows), got, c.want)
			}
			if c.name == "whole" && len(flows) != 3 {
				t.Errorf("%d flows", len(flows))
			}
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, got := readAll(t, f.Path, Query{}); got.Lacks != nil {
		t.Errorf("closed: %v", got.Lacks)
	}
}

// TestOpen_asksForTheLogThatHasTheTables: captures of older versions have nothing in the
// file itself at first.
func TestOpen_asksForTheLogThatHasTheTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.detour")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := open(path, "rw")
	if err != nil {
		t.Fatal(err)
	}
	defer f.db.Close()
	for _, q := range []string{"PRAGMA application_id = 0x64746f72", "PRAGMA journal_mode = WAL"} {
		if _, err := f.db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := migrate(f.db, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(copied(t, path, gone)); !errors.Is(err, ErrNoLog) {
		t.Error(err)
	}
}

// TestOpen_isSatisfiedWithALogThatAReaderKept: the file was closed while another process
// read it, and stays in write-ahead mode.
func TestOpen_isSatisfiedWithALogThatAReaderKept(t *testing.T) {
	f := create(t)
	write(t, f, Batch{Flows: []*flow.Flow{stuck(1)}})
	reader := reopened(t, Open, f.Path)
	if n := count(t, reader, ""); n != 1 {
		t.Fatalf("%d flows", n)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, got := readAll(t, f.Path, Query{}); got.Lacks != nil {
		t.Errorf("%v", got.Lacks)
	}
}

func TestEdit_remembersThatTheLogWasMissing(t *testing.T) {
	f := create(t)
	write(t, f, Batch{Flows: []*flow.Flow{stuck(1)}})
	path := copied(t, f.Path, gone)
	e, err := Edit(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, got := readAll(t, path, Query{}); !errors.Is(got.Lacks, ErrNoLog) {
		t.Errorf("%+v", got)
	}
}

func TestOpen_saysThatACaptureIsDamaged(t *testing.T) {
	whole, err := os.ReadFile(changed(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func([]byte) []byte{
		"other first bytes":     func(b []byte) []byte { copy(b, "XXXX"); return b },
		"a few bytes":           func(b []byte) []byte { return b[:50] },
		"the first page":        func(b []byte) []byte { return b[:4096] },
		"the tables' names":     func(b []byte) []byte { clear(b[100:4096]); return b },
		"a page size of no use": func(b []byte) []byte { b[16], b[17] = 3, 3; return b },
	} {
		path := filepath.Join(t.TempDir(), "x.detour")
		if err := os.WriteFile(path, change(append([]byte{}, whole...)), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err == nil {
			_ = f.Close()
		}
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
