package diagnose

import (
	"testing"
	"time"

	"detour/internal/flow"
)

// The browser's own requests, say for updates, never leave many company networks. That they fail
// while calls to one service hang is no sign that the network is gone; that a host which has
// responded before fails as well is one.
func TestNothingAnswers_isNotShownByAHostThatNeverResponded(t *testing.T) {
	const update = "update.googleapis.com"
	other := func(id flow.ID, change func(f *flow.Flow)) *flow.Flow {
		f := call(id, flow.OriginOther, update, "", "198.51.100.7")
		f.AWS, f.Times.Start = nil, t0.Add(time.Second)
		f.Times.Done = f.Times.Start.Add(4 * time.Second)
		return with(f, change)
	}
	fails := func(o flow.DNSOutcome) func(f *flow.Flow) {
		return func(f *flow.Flow) {
			f.Failure.Stage, f.Conn.Resolution.Outcome, f.Conn.Resolution.Addrs, f.Conn.Attempts = flow.StageDNS, o, nil, nil
		}
	}
	silent := func(*flow.Flow) {}
	before := answered(1, flow.OriginOther, update, "198.51.100.7", "")
	before.AWS = nil
	for name, c := range map[string]struct {
		flows []*flow.Flow
		want  string
	}{
		"its name doesn't exist":         {[]*flow.Flow{other(4, fails(flow.DNSNXDomain))}, "private-endpoint-unreachable"},
		"its nameserver fails":           {[]*flow.Flow{other(4, fails(flow.DNSServFail))}, "private-endpoint-unreachable"},
		"its addresses are silent":       {[]*flow.Flow{other(4, silent)}, "private-endpoint-unreachable"},
		"it responded before, and fails": {[]*flow.Flow{before, other(4, silent)}, "nothing-answers"},
	} {
		hangs := call(3, flow.OriginDirect, logs, "A", private)
		hangs.State, hangs.Failure, hangs.Times.Done = flow.StateConnecting, nil, time.Time{}
		hangs.Times.Start = t0.Add(time.Second)
		flows := append([]*flow.Flow{relayed(2), hangs}, c.flows...)
		found := Run(flows, t0.Add(9*time.Second))
		if len(found) == 0 || found[0].Code != c.want {
			t.Errorf("%s: %+v, want %s first", name, found, c.want)
		}
	}
}
