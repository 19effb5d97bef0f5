package compare

import (
	"testing"

	"detour/internal/flow"
)

// TestCaptures_aHostThatAnswersEveryCallIsBetter: the calls of preflights without an answer aren't
// known, so the ones that are answered have other names.
func TestCaptures_aHostThatAnswersEveryCallIsBetter(t *testing.T) {
	silent := call(metricsHost, "", "10.0.1.23")
	silent.Request.Method = "OPTIONS"
	broken, fixed := about(flow.LevelProblem, false, with(silent, underWay)), capture(call(metricsHost, "GetMetricData", "10.0.1.23"))
	if d := Captures(broken, fixed); len(d.Hosts) != 1 || d.Hosts[0].Trend != Better || d.Worse() {
		t.Errorf("not better: %+v", d.Hosts)
	}
	if d := Captures(fixed, broken); len(d.Hosts) != 1 || d.Hosts[0].Trend != Worse || !d.Worse() {
		t.Errorf("not worse: %+v", d.Hosts)
	}
	half := capture(call(metricsHost, "GetMetricData", "10.0.1.23"), with(call(metricsHost, "DescribeAlarms", "10.0.1.23"), fails(flow.StageDial)))
	if d := Captures(broken, half); d.Hosts[0].Trend == Better {
		t.Errorf("one of its calls fails: %+v", d.Hosts)
	}
}

// TestCaptures_whatABrowserAsksForByItselfIsNotWorse: it isn't AWS's, and each run has others.
func TestCaptures_whatABrowserAsksForByItselfIsNotWorse(t *testing.T) {
	noise := with(call("clients2.google.com", "", "203.0.113.9"), fails(flow.StageDNS))
	noise.Origin, noise.AWS = flow.OriginOther, nil
	ok := call(metricsHost, "GetMetricData", "10.0.1.23")
	if d := Captures(capture(ok), capture(call(metricsHost, "GetMetricData", "10.0.1.23"), noise)); d.Worse() {
		t.Errorf("%+v", d.Hosts)
	}
}
