package table

import (
	"testing"

	"detour/internal/flow"
)

// TestFinding_aFlowBelongsToWhatListsIt: a notice about flows that work, too, and a judgement of all
// flows rather than of one alone.
func TestFinding_aFlowBelongsToWhatListsIt(t *testing.T) {
	alone := &flow.Flow{Findings: []string{"connect-timeout"}}
	for _, c := range []struct {
		row  Row
		want string
	}{
		{Row{Flow: alone}, "connect-timeout"},
		{Row{Flow: alone, Codes: []string{"direct-calls-unanswered", "tls-intercepted"}}, "direct-calls-unanswered"},
		{Row{Flow: &flow.Flow{}, Codes: []string{"tls-intercepted"}}, "tls-intercepted"},
		{Row{Flow: &flow.Flow{}}, ""},
	} {
		g, _ := GroupingNamed("finding")
		if got := g.Key(c.row); got != c.want {
			t.Errorf("the group of %v is %q, want %q", c.row.Codes, got, c.want)
		}
	}
}
