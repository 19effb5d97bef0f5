package ui

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/flowtest"
	"detour/ui/recheck"
)

// checked is a check of hosts, each with one address that answers or doesn't.
func checked(hosts []string, answers bool) *flow.Check {
	c := &flow.Check{Began: flowtest.At(60_000), Ended: flowtest.At(90_000), Outcome: flow.CheckFails}
	for i, h := range hosts {
		a := flow.AddressCheck{Tries: 3, Last: flow.Later{
			Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 443), Outcome: flow.DialTimeout,
		}}
		x := flow.HostCheck{Authority: h, Works: answers}
		if answers {
			c.Outcome, a.InRow, a.Answered, a.Since, x.Since = flow.CheckWorks, 3, 3, flowtest.At(80_000), flowtest.At(80_000)
		}
		x.Addresses = []flow.AddressCheck{a}
		c.Hosts = append(c.Hosts, x)
	}
	return c
}

func TestCheck_ofAFindingTestsAllItsHosts(t *testing.T) {
	asked, more := make(chan []string, 1), make(chan bool)
	act := Actions{Probe: ProbeActions{Again: recheck.Actions{Check: func(_ context.Context, codes, hosts []string, progress func(string)) (*flow.Check, error) {
		progress("0 of 7 hosts")
		asked <- append(codes, hosts...)
		<-more
		return checked(hosts, false), nil
	}}}}
	src := finished()
	s := start(t, 120, 35, src, act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("!r")
	s.sees("0 of 7 hosts; Esc stops it")
	got := <-asked
	if f := src.findings[0]; got[0] != f.Code || len(got) != 1+len(f.Hosts) || !strings.HasPrefix(got[1], f.Hosts[0]+":") {
		t.Errorf("asked for %q", got)
	}
	close(more)
	s.sees("still 0 of ")
}

func TestWatch_goesOnInTheBackgroundAndBeginsAStepWhenFixed(t *testing.T) {
	steps, told, more := make(chan flow.Step, 1), make(chan string, 1), make(chan bool)
	act := Actions{
		Edit: EditActions{Step: func(x flow.Step) error { steps <- x; return nil }},
		Probe: ProbeActions{Again: recheck.Actions{
			Notify: func(text string) { told <- text },
			Watch: func(ctx context.Context, _, hosts []string, state func(*flow.Check)) *flow.Check {
				c := checked(hosts, false)
				c.Outcome = flow.CheckPending
				state(c)
				select {
				case <-more:
				case <-ctx.Done():
				}
				return checked(hosts, true)
			},
		}},
	}
	s := start(t, 160, 35, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("!W")
	s.sees("watching ")
	s.types(tcell.KeyEscape, "j") // the table goes on
	s.sees("0 of ")
	s.types("W")
	s.sees("no longer watching ")
	s.types(":watch", tcell.KeyEnter)
	s.sees("W stops it")
	close(more)
	s.sees("fixed: ")
	if x := <-steps; !x.At.Equal(flowtest.At(80_000)) || !strings.HasPrefix(x.Text, "fixed: ") {
		t.Errorf("the step is %+v", x)
	}
	select {
	case text := <-told:
		if !strings.Contains(text, "answers since ") {
			t.Errorf("told %q", text)
		}
	case <-time.After(time.Minute):
		t.Error("nobody is told")
	}
}
