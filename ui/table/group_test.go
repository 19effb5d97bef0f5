package table

import (
	"testing"
	"time"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

// TestGroups_aPendingFlowIsPendingAlone: it may be in a problem, but it hasn't failed; and its
// time so far counts as the slowest. A response that a finding is about isn't a failure.
func TestGroups_aPendingFlowIsPendingAlone(t *testing.T) {
	flows := flowtest.Story(true)
	flows[4] = flowtest.Story(false)[4] // one of the two stuck calls still connects
	answered := flowtest.Answered(flowtest.Call(10, flowtest.At(0), flow.OriginDirect, stuckHost, "monitoring", "CloudWatch", "ListMetrics"),
		200, time.Second)
	left := flowtest.TimedOut(flowtest.Story(false)[3], 6*time.Second)
	left.Failure.Stage = flow.StageClient
	brief := flowtest.TimedOut(flowtest.Story(false)[3], time.Second)
	brief.Failure = &flow.Failure{Stage: flow.StageClient}
	flows = append(flows, answered, left, brief)
	row := func(f *flow.Flow) Row {
		r := Row{Flow: f, Now: flowtest.At(13_300)}
		if Host(f) == stuckHost {
			r.Claim = flow.LevelProblem
		}
		return r
	}
	for _, g := range GroupBy("host", flows, row, Order{}) {
		if g.Key != stuckHost {
			continue
		}
		if g.flows != 5 || g.failed != 2 || g.errors != 0 || g.pending != 1 {
			t.Errorf("%d flows, %d failed, %d errors, %d pending; want 5, 2, 0 and 1", g.flows, g.failed, g.errors, g.pending)
		}
		for _, c := range groupColumns("host") {
			if c.Name == "slowest" {
				if got := c.cell(g, row(g.Worst)).text; got != "12 s…" {
					t.Errorf("slowest is %q, want the pending one's time so far", got)
				}
			}
		}
	}
}

const stuckHost = "monitoring.ap-northeast-1.amazonaws.com"
