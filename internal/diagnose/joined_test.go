package diagnose

import (
	"testing"
	"time"

	"detour/internal/flow"
)

// A HAR says of some calls only that they failed. They are explained by others to the same host, even
// where a rule asks what DNS returned, which the HAR doesn't say of them.
func TestRun_aCallOfWhichLittleIsKnownIsJoined(t *testing.T) {
	fromHAR := func(f *flow.Flow) { f.Source, f.Exporter = flow.SourceHAR, flow.ExporterChromium }
	little := func() *flow.Flow {
		return with(call(2, flow.OriginConsole, consoleHost, "DescribeInstances"), func(f *flow.Flow) {
			fromHAR(f)
			f.Conn.Resolution, f.Conn.Attempts = nil, nil
			f.Failure = &flow.Failure{Stage: flow.StageWait, Kind: flow.KindUnknown}
		})
	}
	for code, known := range map[string]*flow.Flow{
		"private-endpoint-unreachable": with(call(1, flow.OriginConsole, consoleHost, "DescribeInstances", "10.0.1.23"), fromHAR),
		"sinkholed":                    with(call(1, flow.OriginConsole, consoleHost, "DescribeInstances", "0.0.0.0"), fromHAR),
	} {
		found := Run([]*flow.Flow{known, little()}, t0.Add(time.Hour))
		if len(found) == 0 || found[0].Code != code || len(found[0].Flows) != 2 {
			t.Errorf("%d findings, not %s for both", len(found), code)
		}
	}
}
