package diagnose

import (
	"slices"
	"strings"
	"testing"

	"detour/internal/flow"
)

// hangs is a call whose connects hang from 0 to an instant, and whose last SYNs were sent 69 s after
// the first ones, as Linux does since 6.5: five a second apart, then after 2, 4, 8, 16 and 34 s more.
func hangs(id flow.ID, to float64, o flow.DialOutcome) *flow.Flow {
	c := dial(id, 0, to, o, o)
	for i := range c.Attempts {
		c.Attempts[i].Kernel = &flow.KernelTCP{SYNRetransmits: 10, State: "SYN-SENT"}
		if o == flow.DialPending {
			c.Attempts[i].Took = 0
		}
	}
	f := lateCall(id, c, 0, to, false)
	f.Failure = &flow.Failure{Stage: flow.StageDial, Message: "timeout"}
	if o == flow.DialPending {
		f.State, f.Failure, f.Times.Done = flow.StateConnecting, nil, f.Times.FirstByte
	}
	return f
}

// TestRun_aCallThatMissedTheFixDoesNotReopenTheFinding: its last SYN was sent before the fix. That
// its connect ends a minute later says nothing about the minute.
func TestRun_aCallThatMissedTheFixDoesNotReopenTheFinding(t *testing.T) {
	both := func(s float64, n int) []flow.Later {
		return []flow.Later{watched(s, "10.0.1.23", n), watched(s, "10.0.2.23", n)}
	}
	seen := slices.Concat(both(79, 1), both(89, 3))
	for name, c := range map[string]struct {
		call *flow.Flow
		now  float64
	}{
		"while it hangs":         {hangs(1, 0, flow.DialPending), 95},
		"and still does":         {hangs(1, 0, flow.DialPending), 130},
		"when its connect fails": {hangs(1, 134.8, flow.DialTimeout), 200},
	} {
		c.call.Later = seen
		found := Run([]*flow.Flow{c.call}, after(c.now))
		if len(found) != 1 || !found[0].Resolved || !found[0].ResolvedAt.Equal(after(79.01)) {
			t.Errorf("%s: %+v", name, found)
		}
	}
	again := hangs(2, 0, flow.DialTimeout) // a newer call sent SYNs after the fix
	again.Conn.Start, again.Times.Start, again.Times.Done = after(85), after(85), after(89)
	for i := range again.Conn.Attempts {
		a := &again.Conn.Attempts[i]
		a.Start, a.Took, a.Kernel = after(85), after(89).Sub(after(85)), &flow.KernelTCP{SYNRetransmits: 3}
	}
	missed := hangs(1, 134.8, flow.DialTimeout)
	missed.Later = both(79, 3)
	if found := Run([]*flow.Flow{missed, again}, after(200)); len(found) != 1 || found[0].Resolved {
		t.Errorf("a call that began after it failed: %+v", found)
	}
}

// TestRun_aCheckWhileACallHangsIsEvidence: a test that fails shows no less because a call still waits.
func TestRun_aCheckWhileACallHangsIsEvidence(t *testing.T) {
	f := hangs(1, 0, flow.DialPending)
	f.Later = []flow.Later{checkedAt(24, flow.LaterProbe, "10.0.1.23", flow.DialTimeout), checkedAt(24, flow.LaterProbe, "10.0.2.23", flow.DialTimeout)}
	found := Run([]*flow.Flow{f}, after(60))
	if want := metrics + ": checked again at 10:28:29 UTC: 0 of 2 addresses responded"; len(found) != 1 || !slices.Contains(found[0].Because, want) {
		t.Errorf("no %q in %+v", want, found)
	}
}

// TestRun_theSYNThatWasAnsweredIsNotCountedAsLost: what is said to have got no response had none.
func TestRun_theSYNThatWasAnsweredIsNotCountedAsLost(t *testing.T) {
	c := dial(1, 0, 69, flow.DialConnected, flow.DialLost)
	c.Attempts[0].Kernel = &flow.KernelTCP{SYNRetransmits: 10, RTT: c.Attempts[0].Kernel.RTT}
	c.Attempts[1].Kernel = &flow.KernelTCP{SYNRetransmits: 9}
	found := Run([]*flow.Flow{lateCall(1, c, 0, 70, true)}, after(200))
	if len(found) != 1 || !strings.Contains(strings.Join(found[0].Because, "\n"), ", 10 SYNs each") {
		t.Errorf("%+v", found)
	}
	if c.Attempts[0].Kernel.SYNRetransmits != 10 {
		t.Error("the record was written to")
	}
}

// TestRun_aFixedProblemComesBeforeNotices: it is what the run was about.
func TestRun_aFixedProblemComesBeforeNotices(t *testing.T) {
	failed := call(1, flow.OriginDirect, metrics, "GetMetricData", "10.0.1.23", "10.0.2.23")
	works := lateCall(2, dial(2, 20, 20.1, flow.DialConnected, flow.DialLost), 20, 21, true)
	works.Page = "https://ap-northeast-1.console.aws.amazon.com/cloudwatch/home"
	works.Source, works.Request.Method = flow.SourceProxy, "POST"
	var codes []string
	for _, f := range Run([]*flow.Flow{failed, works}, after(200)) {
		codes = append(codes, f.Code)
	}
	if got := strings.Join(codes, " "); got != "private-endpoint-unreachable local-network-access-ahead" {
		t.Error(got)
	}
}

// TestRun_whatThePageMeasuredOfARecordedCallIsNoFindingOfItsOwn: the record has its connects.
func TestRun_whatThePageMeasuredOfARecordedCallIsNoFindingOfItsOwn(t *testing.T) {
	failed := hangs(1, 134.8, flow.DialTimeout)
	beacon := func(operation string) *flow.Flow {
		f := answered(2, flow.OriginTelemetry, "ap-northeast-1.console.aws.amazon.com", "203.0.113.10", operation)
		f.AWS.Measured, f.Times.Start = after(134.9).Sub(after(0)), after(134.9)
		return f
	}
	for operation, want := range map[string]string{
		"GetMetricData": "private-endpoint-unreachable", "AnotherCall": "private-endpoint-unreachable page-measured-timeouts",
	} {
		var codes []string
		for _, f := range Run([]*flow.Flow{failed, beacon(operation)}, after(200)) {
			codes = append(codes, f.Code)
		}
		if got := strings.Join(codes, " "); got != want {
			t.Errorf("%s: %s, want %s", operation, got, want)
		}
	}
}

// TestRun_theAddressThatAcceptedACallResponds: only the loser of the race is checked separately.
func TestRun_theAddressThatAcceptedACallResponds(t *testing.T) {
	f := lateCall(1, dial(1, 0, 15.1, flow.DialConnected, flow.DialLost), 0, 16, true)
	f.Later = []flow.Later{checkedAt(15.2, flow.LaterLoser, "10.0.2.23", flow.DialConnected)}
	found := Run([]*flow.Flow{f}, after(200))
	if want := metrics + ": checked again: 2 of 2 addresses respond since 10:28:15 UTC"; len(found) != 1 || !found[0].Resolved ||
		!slices.Contains(found[0].Because, want) {
		t.Errorf("no %q in %+v", want, found)
	}
}
