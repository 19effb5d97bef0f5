package diagnose

import (
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestTracker_aFindingNeitherFlapsNorVanishesUnread(t *testing.T) {
	var tr Tracker
	flows := []*flow.Flow{ok(1, logs, "10.0.1.24", "A"), ok(2, logs, "10.0.1.24", "B"), call(3, flow.OriginDirect, logs, "C", "10.0.1.24")}
	a := flow.Finding{Code: "a", Level: flow.LevelProblem, Flows: []flow.ID{1}}
	early := flow.Finding{Code: "b", Level: flow.LevelProblem, Provisional: true, Flows: []flow.ID{1, 2}}
	other := flow.Finding{Code: "c", Level: flow.LevelProblem, Flows: []flow.ID{2, 3}} // 3 has no answer
	advice := flow.Finding{Code: "d", Level: flow.LevelNotice, Flows: []flow.ID{1}}
	gone := flow.Finding{Code: "e", Level: flow.LevelProblem, Flows: []flow.ID{9}}
	for _, step := range []struct {
		at    float64
		found []flow.Finding
		want  string
	}{
		{0, []flow.Finding{a, early, other, gone, advice}, "a b? c e d"},
		{0.5, []flow.Finding{a}, "a b? c e d"}, // held
		{1, []flow.Finding{early}, "b? a c e d"},
		{1.5, nil, "b? a c e d"},
		{3.1, nil, "b resolved a resolved"}, // the others were explained otherwise, or nobody knows
		{200, nil, "b resolved a resolved"},
		{201, []flow.Finding{a}, "a b resolved"}, // again
		{202, nil, "a b resolved"},
		{204, nil, "a resolved b resolved"},
		{600, nil, ""},
	} {
		var got []string
		var found []judged
		for _, f := range step.found {
			found = append(found, judged{Finding: f, was: f.Level})
		}
		for _, f := range tr.update(found, flows, after(step.at), hold) {
			s := f.Code
			if f.Provisional {
				s += "?"
			}
			if f.Resolved {
				s += " resolved"
			}
			got = append(got, s)
		}
		if strings.Join(got, " ") != step.want {
			t.Errorf("at %v s: %q, want %q", step.at, strings.Join(got, " "), step.want)
		}
	}
}

// TestTracker_aCallThatHangsAndIsAnsweredIsResolved: what was a problem so far doesn't vanish when
// the fix comes, and says since when.
func TestTracker_aCallThatHangsAndIsAnsweredIsResolved(t *testing.T) {
	var tr Tracker
	hanging := lateCall(1, dial(1, 0, 0, flow.DialPending, flow.DialPending), 0, 0, false)
	hanging.State, hanging.Failure, hanging.Times.Done = flow.StateConnecting, nil, time.Time{}
	show := func(at float64, f *flow.Flow) flow.Finding {
		t.Helper()
		shown, _ := tr.Judge([]*flow.Flow{f}, after(at))
		if len(shown) != 1 || shown[0].Code != "private-endpoint-unreachable" {
			t.Fatalf("at %v s: %+v", at, shown)
		}
		return shown[0]
	}
	if f := show(5, hanging); f.Level != flow.LevelProblem || !f.Provisional || f.Resolved {
		t.Errorf("%+v", f)
	}
	fixed := lateCall(1, dial(1, 0, 7.1, flow.DialConnected, flow.DialLost), 0, 7.5, true)
	for _, at := range []float64{8, 20, 1000} {
		if f := show(at, fixed); f.Level != flow.LevelNotice || f.Provisional || !f.Resolved || !f.ResolvedAt.Equal(after(7.1)) {
			t.Errorf("%+v", f)
		}
	}
	if f, _ := tr.Conclude([]*flow.Flow{fixed}, after(1001)); len(f) != 1 || !slices.Equal(f[0].Flows, []flow.ID{1}) {
		t.Errorf("%+v", f)
	}
}

// TestTracker_aProblemWhoseFlowsAreGoneIsNotResolved: they were cleared, or dropped for want of room.
func TestTracker_aProblemWhoseFlowsAreGoneIsNotResolved(t *testing.T) {
	var tr Tracker
	before := story()
	first, _ := tr.Judge(before, after(60))
	for _, at := range []float64{61, 65, 3000} {
		for _, flows := range [][]*flow.Flow{nil, {relayed(20)}} { // the console alone goes on
			shown, _ := tr.Judge(flows, after(at))
			if len(shown) != 1 || shown[0].Level != flow.LevelProblem || shown[0].Resolved || shown[0].Provisional ||
				!slices.Equal(shown[0].Flows, first[0].Flows) || shown[0].Confidence != first[0].Confidence {
				t.Fatalf("at %v s: %+v", at, shown)
			}
			if n := len(shown[0].Because); n != len(first[0].Because)+1 || shown[0].Because[n-1] != isGone {
				t.Errorf("at %v s: because %q", at, shown[0].Because)
			}
		}
	}
	half := []*flow.Flow{answered(31, flow.OriginDirect, logs, "10.0.1.24", "DescribeLogGroups")}
	moveTo(half[0], 3100)
	if shown, _ := tr.Judge(half, after(3100)); len(shown) != 1 || shown[0].Resolved {
		t.Errorf("one of two hosts has answered since: %+v", shown)
	}
	both := append(half, answered(32, flow.OriginDirect, metrics, "10.0.1.23", "GetMetricData"))
	moveTo(both[1], 3110)
	shown, _ := tr.Judge(both, after(3120))
	if len(shown) != 1 || !shown[0].Resolved || shown[0].Level != flow.LevelNotice || len(shown[0].Asks) != 0 || slices.Contains(shown[0].Because, isGone) {
		t.Fatalf("both have: %+v", shown)
	}
	if shown, _ = tr.Judge(nil, after(3130)); len(shown) != 1 || !shown[0].Resolved { // cleared once more
		t.Errorf("a finding that is resolved is open again: %+v", shown)
	}
	if shown, _ = tr.Judge(nil, after(4000)); len(shown) != 0 {
		t.Errorf("%+v", shown)
	}
}

// moveTo moves an answered flow to an instant.
func moveTo(f *flow.Flow, s float64) {
	moved := *f.Conn
	moved.Start, moved.Attempts = after(s), slices.Clone(f.Conn.Attempts)
	moved.Attempts[0].Start, moved.Attempts[0].Took = after(s), 20*time.Millisecond
	f.Conn, f.Times = &moved, flow.Times{Start: after(s), Done: after(s + 1)}
}

// New flows of the same pattern and those that are gone are one finding.
func TestTracker_whatIsGoneAndWhatIsNewIsOneFinding(t *testing.T) {
	var tr Tracker
	tr.Judge(story(), after(60))
	again := call(40, flow.OriginDirect, logs, "DescribeLogGroups", "10.0.1.24")
	shown, _ := tr.Judge([]*flow.Flow{again}, after(70))
	if len(shown) != 1 || !slices.Equal(shown[0].Hosts, []string{logs, metrics}) || !slices.Contains(shown[0].Flows, 40) {
		t.Errorf("%+v", shown)
	}
}

func TestTracker_keepsSoManyFlows(t *testing.T) {
	var tr Tracker
	var flows []*flow.Flow
	for id := range flow.ID(3 * maxKept) {
		flows = append(flows, call(id+1, flow.OriginDirect, logs, "A", "10.0.1.24"))
	}
	tr.Judge(flows, after(60))
	shown, _ := tr.Judge(nil, after(61))
	if len(shown) != 1 || len(shown[0].Flows) != maxKept || len(tr.kept) != maxKept {
		t.Errorf("%d findings, %d flows are kept", len(shown), len(tr.kept))
	}
}
