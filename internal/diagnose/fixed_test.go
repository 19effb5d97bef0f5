package diagnose

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// after is an instant of a test's run.
func after(s float64) time.Time { return t0.Add(time.Duration(s * float64(time.Second))) }

// dial is a connection whose connects to the story's two addresses of metrics began and ended so.
func dial(id flow.ID, from, to float64, outcomes ...flow.DialOutcome) *flow.Conn {
	c := call(id, flow.OriginDirect, metrics, "GetMetricData", "10.0.1.23", "10.0.2.23").Conn
	c.Start = after(from)
	for i := range c.Attempts {
		a := &c.Attempts[i]
		a.Start, a.Outcome, a.Took, a.Kernel = c.Start, outcomes[i], after(to).Sub(c.Start), nil
	}
	if w := c.Winner(); w != nil {
		w.Kernel = &flow.KernelTCP{RTT: 12 * time.Millisecond}
		c.TLS = &flow.TLSInfo{Outcome: flow.TLSOK, Start: after(to), Took: 20 * time.Millisecond}
	}
	return c
}

// lateCall is a call over that connection that began and ended so, with an answer or without one.
func lateCall(id flow.ID, c *flow.Conn, from, to float64, ok bool) *flow.Flow {
	f := call(id, flow.OriginDirect, metrics, "GetMetricData")
	f.Conn, f.Times = c, flow.Times{Start: after(from), Done: after(to)}
	if ok {
		f.Response, f.Failure, f.Times.FirstByte = &flow.Response{Status: 200}, nil, after(to)
		return f
	}
	f.Failure = &flow.Failure{Stage: flow.StageClient, Message: "the client canceled the request"}
	return f
}

// TestRun_aFixWhileACallHangsResolvesTheFinding: the call's own dial was silent, whoever carried it
// in the end, and however it ended.
func TestRun_aFixWhileACallHangsResolvesTheFinding(t *testing.T) {
	const lost, canceled = flow.DialLost, flow.DialCanceled
	carrier := dial(9, 1, 16, flow.DialConnected, lost)
	reused := func(f *flow.Flow) *flow.Flow {
		f.Reused, f.Unused = true, []*flow.Conn{dial(1, 0, 16, lost, lost)}
		return f
	}
	of := func(f *flow.Flow) []*flow.Flow { return []*flow.Flow{relayed(50), f} }
	for name, c := range map[string]struct {
		flows []*flow.Flow
		since time.Time // zero: not resolved
		lists []flow.ID
	}{
		"it is accepted at last":        {of(lateCall(1, dial(1, 0, 15.1, flow.DialConnected, lost), 0, 16, true)), after(15.1), []flow.ID{1}},
		"another connection carries it": {of(reused(lateCall(1, carrier, 0, 16, true))), after(16), []flow.ID{1}},
		"and its client leaves":         {of(reused(lateCall(1, carrier, 0, 16.2, false))), after(16), []flow.ID{1}},
		"a newer call gets through":     {[]*flow.Flow{lateCall(1, dial(1, 0, 16, canceled, canceled), 0, 16, false), lateCall(2, dial(2, 18, 18.1, flow.DialConnected, lost), 18, 19, true)}, after(18.1), []flow.ID{1}},
		"an older connection proves nothing": {[]*flow.Flow{
			lateCall(1, dial(1, 0, .1, flow.DialConnected, lost), 0, 1, true),
			lateCall(2, dial(2, 2, 16, canceled, canceled), 2, 16, false), reusedBy(lateCall(3, dial(1, 0, .1, flow.DialConnected, lost), 17, 18, true)),
		}, time.Time{}, []flow.ID{2}},
		"it was accepted before the last SYN": {[]*flow.Flow{
			lateCall(1, dial(1, 0, 130, flow.DialTimeout, flow.DialTimeout), 0, 130, false),
			lateCall(2, dial(2, 10, 10.1, flow.DialConnected, lost), 10, 11, true),
		}, time.Time{}, []flow.ID{1}},
	} {
		t.Run(name, func(t *testing.T) {
			got := Run(c.flows, after(300))
			if len(got) != 1 || got[0].Code != "private-endpoint-unreachable" || !slices.Equal(got[0].Flows, c.lists) {
				t.Fatalf("%+v", got)
			}
			f := got[0]
			if f.Provisional || f.Resolved == c.since.IsZero() || !f.ResolvedAt.Equal(c.since) || f.Resolved != (f.Level == flow.LevelNotice) {
				t.Errorf("%s, resolved %v at %v, want at %v", f.Level, f.Resolved, f.ResolvedAt, c.since)
			}
			if !slices.Contains(f.Because, "calls affected: GetMetricData") {
				t.Errorf("because %q", f.Because)
			}
			for _, x := range c.flows {
				if codes := Codes(x); slices.Contains(c.lists, x.ID) != slices.Contains(codes, f.Code) {
					t.Errorf("flow %d has the codes %q", x.ID, codes)
				}
			}
		})
	}
}

func reusedBy(f *flow.Flow) *flow.Flow {
	f.Reused = true
	return f
}

// TestRun_aConnectThatIsMerelySlowIsNoOutage: a slow path, a race that another address won, and a
// dial that another connection made needless at once.
func TestRun_aConnectThatIsMerelySlowIsNoOutage(t *testing.T) {
	slow := dial(1, 0, 4, flow.DialConnected, flow.DialLost)
	slow.Attempts[0].Kernel.RTT = 3 * time.Second
	inProgress := lateCall(1, dial(2, 0, .1, flow.DialConnected, flow.DialLost), 0, 60, true)
	inProgress.Reused, inProgress.Unused = true, []*flow.Conn{dial(3, 0, .2, flow.DialLost, flow.DialLost)}
	for name, f := range map[string]*flow.Flow{
		"a slow path": lateCall(1, slow, 0, 5, true), "a needless dial": inProgress,
		"a quick connect": lateCall(1, dial(1, 0, .02, flow.DialConnected, flow.DialLost), 0, 1, true),
	} {
		if got := Run([]*flow.Flow{f}, after(300)); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestRun_aConnectThatLostThreeSYNsMayHaveLostPackets: only a longer silence speaks of a security
// group that was opened.
func TestRun_aConnectThatLostThreeSYNsMayHaveLostPackets(t *testing.T) {
	for took, group := range map[float64]bool{3.1: false, 7.1: false, 15.1: true} {
		f := Run([]*flow.Flow{lateCall(1, dial(1, 0, took, flow.DialConnected, flow.DialLost), 0, took+.1, true)}, after(300))[0]
		if !f.Resolved || strings.Contains(f.Title, "security group") != group || strings.Contains(f.Title, "lost packets") == group ||
			(f.Confidence == flow.ConfidenceLow) == group {
			t.Errorf("after %v s: %s, %s", took, f.Title, f.Confidence)
		}
	}
}

// checkedAt is a later connect to an address of the story.
func checkedAt(s float64, kind flow.LaterKind, ip string, o flow.DialOutcome) flow.Later {
	took := 10 * time.Millisecond
	if o == flow.DialTimeout {
		took = 5 * time.Second
	}
	return flow.Later{Kind: kind, At: after(s), Addr: netip.AddrPortFrom(netip.MustParseAddr(ip), 443), Outcome: o, Took: took}
}

func tlsFails(l flow.Later) flow.Later {
	l.Stage, l.Err = flow.StageTLS, "EOF"
	return l
}

// watched is an answer to a watch, the nth in a row.
func watched(s float64, ip string, n int) flow.Later {
	l := checkedAt(s, flow.LaterWatch, ip, flow.DialConnected)
	l.InRow = n
	return l
}

// TestRun_whatIsCheckedLaterIsEvidence: all addresses that failed have to respond, and the last
// word counts.
func TestRun_whatIsCheckedLaterIsEvidence(t *testing.T) {
	const (
		a, b    = "10.0.1.23", "10.0.2.23"
		up, off = flow.DialConnected, flow.DialTimeout
		probe   = flow.LaterProbe
	)
	for name, c := range map[string]struct {
		later []flow.Later
		says  string
		since time.Time
	}{
		"none":            {nil, "", time.Time{}},
		"still nothing":   {[]flow.Later{checkedAt(60, probe, a, off), checkedAt(60, probe, b, off)}, "checked again at 10:29:05 UTC: 0 of 2 addresses responded", time.Time{}},
		"one of them":     {[]flow.Later{checkedAt(60, probe, a, up), checkedAt(60, probe, b, off)}, "checked again at 10:29:05 UTC: 1 of 2 addresses responded", time.Time{}},
		"one was checked": {[]flow.Later{checkedAt(60, probe, a, up)}, "checked again at 10:29:00 UTC: 1 of 2 addresses responded", time.Time{}},
		"both":            {[]flow.Later{checkedAt(60, probe, a, up), checkedAt(65, probe, b, up)}, "checked again: 2 of 2 addresses respond since 10:29:05 UTC", after(65.01)},
		"both, twice": {
			[]flow.Later{checkedAt(60, probe, a, up), checkedAt(60, probe, b, up), checkedAt(90, probe, a, up), checkedAt(90, probe, b, up)},
			"checked again: 2 of 2 addresses respond since 10:29:00 UTC", after(60.01),
		},
		"and then no more": {
			[]flow.Later{checkedAt(60, probe, a, up), checkedAt(60, probe, b, up), checkedAt(90, probe, a, off), checkedAt(90, probe, b, up)},
			"checked again at 10:29:35 UTC: 1 of 2 addresses responded",
			time.Time{},
		},
		"TLS fails at one": {
			[]flow.Later{checkedAt(60, probe, a, up), tlsFails(checkedAt(60, probe, b, up))},
			"checked again at 10:29:00 UTC: 2 of 2 addresses responded, and TLS or the request failed at 1 of these",
			time.Time{},
		},
		"watched, the first answers": {[]flow.Later{watched(60, a, 1), watched(60, b, 1)}, "checked again at 10:29:00 UTC: 2 of 2 addresses responded", time.Time{}},
		"watched, three in a row": {
			[]flow.Later{watched(60, a, 1), watched(60, b, 1), watched(70, a, 3), watched(70, b, 3)},
			"checked again: 2 of 2 addresses respond since 10:29:00 UTC", after(60.01),
		},
		"through a proxy":    {[]flow.Later{{Kind: probe, At: after(60), Via: "proxy:3128", Outcome: up}}, "", time.Time{}},
		"before the failure": {[]flow.Later{checkedAt(-60, probe, a, up), checkedAt(-60, probe, b, up)}, "", time.Time{}},
		"without a result":   {[]flow.Later{checkedAt(60, probe, a, flow.DialCanceled)}, "", time.Time{}},
		"other addresses of the name by now": {
			[]flow.Later{checkedAt(60, probe, "10.0.3.9", up)},
			"checked again: 1 of 1 address respond since 10:29:00 UTC",
			after(60.01),
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := call(1, flow.OriginDirect, metrics, "GetMetricData", a, b)
			x.Later = c.later
			got := Run([]*flow.Flow{x}, after(300))
			if len(got) != 1 {
				t.Fatalf("%+v", got)
			}
			f := got[0]
			if all := strings.Join(f.Because, "\n"); strings.Contains(all, "checked again") != (c.says != "") || !strings.Contains(all, c.says) {
				t.Errorf("want %q in\n%s", c.says, all)
			}
			if f.Resolved == c.since.IsZero() || !f.ResolvedAt.Equal(c.since) {
				t.Errorf("resolved %v at %v, want %v", f.Resolved, f.ResolvedAt, c.since)
			}
		})
	}
}

// A check that fails after requests were answered reopens the finding, and so does a request.
func TestRun_whatFailsAgainIsNotResolved(t *testing.T) {
	failed := call(1, flow.OriginDirect, metrics, "GetMetricData", "10.0.1.23", "10.0.2.23")
	works := lateCall(2, dial(2, 20, 20.1, flow.DialConnected, flow.DialLost), 20, 21, true)
	if f := Run([]*flow.Flow{failed, works}, after(300))[0]; !f.Resolved {
		t.Fatalf("%+v", f)
	}
	checked := *works
	checked.Later = []flow.Later{checkedAt(60, flow.LaterProbe, "10.0.1.23", flow.DialTimeout)}
	if f := Run([]*flow.Flow{failed, &checked}, after(300))[0]; f.Resolved {
		t.Errorf("a check failed after that: %+v", f)
	}
	again := lateCall(3, dial(3, 40, 46, flow.DialTimeout, flow.DialTimeout), 40, 46, false)
	if f := Run([]*flow.Flow{failed, works, again}, after(300))[0]; f.Resolved || len(f.Flows) != 2 {
		t.Errorf("a request failed after that: %+v", f)
	}
}

// Where some addresses respond and others don't, requests go on, and only a check tells.
func TestRun_anAddressThatWasSilentIsFixedWhenItResponds(t *testing.T) {
	f := lateCall(1, dial(1, 0, .1, flow.DialConnected, flow.DialTimeout), 0, 9, true)
	f.Conn.Attempts[1].Took = 8 * time.Second
	works := lateCall(2, dial(2, 20, 20.1, flow.DialConnected, flow.DialLost), 20, 21, true)
	if got := Run([]*flow.Flow{f, works}, after(300)); len(got) != 1 || got[0].Code != "address-unanswered" || got[0].Resolved {
		t.Fatalf("%+v", got)
	}
	f.Later = []flow.Later{checkedAt(30, flow.LaterProbe, "10.0.2.23", flow.DialConnected)}
	if got := Run([]*flow.Flow{f, works}, after(300))[0]; !got.Resolved || !got.ResolvedAt.Equal(after(30.01)) {
		t.Errorf("%+v", got)
	}
}

// The public path that works while the private one doesn't is the strongest evidence; once the
// private one works again, it proves nothing any more.
func TestRun_thePublicPathThatWorksIsNamed(t *testing.T) {
	x := call(1, flow.OriginDirect, metrics, "GetMetricData", "10.0.1.23", "10.0.2.23")
	x.Later = []flow.Later{checkedAt(60, flow.LaterOther, "203.0.113.23", flow.DialConnected), checkedAt(60, flow.LaterOther, "203.0.113.24", flow.DialTimeout)}
	const says = metrics + ": 1 of 2 public addresses responded when they were tried at 10:29:05 UTC"
	if f := Run([]*flow.Flow{x}, after(300))[0]; f.Confidence != flow.ConfidenceHigh || f.Resolved || !slices.Contains(f.Because, says) {
		t.Errorf("%+v", f)
	}
	works := lateCall(2, dial(2, 20, 20.1, flow.DialConnected, flow.DialLost), 20, 21, true)
	if f := Run([]*flow.Flow{x, works}, after(300))[0]; f.Confidence == flow.ConfidenceHigh || !f.Resolved || !slices.Contains(f.Because, says) {
		t.Errorf("%+v", f)
	}
}
