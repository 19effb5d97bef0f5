package intake_test

import (
	"bytes"
	"io"
	"testing"

	"detour/internal/export"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/fulltest"
	"detour/internal/intake"
	"detour/internal/report"
	"detour/ui/web"
)

// An export of a capture that is read several times has the bytes of one whose flows are in memory, in
// every format.
func TestStream_isExportedAsWhatReadReturns(t *testing.T) {
	tables := loadTables(t)
	files := recordedHARs(t, judgement)
	if !fulltest.On() {
		files = files[:2]
	}
	as := export.Writer{Version: "test", HTML: web.New(web.Options{}).Report}
	same := func(r intake.Reader, path string, formats ...string) {
		r.Tables, r.Whole = tables, true
		c, s := bothWays(t, r, path)
		defer s.Close()
		for _, format := range formats {
			var want, got bytes.Buffer
			if err := as.Write(&want, format, c); err != nil {
				t.Fatal(err)
			}
			if err := as.WriteOf(&got, format, s.Capture, s); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want.Bytes(), got.Bytes()) || got.Len() == 0 && c.Selected > 0 {
				t.Errorf("%s of %s with %q, marked %v, strict %v, differs: %d bytes, want %d",
					format, path, r.Keep.Text(), r.Marked, r.Strict, got.Len(), want.Len())
			}
		}
	}
	for i, path := range files {
		path := recordedFrom(t, marked(read(t, tables, path, true)))
		same(intake.Reader{}, path, export.Formats()...)
		formats := []string{"jsonl", "md"}
		switch {
		case fulltest.On():
			formats = export.Formats()
		case i > 0:
			continue
		}
		for _, r := range selections(t) {
			same(r, path, formats...)
		}
	}
	path, formats := captureOf(t, fulltest.Or(510, 3000)), []string{"har"} // the 500th flow fails
	same(intake.Reader{}, path, export.Formats()...)
	if fulltest.On() {
		formats = export.Formats()
	}
	same(intake.Reader{Strict: true}, path, formats...)
	failed, err := filter.Parse("NOT status:200")
	if err != nil {
		t.Fatal(err)
	}
	same(intake.Reader{Strict: true, Keep: failed}, path, export.Formats()...)
}

// marked returns a capture in which flows are marked, and whose findings were proved.
func marked(c *flow.Capture) *flow.Capture {
	for i, f := range c.Flows {
		f.Marked = i%3 == 0
	}
	for i := range c.Findings {
		c.Findings[i].Proof = &flow.Proof{Verdict: flow.Proven, Says: "the security group sg-1 has no rule"}
	}
	return c
}

// selections select all flows strictly, none, and some: by what they have in headers, in bodies, and in findings.
func selections(t *testing.T) []intake.Reader {
	t.Helper()
	out := []intake.Reader{{Strict: true}, {Marked: true}, {Marked: true, Strict: true}}
	for i, x := range []string{"status:200", "is:finding", "NOT finding:private", "content-type", "host:nowhere.example", "finding:e is:finding"} {
		keep, err := filter.Parse(x)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, intake.Reader{Keep: keep, Marked: i == 2, Strict: i == 1 || i == 3})
	}
	return out
}

// heapOfBundle is the most that the heap has, after collections, while a bundle is written.
func heapOfBundle(t *testing.T, path string) int64 {
	t.Helper()
	s := intake.Reader{Whole: true}.Stream(t.Context(), path)
	if s == nil {
		t.Fatal("it is read whole")
	}
	defer s.Close()
	w := &heapWatcher{}
	as := export.Writer{HTML: func(io.Writer, *flow.Capture, flow.Reader, report.Documents) error { return nil }}
	if err := as.WriteOf(w, "bundle", s.Capture, s); err != nil {
		t.Fatal(err)
	}
	if w.most == 0 {
		t.Fatalf("%d bytes are too few to tell", w.written)
	}
	return w.most
}

// A heapWatcher looks at the heap now and then while it is written to.
type heapWatcher struct {
	most    int64
	written int
}

func (h *heapWatcher) Write(b []byte) (int, error) {
	const every = 16 << 10
	if h.written/every != (h.written+len(b))/every {
		h.most = max(h.most, liveHeap())
	}
	h.written += len(b)
	return len(b), nil
}
