package report

import (
	"slices"
	"testing"

	"detour/internal/flow"
)

// TestReachable_countsEveryResponse: also those of affected calls, or the count contradicts the table
// of the calls.
func TestReachable_countsEveryResponse(t *testing.T) {
	c := &flow.Capture{
		Flows: []*flow.Flow{
			{ID: 1, State: flow.StateDone, Origin: flow.OriginDirect, Response: &flow.Response{Status: 200}, Findings: []string{"x"}},
			{ID: 2, State: flow.StateDone, Origin: flow.OriginDirect, Response: &flow.Response{Status: 200}},
			{ID: 3, State: flow.StateDone, Origin: flow.OriginDirect, Failure: &flow.Failure{Stage: flow.StageDial}},
		},
	}
	var lines []string
	s, err := newSurvey(c, c.Each())
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range s.reachable().Blocks {
		lines = append(lines, b.Lines...)
	}
	if want := "direct-endpoint: 2 of 3 requests got a response, 1 of them affected"; !slices.Contains(lines, want) {
		t.Errorf("%q, want %q", lines, want)
	}
}
