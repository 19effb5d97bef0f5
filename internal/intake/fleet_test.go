package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"detour/internal/alias"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/ui/flowtest"
)

// TestFleet_findingsHaveServersAndNoMachine: who reads them from many desks has to know which
// address doesn't respond, and must not know whose desk it is.
func TestFleet_findingsHaveServersAndNoMachine(t *testing.T) {
	names := new(alias.Table)
	f := stuckFrom(1, "192.168.50.2", "10.0.1.23", "10.0.1.24")
	f.Request.URL += "?owner=jane"
	names.Texts(nil).Learn(f) // as a masked screen does, which calls the servers private-1 and private-2
	s := intake.NewFleet(names)
	c := &flow.Capture{Flows: []*flow.Flow{f}, Creator: "detour", Environment: &flow.Environment{System: "machine"}}
	s.Capture(c)
	c.Findings = intake.Judge(c.Flows, intake.LastInstant(c.Flows), s.Texts())
	if len(c.Findings) == 0 {
		t.Fatal("nothing is found")
	}
	var b strings.Builder
	for _, x := range c.Findings {
		fmt.Fprintf(&b, "%+v\n", x.Record())
	}
	record := c.Flows[0].Record()
	fmt.Fprintf(&b, "%+v %+v %+v", record, record.Connection, record.Connection.Resolution)
	got := b.String()
	for _, never := range []string{"192.168.50.2", "123456789012", "vpce-0123456789abcdef0", "jane", "ip-10-0-1-2", "private-1"} {
		if strings.Contains(got, never) {
			t.Errorf("%s is in %s", never, got)
		}
	}
	for _, want := range []string{"10.0.1.23", "10.0.1.24", "192.168.50.0", f.Conn.Resolution.Nameserver.String()} {
		if !strings.Contains(got, want) {
			t.Errorf("%s isn't in %s", want, got)
		}
	}
	for _, x := range c.Findings {
		for _, step := range x.Try {
			if strings.Contains(step.Command, "192.168.50.0") {
				t.Errorf("a command has the network in place of an address: %s", step.Command)
			}
		}
	}
	if c.Environment != nil || !c.Strict {
		t.Errorf("the capture has %+v", c)
	}
}

// TestFleet_findingsOfARunAreThoseThatWereFound, as watchers of a run get them.
func TestFleet_findingsOfARunAreThoseThatWereFound(t *testing.T) {
	f := stuckFrom(1, "192.168.50.2", "10.0.1.23")
	now := flowtest.At(0).Add(time.Minute)
	found := intake.Judge([]*flow.Flow{f}, now, alias.Texts{})
	s := intake.NewFleet(new(alias.Table))
	judging := intake.StrictJudging{Strict: s}
	got := judging.Judge([]*flow.Flow{f}, []*flow.Flow{s.Flow(f)}, found, now)
	if len(found) == 0 || len(got) != len(found) {
		t.Fatalf("of %d findings there are %d", len(found), len(got))
	}
	for i := range got {
		if got[i].Code != found[i].Code {
			t.Errorf("%s becomes %s", found[i].Code, got[i].Code)
		}
	}
}
