package diagnose

import (
	"testing"
	"time"

	"detour/internal/flow"
)

// A VPN goes down under kept connections: the requests on them wait until a ping of HTTP/2 isn't
// answered, and the client waits as long, as a browser does.
func TestNothingAnswers_keptConnectionsThatFellSilentAreNoProxyOnThePath(t *testing.T) {
	for kind, want := range map[flow.FailureKind]string{flow.KindResponseTimeout: "nothing-answers", "": "request-unanswered"} {
		flows := []*flow.Flow{
			answered(1, flow.OriginConsole, "ap-northeast-1.console.aws.amazon.com", "203.0.113.1", "X"),
			answered(2, flow.OriginDirect, "logs.ap-northeast-1.amazonaws.com", "10.0.1.9", "X"),
		}
		for i, f := range []*flow.Flow{flows[0], flows[1]} {
			f.Times.FirstByte, f.Times.Done = f.Times.Start.Add(time.Second), f.Times.Start.Add(time.Second)
			hung := *f
			start := f.Times.Start.Add(time.Minute)
			hung.ID, hung.Reused, hung.Response = flow.ID(i+3), true, nil
			hung.Times = flow.Times{Start: start, GotConn: start, WroteRequest: start, Done: start.Add(45 * time.Second)}
			hung.Failure = &flow.Failure{Stage: flow.StageWait, Kind: kind, Message: "the connection was lost"}
			flows = append(flows, &hung)
		}
		found := Run(flows, t0.Add(2*time.Minute))
		if len(found) == 0 || found[0].Code != want {
			t.Errorf("%q: %+v, want %s first", kind, found, want)
		}
	}
}
