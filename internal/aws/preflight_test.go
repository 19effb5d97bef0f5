package aws

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"detour/internal/cputime"
	"detour/internal/flow"
)

// A preflightStory is what a browser sends, in its order.
type preflightStory struct {
	tables *Tables
	of     *Preflights
	last   flow.ID
	begin  time.Time
}

func newStory(t *testing.T) *preflightStory {
	t.Helper()
	tables := load(t)
	return &preflightStory{tables: tables, of: NewPreflights(tables), begin: time.Date(2026, 11, 23, 10, 28, 0, 0, time.UTC)}
}

const (
	metricsURL = "https://monitoring.us-east-1.amazonaws.com/"
	itsPage    = console + "/cloudwatch/home"
)

// sends adds a request that lasts from one second to another; status 0 is no response.
func (s *preflightStory) sends(from, to float64, status int, r flow.Request) flow.ID {
	s.last++
	at := func(seconds float64) time.Time { return s.begin.Add(time.Duration(seconds * float64(time.Second))) }
	f := &flow.Flow{ID: s.last, State: flow.StateDone, Request: r, Times: flow.Times{Start: at(from), Done: at(to)}}
	if status != 0 {
		f.Response = &flow.Response{Status: status}
	}
	s.tables.Tag(f)
	s.of.Add(f)
	return f.ID
}

// preflight is one of a page that names its whole URL, or only its origin.
func preflightFrom(referer string) flow.Request {
	return ask("OPTIONS", metricsURL, "Origin", console, "Referer", referer, "Access-Control-Request-Method", "POST",
		"Access-Control-Request-Headers", "authorization,content-type,x-amz-target")
}

func metricsCall(referer, operation string) flow.Request {
	return ask("POST", metricsURL, "Origin", console, "Referer", referer, "Authorization", "AWS4-HMAC-SHA256 Credential=x",
		"Content-Type", "application/x-amz-json-1.1", "X-Amz-Target", "GraniteServiceVersion20100801."+operation)
}

func beaconOf(operation string, ms int) flow.Request {
	return ask("GET", fmt.Sprintf("%s/p/log/1/cloudwatch/1/OP/&k0=%s_Time&m0=%d&cb=1", console, operation, ms), "Referer", itsPage)
}

// check compares which call a preflight was for; "" is unknown.
func (s *preflightStory) check(t *testing.T, id flow.ID, want string) {
	t.Helper()
	got := ""
	s.of.changed = true
	if p := s.of.Inferred()[id]; p != nil {
		got = string(p.By) + ": " + strings.Join(p.Operations, " or ")
	}
	if got != want {
		t.Errorf("preflight %d is of %q, want %q", id, got, want)
	}
}

const originOnly = console + "/"

func TestPreflights_aBeaconTellsWhichCallWasNeverSent(t *testing.T) {
	s := newStory(t)
	first := s.sends(0, 5, 0, preflightFrom(originOnly))
	s.check(t, first, "")
	s.sends(5.02, 5.1, 204, beaconOf("GetMetricData", 5012))
	s.check(t, first, "beacon: GetMetricData")
	later := s.sends(1.5, 6.5, 0, preflightFrom(originOnly)) // as long, but ended later
	s.check(t, first, "beacon: GetMetricData")
	s.check(t, later, "")
	s.sends(6.51, 6.6, 204, beaconOf("DescribeAlarms", 5008))
	s.check(t, first, "beacon: GetMetricData")
	s.check(t, later, "beacon: DescribeAlarms")
}

func TestPreflights_ofTwoCallsAtOnceBothAreNamedOrNone(t *testing.T) {
	s := newStory(t)
	one, two := s.sends(0, 5, 0, preflightFrom(originOnly)), s.sends(0.01, 5.01, 0, preflightFrom(originOnly))
	s.sends(5.02, 5.1, 204, beaconOf("GetMetricData", 5012))
	s.check(t, one, "")
	s.check(t, two, "")
	s.sends(5.03, 5.1, 204, beaconOf("DescribeAlarms", 5011))
	s.check(t, one, "beacon: DescribeAlarms or GetMetricData")
	s.check(t, two, "beacon: DescribeAlarms or GetMetricData")
}

func TestPreflights_aBeaconAboutSomethingElseTellsNothing(t *testing.T) {
	for name, also := range map[string]func(s *preflightStory){
		"a call that was sent took as long": func(s *preflightStory) {
			s.sends(0, 5, 200, metricsCall(originOnly, "GetMetricData"))
			s.sends(5.02, 5.1, 204, beaconOf("GetMetricData", 5012))
		},
		"its service has no such operation": func(s *preflightStory) { s.sends(5.02, 5.1, 204, beaconOf("DescribeInstances", 5012)) },
		"a shorter duration":                func(s *preflightStory) { s.sends(5.02, 5.1, 204, beaconOf("GetMetricData", 4500)) },
		"a longer duration":                 func(s *preflightStory) { s.sends(5.02, 5.1, 204, beaconOf("GetMetricData", 6200)) },
		"before its end":                    func(s *preflightStory) { s.sends(4, 4.1, 204, beaconOf("GetMetricData", 5012)) },
		"long after it":                     func(s *preflightStory) { s.sends(60, 60.1, 204, beaconOf("GetMetricData", 5012)) },
		"of another console": func(s *preflightStory) {
			b := beaconOf("GetMetricData", 5012)
			b.URL = strings.Replace(b.URL, "ap-northeast-1", "eu-west-1", 1)
			s.sends(5.02, 5.1, 204, b)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			id := s.sends(0, 5, 0, preflightFrom(originOnly))
			also(s)
			s.check(t, id, "")
		})
	}
}

func TestPreflights_theCallsOfThePageTell(t *testing.T) {
	for name, v := range map[string]struct {
		referer string
		calls   []flow.Request
		want    string
	}{
		"one operation":      {itsPage, []flow.Request{metricsCall(itsPage, "GetMetricData"), metricsCall(itsPage, "GetMetricData")}, "page: GetMetricData"},
		"two operations":     {itsPage, []flow.Request{metricsCall(itsPage, "GetMetricData"), metricsCall(itsPage, "DescribeAlarms")}, ""},
		"another page":       {itsPage, []flow.Request{metricsCall(console+"/ec2/home", "GetMetricData")}, ""},
		"only an origin":     {originOnly, []flow.Request{metricsCall(originOnly, "GetMetricData")}, ""},
		"other fields":       {itsPage, []flow.Request{ask("POST", metricsURL+"?Action=DescribeAlarms", "Origin", console, "Referer", itsPage)}, ""},
		"no call":            {itsPage, nil, ""},
		"one without target": {itsPage, []flow.Request{ask("POST", metricsURL, "Origin", console, "Referer", itsPage, "X-Amz-Requested-Operation", "GetMetricData")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			for _, r := range v.calls {
				s.sends(0, 1, 200, r)
			}
			id := s.sends(2, 7, 0, preflightFrom(v.referer))
			s.check(t, id, v.want)
		})
	}
}

// TestPreflights_anAnsweredOneIsNotInferred: its call was sent, or refused by a response that
// is there to read.
func TestPreflights_anAnsweredOneIsNotInferred(t *testing.T) {
	s := newStory(t)
	answered := s.sends(0, 5, 200, preflightFrom(itsPage))
	unsent := s.sends(0, 5, 0, preflightFrom(itsPage))
	s.of.Sent(unsent, "GetMetricData")
	s.sends(5.02, 5.1, 204, beaconOf("GetMetricData", 5012))
	if got := s.of.Inferred(); len(got) != 0 {
		t.Errorf("%v of %d and %d", got, answered, unsent)
	}
}

// TestPreflights_aBeaconMayBeSeenBeforeTheEnd: live, both are published at about the same time.
func TestPreflights_aBeaconMayBeSeenBeforeTheEnd(t *testing.T) {
	s := newStory(t)
	f := &flow.Flow{ID: 100, State: flow.StateConnecting, Request: preflightFrom(originOnly), Times: flow.Times{Start: s.begin}}
	s.tables.Tag(f)
	s.of.Add(f)
	s.sends(5.02, 5.1, 204, beaconOf("GetMetricData", 5012))
	s.check(t, 100, "")
	f.State, f.Times.Done = flow.StateDone, s.begin.Add(5*time.Second)
	s.of.Ended(f)
	s.check(t, 100, "beacon: GetMetricData")
}

func TestPreflights_rememberLittle(t *testing.T) {
	s := newStory(t)
	for i := range 5000 {
		at := float64(i) / 100
		s.sends(at, at+5, 0, preflightFrom(itsPage))
		s.sends(at, at+5, 200, metricsCall(itsPage, "GetMetricData"))
		s.sends(at, at+5, 204, beaconOf("GetMetricData", 5000+i))
	}
	if p := s.of; len(p.asked) > maxPreflights || len(p.calls) > maxCalls || len(p.measures) > maxMeasures ||
		len(p.byID) != len(p.asked) || len(p.callByID) != len(p.calls) {
		t.Errorf("%d, %d and %d are remembered, by ID %d and %d", len(p.asked), len(p.calls), len(p.measures), len(p.byID), len(p.callByID))
	}
	if took := cputime.Of(func() { s.of.Inferred() }); took > time.Second {
		t.Errorf("takes %v", took)
	}
	if s.of.Inferred() != nil {
		t.Error("it infers again though nothing has changed")
	}
}

// TestPairing_anUnansweredPreflightPreparesNoCall: the browser doesn't send it. The next
// preflight that is answered does.
func TestPairing_anUnansweredPreflightPreparesNoCall(t *testing.T) {
	tables, start := load(t), time.Date(2026, 11, 23, 10, 28, 0, 0, time.UTC)
	var p Pairing
	add := func(id flow.ID, state flow.State, answered bool, r flow.Request) (before flow.ID) {
		f := &flow.Flow{ID: id, State: state, Request: r, Times: flow.Times{Start: start.Add(time.Duration(id) * time.Second)}}
		if answered {
			f.Response = &flow.Response{Status: 200}
		}
		tables.Tag(f)
		before, _ = p.Add(f)
		return before
	}
	add(1, flow.StateConnecting, false, preflightFrom(originOnly))
	p.Ended(&flow.Flow{ID: 1, State: flow.StateDone})
	add(2, flow.StateDone, true, preflightFrom(originOnly))
	if before := add(3, flow.StateDone, true, metricsCall(originOnly, "GetMetricData")); before != 2 {
		t.Errorf("the call was prepared by %d, want the one that was answered", before)
	}
	if before := add(4, flow.StateDone, true, metricsCall(originOnly, "DescribeAlarms")); before != 0 {
		t.Errorf("the call was prepared by %d, which got no response", before)
	}
	// A HAR has calls that were never sent.
	if before := add(5, flow.StateDone, false, metricsCall(originOnly, "DescribeAlarms")); before != 1 {
		t.Errorf("the call that was never sent was prepared by %d", before)
	}
}
