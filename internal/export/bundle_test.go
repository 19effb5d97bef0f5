package export

import (
	"io"
	"testing"

	"detour/internal/flow"
	"detour/internal/report"
	"detour/internal/report/reporttest"
)

// A readings counts how often flows are read.
type readings struct {
	flow.Reader
	n *int
}

func (r readings) Flows() flow.Flows    { return r.count(r.Reader.Flows()) }
func (r readings) Bodiless() flow.Flows { return r.count(r.Reader.Bodiless()) }

func (r readings) count(flows flow.Flows) flow.Flows {
	return func(yield func(*flow.Flow, error) bool) {
		*r.n++
		flows(yield)
	}
}

// The files of a bundle have one report, for which the flows are read once: nothing is resolved. The HAR
// reads them three times with its pages, and JSON Lines and CSV once each.
func TestBundle_readsTheFlowsForOneReport(t *testing.T) {
	n, c := 0, reporttest.Story()
	html := func(_ io.Writer, _ *flow.Capture, _ flow.Reader, d report.Documents) error {
		if d.Whole.Flows != len(c.Flows) {
			t.Errorf("the page has the report of %d flows", d.Whole.Flows)
		}
		return nil
	}
	if err := (Writer{HTML: html}).WriteOf(io.Discard, "bundle", c, readings{c.Reader(), &n}); err != nil {
		t.Fatal(err)
	}
	if want := 1 + 3 + 2; n != want {
		t.Errorf("the flows are read %d times, want %d", n, want)
	}
}
