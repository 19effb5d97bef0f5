package compare

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"detour/internal/flow"
)

// about is a capture whose first flow a finding is about.
func about(level flow.Level, resolved bool, flows ...*flow.Flow) *flow.Capture {
	c := capture(flows...)
	c.Findings = []flow.Finding{{Code: "connect-timeout", Level: level, Resolved: resolved, Flows: []flow.ID{1}}}
	return c
}

func left(f *flow.Flow) {
	fails(flow.StageClient)(f)
	f.Times.Done = t0.Add(6 * time.Second)
}

func cutOff(f *flow.Flow) {
	fails(flow.StageDial)(f)
	f.Failure.Kind = flow.KindPending
}

func underWay(f *flow.Flow) { f.Response, f.State = nil, flow.StateConnecting }

func TestCaptures_aCallThatWasGivenUpIsWorseThanAnAnswer(t *testing.T) {
	bad := func() *flow.Flow { return call(metricsHost, "GetMetricData", "10.0.1.23") }
	ok := capture(call(metricsHost, "GetMetricData", "10.0.1.23"))
	for name, c := range map[string]struct {
		of   *flow.Capture
		word string // "" if the end says nothing
	}{
		"the client gave up":               {about(flow.LevelProblem, false, with(bad(), left)), "client gave up"},
		"and it was resolved":              {about(flow.LevelProblem, true, with(bad(), left)), "client gave up"},
		"the recording was killed":         {about(flow.LevelProblem, false, with(bad(), cutOff)), "no response yet"},
		"the run goes on":                  {about(flow.LevelProblem, false, with(bad(), underWay)), "no response yet"},
		"a cancel":                         {capture(with(bad(), left)), ""},
		"a notice":                         {about(flow.LevelNotice, false, with(bad(), left)), ""},
		"a killed recording, too early":    {capture(with(bad(), cutOff)), ""},
		"the response was still arriving":  {about(flow.LevelProblem, false, with(bad(), func(f *flow.Flow) { f.State = flow.StateReceiving })), ""},
		"a page that may not read it":      {about(flow.LevelProblem, false, with(bad(), left, kind(flow.KindCORS))), "cors"},
		"a certificate that was rejected":  {about(flow.LevelProblem, false, with(bad(), left, rejected)), "client rejected detour's certificate"},
		"a permission that wasn't granted": {about(flow.LevelProblem, false, with(bad(), left, kind(flow.KindLocalNetworkAccess))), "local network access"},
	} {
		better, worse := Captures(c.of, ok), Captures(ok, c.of)
		if c.word == "" {
			if len(better.Hosts)+len(worse.Hosts) != 0 {
				t.Errorf("%s: it is a difference: %+v", name, better.Hosts)
			}
			continue
		}
		if len(better.Hosts) != 1 || better.Hosts[0].Trend != Better || better.Hosts[0].Calls[0].A.Usual != c.word {
			t.Errorf("%s: not better: %+v", name, better.Hosts)
		}
		if len(worse.Hosts) != 1 || worse.Hosts[0].Trend != Worse || !worse.Worse() {
			t.Errorf("%s: not worse: %+v", name, worse.Hosts)
		}
	}
}

func kind(k flow.FailureKind) func(f *flow.Flow) { return func(f *flow.Flow) { f.Failure.Kind = k } }

func rejected(f *flow.Flow) { f.Request.Method, f.Conn = "CONNECT", nil }

// TestCaptures_theOtherWayRoundIsTheMirror: what is worse from A to B is better from B to A.
// A call that only one of them has isn't: it may not have been made.
func TestCaptures_theOtherWayRoundIsTheMirror(t *testing.T) {
	changes := []func(f *flow.Flow){
		func(*flow.Flow) {}, left, cutOff, underWay, timedOut, unresolved, fails(flow.StageWait), fails(flow.StageTLS), status(403, "AccessDenied"),
		status(500, ""), took(3 * time.Second), by("192.168.1.1:53", "tun0"), origin(flow.OriginOther), origin(flow.OriginTelemetry),
	}
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test
	random := func() *flow.Capture {
		var flows []*flow.Flow
		for range r.IntN(6) {
			f := call([]string{metricsHost, ec2Host, "cdn.example"}[r.IntN(3)], []string{"A", "B"}[r.IntN(2)], []string{"10.0.1.23", "203.0.113.7"}[r.IntN(2)])
			flows = append(flows, with(f, changes[r.IntN(len(changes))]))
		}
		c := capture(flows...)
		for _, code := range []string{"x", "y"} {
			f := flow.Finding{Code: code, Level: []flow.Level{flow.LevelProblem, flow.LevelNotice}[r.IntN(2)], Resolved: r.IntN(3) == 0}
			for _, x := range c.Flows {
				if r.IntN(2) == 0 {
					f.Flows = append(f.Flows, x.ID)
				}
			}
			if r.IntN(3) > 0 {
				c.Findings = append(c.Findings, f)
			}
		}
		return c
	}
	for range 3000 {
		a, b := random(), random()
		there, back := Captures(a, b), Captures(b, a)
		if want := mirrored(there); !reflect.DeepEqual(want, asSet(back)) {
			t.Fatalf("there %+v\nback  %+v", want, asSet(back))
		}
	}
}

// A seen is what a mirror has to show of a difference, without its order.
type seen struct {
	changes  map[Change]bool
	statuses map[string]Status
	same     int
	outside  [2]int
}

func asSet(d Difference) seen {
	s := seen{map[Change]bool{}, map[string]Status{}, d.Same, [2]int{d.OutsideA, d.OutsideB}}
	add := func(of string, all []Change) {
		for _, c := range all {
			c.What = of + c.What
			s.changes[c] = true
		}
	}
	add("machine: ", d.Machine)
	add("finding: ", d.Findings)
	for _, h := range d.Hosts {
		s.statuses[h.Name] = h.Status
		add(h.Name+": ", h.Resolution)
		for _, c := range h.Calls {
			s.statuses[h.Name+" "+c.Operation] = c.Status
			add(h.Name+" "+c.Operation+": ", c.Changes)
		}
	}
	return s
}

func mirrored(d Difference) seen {
	trends := map[Trend]Trend{Worse: Better, Better: Worse}
	statuses := map[Status]Status{Appeared: Vanished, Vanished: Appeared}
	s := asSet(d)
	out := seen{map[Change]bool{}, map[string]Status{}, s.same, [2]int{s.outside[1], s.outside[0]}}
	for c := range s.changes {
		c.A, c.B, c.Trend = c.B, c.A, trends[c.Trend]
		out.changes[c] = true
	}
	for name, st := range s.statuses {
		out.statuses[name] = statuses[st]
	}
	return out
}
