package report

import (
	"strings"
	"testing"

	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/report/reporttest"
)

// TestProof_countsCallsByWhenTheySucceeded: one that began before the failures and was answered after
// the fix shows it as well as a new one; one that was answered before shows nothing.
func TestProof_countsCallsByWhenTheySucceeded(t *testing.T) {
	c := reporttest.Fixed()
	late := reporttest.Call(2, 100, flow.OriginDirect, reporttest.MetricsHost, "GetMetricData", "10.0.1.23", "10.0.2.23")
	late.Times.Done = reporttest.At(60_000)
	early := reporttest.Call(3, 200, flow.OriginDirect, reporttest.MetricsHost, "GetMetricData", "10.0.1.23", "10.0.2.23")
	c.Flows[1], c.Flows[2] = late, early
	c.Findings = diagnose.Run(c.Flows, reporttest.At(120_000))
	got := written(t, "md", c)
	const want = "after: 3 requests to the same hosts succeeded, the first one at 10:29:00.000: \\#<!-- -->2 "
	if !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}
