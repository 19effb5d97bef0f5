package report

import (
	"strings"
	"testing"

	"detour/internal/diagnose"
	"detour/internal/flow"
)

// TestProof_countsCallsByWhenTheySucceeded: one that began before the failures and was answered after
// the fix shows it as well as a new one; one that was answered before shows nothing.
func TestProof_countsCallsByWhenTheySucceeded(t *testing.T) {
	c := fixed()
	late := call(2, 100, flow.OriginDirect, metricsHost, "GetMetricData", "10.0.1.23", "10.0.2.23")
	late.Times.Done = at(60_000)
	early := call(3, 200, flow.OriginDirect, metricsHost, "GetMetricData", "10.0.1.23", "10.0.2.23")
	c.Flows[1], c.Flows[2] = late, early
	c.Findings = diagnose.Run(c.Flows, at(120_000))
	got := written(t, "md", c)
	const want = "after: 3 requests to the same hosts succeeded, the first one at 10:29:00.000: \\#<!-- -->2 "
	if !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}
