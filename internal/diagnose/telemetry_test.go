package diagnose

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// A filter that stops telemetry alone, in the browser, in DNS or on the path, breaks no page.
func TestRun_telemetryAloneIsANoticeWhateverStopsIt(t *testing.T) {
	const rum = "dataplane.rum.ap-northeast-1.amazonaws.com"
	stopped := func(ip string, by flow.DialOutcome) *flow.Flow {
		return outcomes(call(1, flow.OriginTelemetry, rum, "", ip), time.Second, by)
	}
	for name, f := range map[string]*flow.Flow{
		"by the browser": inHAR(1, flow.OriginTelemetry, rum, "", flow.KindBlockedByClient, time.Second),
		"by a firewall":  call(1, flow.OriginTelemetry, rum, "", public),
		"by a refusal":   stopped(public, flow.DialRefused),
		"by the route":   stopped(public, flow.DialUnreachable),
		"in DNS":         stopped("0.0.0.0", flow.DialRefused),
	} {
		found := Run([]*flow.Flow{f}, t0.Add(time.Hour))
		if len(found) == 0 {
			t.Errorf("%s: silence", name)
		}
		for _, found := range found {
			if found.Level != flow.LevelNotice || !strings.Contains(found.Title, "telemetry") {
				t.Errorf("%s: %s: %s", name, found.Level, found.Title)
			}
		}
	}
	both := []*flow.Flow{stopped(public, flow.DialRefused), outcomes(call(2, flow.OriginDirect, logs, "A", public), time.Second, flow.DialRefused)}
	if found := Run(both, t0.Add(time.Hour)); len(found) != 1 || found[0].Level != flow.LevelProblem {
		t.Errorf("a call as well: %+v", found)
	}
}
