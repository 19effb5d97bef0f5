package diagnose

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// A request that was sent over a connection got that far: no security group dropped it.
func TestRun_aHARThatShowsTheConnectionIsNotAboutTheConnect(t *testing.T) {
	flows := []*flow.Flow{har(relayed(1))}
	for id := flow.ID(2); id <= 3; id++ {
		f := inHAR(id, flow.OriginDirect, logs, "A", flow.KindResponseTimeout, time.Minute)
		f.Conn = ok(id, logs, private, "A").Conn
		flows = append(flows, f)
	}
	found := Run(flows, t0.Add(time.Hour))
	if len(found) != 1 || found[0].Code != "request-unanswered" {
		t.Errorf("%+v", found)
	}
}

// A proxy's page has no request ID, so AWS isn't the first to suspect.
func TestRun_aServerErrorWithoutARequestIDMayBeAProxys(t *testing.T) {
	for id, want := range map[string]string{
		"":    "proxy or firewall that responds itself, or a problem at AWS",
		"r-1": ": consistent with a problem at AWS",
	} {
		f := with(refusal(1, public, 504, nil), func(f *flow.Flow) { f.AWS.RequestID = id })
		found := Run([]*flow.Flow{f}, t0.Add(time.Hour))
		if len(found) != 1 || found[0].Code != "server-error" || !strings.Contains(found[0].Title, want) {
			t.Errorf("request ID %q: %+v", id, found)
		}
		if got := found[0].Asks[0].Of == flow.NetworkTeam; got != (id == "") {
			t.Errorf("request ID %q: the network team is asked: %v", id, got)
		}
		if got := strings.Contains(found[0].Alternatives[0], "input"); got == (id == "") {
			t.Errorf("request ID %q: the call's input is a cause: %v", id, got)
		}
	}
}

// Calls that a page gave up before it had any connection to a host aren't forgotten because
// the host answers later. Of a host that had a connection, they may be slow queries.
func TestRun_callsGivenUpBeforeTheFirstConnectionAreTold(t *testing.T) {
	for _, tc := range []struct {
		name    string
		connect time.Duration // of the first answer
		at      time.Duration
		want    string
	}{
		{"it answers later, over a new connection", 30 * time.Millisecond, 20 * time.Second, "direct-calls-given-up"},
		{"over a connection that is older than the file", -1, 20 * time.Second, ""},
		{"it had answered", 30 * time.Millisecond, -time.Second, ""},
	} {
		flows := []*flow.Flow{har(relayed(1))}
		for id := flow.ID(2); id <= 3; id++ {
			flows = append(flows, inHAR(id, flow.OriginDirect, logs, "A", flow.KindAborted, 4*time.Second))
		}
		f := har(ok(4, logs, private, "A"))
		f.Times.Start = t0.Add(tc.at)
		f.Times.Done = f.Times.Start.Add(60 * time.Millisecond)
		f.Phases = &flow.Timings{Connect: tc.connect}
		last := with(har(relayed(5)), func(f *flow.Flow) { f.Times.Start = t0.Add(30 * time.Second) })
		found := Run(append(flows, f, last), t0.Add(time.Hour))
		var codes []string
		for _, x := range found {
			codes = append(codes, x.Code)
			if x.Level != flow.LevelNotice {
				t.Errorf("%s: %s is a %s", tc.name, x.Code, x.Level)
			}
		}
		if got := strings.Join(codes, " "); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// Firefox writes a request that somebody cancelled like one that got no response. A single
// one of a host that answers other calls may be either.
func TestRun_aSingleUnansweredRequestInFirefoxMayHaveBeenCancelled(t *testing.T) {
	for exporter, want := range map[flow.Exporter]flow.Level{flow.ExporterFirefox: flow.LevelNotice, flow.ExporterChromium: flow.LevelProblem} {
		for n, want := range map[int]flow.Level{1: want, 2: flow.LevelProblem} {
			flows := []*flow.Flow{har(relayed(1)), har(ok(2, logs, public, "B"))}
			for id := range flow.ID(n) {
				f := inHAR(3+id, flow.OriginDirect, logs, "A", flow.KindNoResponse, 30*time.Second)
				f.Exporter = exporter
				flows = append(flows, f)
			}
			found := Run(flows, t0.Add(time.Hour))
			if len(found) != 1 || found[0].Code != "request-unanswered" || found[0].Level != want {
				t.Errorf("%s, %d: %+v", exporter, n, found)
			}
		}
	}
}
