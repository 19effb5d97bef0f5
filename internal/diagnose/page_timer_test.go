package diagnose

import (
	"testing"
	"time"

	"detour/internal/flow"
)

// A page's own timeout ends each call after the same time. Calls of a page that was left end at
// one moment, and say nothing.
func TestGivenUp_aTimerOfThePageIsToldFromAPageThatIsLeft(t *testing.T) {
	const s = time.Second
	cancelled := func(id flow.ID, start, took time.Duration) *flow.Flow {
		f := inHAR(id, flow.OriginDirect, metrics, "GetMetricData", flow.KindAborted, took)
		f.Times.Start, f.Times.Done = t0.Add(start), t0.Add(start+took)
		return f
	}
	for name, test := range map[string]struct {
		flows []*flow.Flow
		want  string
	}{
		"a timer":               {[]*flow.Flow{cancelled(2, s, 4*s), cancelled(3, 2*s, 4*s)}, "calls-failed"},
		"left":                  {[]*flow.Flow{cancelled(2, s, 5*s), cancelled(3, 2*s, 4*s)}, ""},
		"left, begun at once":   {[]*flow.Flow{cancelled(2, s, 4*s), cancelled(3, s, 4*s)}, ""},
		"a single one":          {[]*flow.Flow{cancelled(2, s, 4*s)}, ""},
		"a person's, too quick": {[]*flow.Flow{cancelled(2, s, 2*s), cancelled(3, 2*s, 2*s)}, ""},
	} {
		page := with(answered(1, flow.OriginConsole, consoleHost, "203.0.113.10", ""), func(f *flow.Flow) { f.Source, f.AWS = flow.SourceHAR, nil })
		found := Run(append([]*flow.Flow{page}, test.flows...), t0.Add(time.Hour))
		switch {
		case test.want == "" && len(found) > 0:
			t.Errorf("%s: %v", name, codesOf(found))
		case test.want != "" && (len(found) != 1 || found[0].Code != test.want || len(found[0].Flows) != 2):
			t.Errorf("%s: %v, want %s", name, codesOf(found), test.want)
		case test.want != "":
			if want := metrics + ": the client gave up 2 requests after 4.0 s without a response, " +
				"and the record doesn't show what it waited for"; found[0].Title != want {
				t.Errorf("%s: %q", name, found[0].Title)
			}
		}
	}
}

// One call that was cancelled after seconds, of a host that answers nothing else: no cause is named.
func TestGivenUp_aSingleCallOfASilentHostHasNoCause(t *testing.T) {
	f := inHAR(1, flow.OriginDirect, metrics, "GetMetricData", flow.KindAborted, 4*time.Second)
	later := with(relayed(2), func(f *flow.Flow) { f.Source, f.Times.Start = flow.SourceHAR, t0.Add(10*time.Second) })
	found := Run([]*flow.Flow{f, later}, t0.Add(time.Hour))
	want := metrics + ": the client gave up 1 request after 4.0 s without a response, and the record doesn't show what it waited for"
	if len(found) != 1 || found[0].Code != "calls-failed" || found[0].Title != want || found[0].Confidence != flow.ConfidenceLow {
		t.Errorf("%+v", found)
	}
}
