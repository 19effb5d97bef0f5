package diagnose

import (
	"testing"
	"time"

	"detour/internal/flow"
)

func TestRun_neverNeedsAConnection(t *testing.T) {
	start := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	kinds := append(flow.FailureKinds(), "")
	for _, source := range []flow.Source{flow.SourceProxy, flow.SourceHAR, flow.SourceProbe} {
		for _, kind := range kinds {
			for _, state := range []flow.State{flow.StateDone, flow.StateConnecting, flow.StateWaiting} {
				for _, stage := range []flow.Stage{flow.StageDNS, flow.StageDial, flow.StageTLS, flow.StageUpstreamProxy, flow.StageWait, flow.StageProxy} {
					f := &flow.Flow{
						ID: 1, Source: source, State: state, Origin: flow.OriginDirect, AWS: &flow.AWS{Service: "monitoring", Region: "eu-central-1"},
						Request: flow.Request{Method: "POST", URL: "https://monitoring.eu-central-1.amazonaws.com/"},
						Times:   flow.Times{Start: start, Done: start.Add(time.Minute)},
					}
					if state == flow.StateDone {
						f.Failure = &flow.Failure{Stage: stage, Kind: kind, Message: "no connection"}
					}
					Codes(f)
					Run([]*flow.Flow{f}, start.Add(time.Hour))
					for _, status := range []int{200, 403, 407, 429, 503} {
						f.State, f.Failure, f.Response = flow.StateDone, nil, &flow.Response{Status: status}
						Codes(f)
						Run([]*flow.Flow{f}, start.Add(time.Hour))
					}
				}
			}
		}
	}
}
