package table

import (
	"testing"

	"detour/internal/flow"
)

// TestCall_aPreflightSaysWhatItWasFor: a call that was never sent has no row of its own.
func TestCall_aPreflightSaysWhatItWasFor(t *testing.T) {
	of := func(ops ...string) *flow.PreflightOf {
		return &flow.PreflightOf{Operations: ops, By: flow.PreflightByBeacon}
	}
	for want, f := range map[string]*flow.Flow{
		"CloudWatch preflight":                          {State: flow.StateConnecting, AWS: &flow.AWS{}},
		"CloudWatch preflight; the call was never sent": {State: flow.StateDone, AWS: &flow.AWS{}},
		"preflight of GetMetricData":                    {State: flow.StateDone, AWS: &flow.AWS{PreflightOf: of("GetMetricData")}},
		"preflight of DescribeAlarms or GetMetricData":  {State: flow.StateDone, AWS: &flow.AWS{PreflightOf: of("DescribeAlarms", "GetMetricData")}},
		"CloudWatch GetMetricData (preflight)":          {State: flow.StateDone, AWS: &flow.AWS{Operation: "GetMetricData"}},
	} {
		f.Request.Method = "OPTIONS"
		f.AWS.Service, f.AWS.ServiceName, f.AWS.DecodedBy = "monitoring", "CloudWatch", "preflight"
		if got := Call(f); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
