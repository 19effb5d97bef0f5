package intake_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/cryptotest"
	"time"

	"detour/internal/aws"
	"detour/internal/export"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/fulltest"
	"detour/internal/har"
	"detour/internal/intake"
	"detour/ui/web"
)

// An export of a HAR that is read several times has the bytes of one whose flows are in memory, and says
// the same of it: also where what a flow is depends on later ones.
func TestStream_ofAHARIsExportedAsWhatReadReturns(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	of := func(name string) string { return filepath.Join("testdata", "judgement", name) }
	late := filepath.Join("..", "..", "cmd", "detour", "testdata", "recorded", "firefox-late-3s.har")
	failed, err := filter.Parse("status>=400 OR is:finding")
	if err != nil {
		t.Fatal(err)
	}
	cut := changedFile(t, late, func(b []byte) []byte { return b[:len(b)*2/3] })
	for _, tc := range []struct{ path, says string }{
		{late, "the Date of the response"},
		{of("captive-portal.har"), "stands for unrelated hosts"},
		{of("preflight-beacon.har"), ""},
		{of("phases-without-ip.har"), "connected to a proxy"},
		{cut, "everything before that was read"},
		{ownHAR(t, tables), ""},
		{changedFile(t, of("webkit-half-eni.har"), compressed), ""},
	} {
		allExportsAreSame(t, tables, tc.path, tc.says,
			intake.Reader{}, intake.Reader{Keep: failed}, intake.Reader{Strict: true}, intake.Reader{Strict: true, Keep: failed})
		for _, r := range []intake.Reader{{Keep: failed}, {Strict: true}, {Stdin: os.Stdin}, {Stdin: os.Stdin, Keep: failed}} {
			r.Tables = tables
			sameDiagnosisBy(t, r, tc.path, make(map[string]bool))
		}
	}
}

// allExportsAreSame compares the exports of a file by readers, the first of them in all formats, and what is
// said of it each time.
func allExportsAreSame(t *testing.T, tables *aws.Tables, path, says string, readers ...intake.Reader) {
	t.Helper()
	if fulltest.On() {
		readers = append(readers, selections(t)...)
	}
	for i, r := range readers {
		formats := []string{"jsonl", "csv"}
		if i == 0 || fulltest.On() {
			formats = export.Formats()
		}
		r.Tables, r.Whole = tables, true
		if said := sameExports(t, r, path, formats); !strings.Contains(said, says) {
			t.Errorf("%s: %q, want %q", path, said, says)
		}
	}
}

// sameExports compares the exports of what Stream and Read return. It returns what is said of the file.
func sameExports(t *testing.T, r intake.Reader, path string, formats []string) string {
	t.Helper()
	as := export.Writer{Version: "test", HTML: web.New(web.Options{}).Report}
	var said [2]string
	reading := func(i int) intake.Reader {
		cryptotest.SetGlobalRandom(t, 1) // the keys of pseudonyms
		r := r
		r.Notice = func(n intake.Notice) { said[i] += n.Text + "\n" }
		return r
	}
	c, err := reading(0).Read(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	s := reading(1).Stream(t.Context(), path)
	if s == nil {
		t.Fatalf("%s is read whole", path)
	}
	defer s.Close()
	for _, format := range formats {
		var want, got bytes.Buffer
		if err := errors.Join(as.Write(&want, format, c), as.WriteOf(&got, format, s.Capture, s)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want.Bytes(), got.Bytes()) || got.Len() == 0 && c.Selected > 0 {
			t.Errorf("%s of %s with %q, strict %v, differs: %d bytes, want %d", format, path, r.Keep.Text(), r.Strict, got.Len(), want.Len())
		}
	}
	if said[0] != said[1] || s.Capture.Unread != c.Unread || s.Capture.Omitted != c.Omitted {
		t.Errorf("%s: it says %q, want %q; %+v, %+v, want %+v, %+v", path, said[1], said[0], s.Capture.Unread, s.Capture.Omitted, c.Unread, c.Omitted)
	}
	return said[1]
}

// changedFile writes a changed copy of a file.
func changedFile(t *testing.T, path string, change func([]byte) []byte) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "changed-"+filepath.Base(path))
	if err := os.WriteFile(path, change(b), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func compressed(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// ownHAR is a HAR that detour wrote, with a finding that was proved.
func ownHAR(t *testing.T, tables *aws.Tables) string {
	t.Helper()
	c := marked(read(t, tables, filepath.Join("testdata", "judgement", "webkit-sg-drop.har"), true))
	var b bytes.Buffer
	if err := har.Encode(&b, c); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "own.har")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What Stream doesn't open is what can't be read twice, or isn't one HAR: Read reads it as ever.
func TestStream_isNoneOfOtherTexts(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	of := func(name string) string { return filepath.Join("testdata", "judgement", name) }
	empty := changedFile(t, of("epoch.har"), func([]byte) []byte { return nil })
	nothing := changedFile(t, of("epoch.har"), func([]byte) []byte { return []byte(`{"log":{"entries":[]}}`) })
	for _, path := range []string{of("concat.har"), empty, nothing, filepath.Join(t.TempDir(), "none"), t.TempDir(), os.DevNull} {
		r := intake.Reader{Tables: tables, Whole: true, Notice: func(n intake.Notice) { t.Errorf("%s: it says %q", path, n) }}
		if s := r.Stream(t.Context(), path); s != nil {
			s.Close()
			t.Errorf("%s is opened", path)
		}
	}
	r := intake.Reader{Tables: tables, Whole: true, Stdin: strings.NewReader("")}
	if s := r.Stream(t.Context(), "-"); s != nil {
		t.Error("stdin is opened")
	}
}

// A file that changes after it was judged isn't exported as if nothing had happened.
func TestStream_noticesThatAHARChanges(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(path string, size int64) error{
		"cut": func(path string, size int64) error { return os.Truncate(path, size/2) },
		"longer": func(path string, _ int64) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString("\n{}")
			return errors.Join(err, f.Close())
		},
	} {
		path := changedFile(t, filepath.Join("testdata", "judgement", "webkit-half-eni.har"), func(b []byte) []byte { return b })
		s := intake.Reader{Tables: tables, Whole: true}.Stream(t.Context(), path)
		if s == nil {
			t.Fatal("it is read whole")
		}
		defer s.Close()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := change(path, info.Size()); err != nil {
			t.Fatal(err)
		}
		err = readAll(s.Flows())
		if wrong := (*intake.Error)(nil); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "changed while it was read") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// readAll reads flows until there is an error.
func readAll(flows flow.Flows) error {
	for _, err := range flows {
		if err != nil {
			return err
		}
	}
	return nil
}

// A reading that is given up, or interrupted, leaves nothing behind that goes on.
func TestStream_ofAHAREndsEarly(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := intake.Reader{Tables: tables, Whole: true}.Stream(ctx, filepath.Join("testdata", "judgement", "webkit-half-eni.har"))
	if s == nil {
		t.Fatal("it is read whole")
	}
	defer s.Close()
	for f, err := range s.Flows() {
		if f == nil || err != nil {
			t.Fatal(err)
		}
		break
	}
	n := 0
	for _, err = range s.Flows() {
		if n++; n == 3 {
			cancel()
		}
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%d flows, %v", n, err)
	}
	var b bytes.Buffer
	if err := (export.Writer{}).WriteOf(&b, "csv", s.Capture, s); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// harOf writes a HAR of n entries as another program does, of which one in a thousand gets no connection.
func harOf(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "large.har")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(har.EncodeOf(&renamed{w: f}, &flow.Capture{}, made(n)), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// renamed replaces the name of the program that writes a HAR.
type renamed struct {
	w    io.Writer
	done bool
}

func (r *renamed) Write(b []byte) (int, error) {
	to := b
	if !r.done {
		r.done = true
		to = bytes.Replace(b, []byte(`"name":"detour"`), []byte(`"name":"WebInspector"`), 1)
	}
	_, err := r.w.Write(to)
	return len(b), err
}

// made reads so many flows, which are made one by one.
type made int

func (n made) Flows() flow.Flows {
	return func(yield func(*flow.Flow, error) bool) {
		began := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
		for i := 1; i <= int(n); i++ {
			f := storedFlow(i, began.Add(time.Duration(i)*50*time.Millisecond))
			f.Source = flow.SourceHAR
			f.Request.Body = fmt.Appendf(nil, `{"n":%d,"text":"%s"}`, i, strings.Repeat("word ", 200))
			if !yield(f, nil) {
				return
			}
		}
	}
}

func (n made) Bodiless() flow.Flows { return n.Flows() }

func (n made) Some([]flow.ID, bool) flow.Flows { return n.Flows() }

// Of each entry of a HAR, little stays in memory: also where each has a connection of its own.
func TestStream_takesLittleMemoryForEachEntry(t *testing.T) {
	const most = 400 // bytes of a healthy flow, of 3 KB in the file
	flows := fulltest.Or(3000, 20_000)
	small, large := harOf(t, flows/10), harOf(t, flows)
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	r := intake.Reader{Tables: tables, Whole: true}
	few, many := heapOfStream(t, r, small), heapOfStream(t, r, large)
	t.Logf("%d KiB for %d flows, %d KiB for %d", few>>10, flows/10, many>>10, flows)
	if more := many - few; more > int64(flows)*most {
		t.Errorf("%d bytes of a flow", more/int64(flows))
	}
}
