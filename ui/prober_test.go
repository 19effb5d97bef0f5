package ui

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"detour/internal/fault"
	"detour/internal/flow"
	"detour/ui/flowtest"
)

// An askee runs probes; a test sends the results.
type askee struct {
	hosts  chan string
	answer chan string
	ended  chan error
}

func newAskee() *askee {
	return &askee{make(chan string, 1), make(chan string), make(chan error, 1)}
}

func (x *askee) ask(ctx context.Context, host string) (string, error) {
	x.hosts <- host
	select {
	case text := <-x.answer:
		if text == "" {
			return "", errors.New("the network is gone")
		}
		return text, nil
	case <-ctx.Done():
		x.ended <- ctx.Err()
		return "", ctx.Err()
	}
}

func midway() *stage { return &stage{flows: flowtest.Story(false), findings: flowtest.Findings(true)} }

func TestCounterfactual_asksFirstAndIsKeptInTheOverview(t *testing.T) {
	x := newAskee()
	copied := make(chan string, 1)
	act := Actions{Probe: ProbeActions{Counterfactual: x.ask, Reference: func() string { return "9.9.9.9" }}, Copy: func(_ context.Context, s string) []string { copied <- s; return []string{"pbcopy"} }}
	s := start(t, 120, 35, midway(), act, Options{})
	s.sees("connecting")
	s.types("gjjx")
	s.sees("connect 3 times to each of 10.0.1.23 and 10.0.2.23, and once to the addresses that 9.9.9.9 returns for\nmonitoring.ap-northeast-1.amazonaws.com:443?")
	s.types(tcell.KeyEscape)
	s.lacks("connect 3 times")
	s.types("xy")
	if host := <-x.hosts; host != "monitoring.ap-northeast-1.amazonaws.com:443" {
		t.Errorf("asked is %q", host)
	}
	s.sees("comparing monitoring.ap-northeast-1.amazonaws.com:443 … ")
	s.types("r")
	s.sees("r: hosts can't be probed here")
	s.types("x")
	s.sees("x: comparing monitoring.ap-northeast-1.amazonaws.com:443 is in progress; Esc stops it")
	s.types("j") // no key waits for it
	s.sees("row 4 of 6")
	x.answer <- "works over the public route\nmonitoring\n  TCP   10.0.1.23:443 TIMEOUT\n"
	s.sees("works over the public route (details in the Overview)")
	s.types("k", tcell.KeyEnter, tcell.KeyTab)
	s.sees("▸ #4")
	golden(t, "counterfactual", s.sees("Counterfactual at "))
	s.types("yr")
	s.sees("copied the counterfactual of monitoring")
	if got := <-copied; !strings.HasPrefix(got, "Counterfactual at ") || !strings.Contains(got,
		"of monitoring.ap-northeast-1.amazonaws.com:443\n") {
		t.Errorf("copied is\n%s", got)
	}
}

func TestProbe_canBeGivenUpAndMayFail(t *testing.T) {
	x := newAskee()
	s := start(t, 120, 35, finished(), Actions{Probe: ProbeActions{Run: x.ask, NoCounterfactual: "start it with a flag"}}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("gr")
	<-x.hosts
	s.sees("probing ")
	s.types(tcell.KeyEscape)
	s.sees("was stopped")
	if err := <-x.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("its context ended with %v", err)
	}
	s.types("r")
	<-x.hosts
	x.answer <- ""
	s.sees("the network is gone")
	s.types("x")
	s.sees("x: start it with a flag")
	s.types("r")
	<-x.hosts
	s.types("q") // leaving doesn't wait for it
	if err := s.ended(); err != nil {
		t.Error(err)
	}
}

func TestCounterfactual_isForStuckRows(t *testing.T) {
	s := start(t, 120, 35, finished(), Actions{Probe: ProbeActions{Counterfactual: newAskee().ask}}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("gx")
	s.sees("x: its connection isn't stuck; r probes the host")
}

func TestProbe_aPanicRestoresTheTerminal(t *testing.T) {
	term := newTerminal(80, 24)
	defer func() {
		if p := recover(); p == nil || term.fini == 0 {
			t.Errorf("recovered %v with %d restorations", p, term.fini)
		}
	}()
	act := Actions{Probe: ProbeActions{Run: func(context.Context, string) (string, error) { panic("boom") }}}
	go func() {
		for !strings.Contains(term.shown(), "EC2") {
			time.Sleep(time.Millisecond)
		}
		term.InjectKey(tcell.KeyRune, 'r', tcell.ModNone)
	}()
	_ = Run(t.Context(), finished(), act, Options{Screen: term})
}

// In the table of a run, a task that panics must not end the proxy.
func TestTask_aPanicEndsOnlyTheTask(t *testing.T) {
	notices := make(chan string, 1)
	act := Actions{Probe: ProbeActions{Run: func(context.Context, string) (string, error) { panic("boom") }}}
	s := start(t, 80, 24, finished(), act, Options{
		Faults: fault.NewGuard(slog.New(slog.DiscardHandler), func(text string) { notices <- text }),
	})
	s.sees("EC2")
	s.types("r")
	if text := <-notices; !strings.Contains(text, "detour has a fault: probing ") || !strings.Contains(text, " failed. ") {
		t.Errorf("notice %q", text)
	}
	s.until("the table without a task", func(text string) bool { return !strings.Contains(text, "Esc stops it") })
	s.types("?")
	s.sees("In the table")
}

func TestProbe_hostileTextIsHarmless(t *testing.T) {
	for _, text := range flowtest.HostileTexts() {
		if len(text) > 1<<10 { // the panes cap it; its head must stay in sight
			text = text[:256]
		}
		bad := flowtest.Hostile("h")
		act := Actions{Probe: ProbeActions{Run: func(context.Context, string) (string, error) { return text + "\n" + text, nil }}}
		s := start(t, 80, 24, &stage{flows: []*flow.Flow{bad, flowtest.Plain(2)}}, act, Options{})
		s.sees("EC2 Describe2")
		s.types("gr", tcell.KeyEnter, tcell.KeyEnter)
		s.types("/probe at", tcell.KeyEnter)
		s.until("the probe in the Overview", func(text string) bool {
			s.types("n")
			return strings.Contains(text, "Probe at ")
		})
		checkCells(t, s.term)
	}
}

func TestReference_isChangedWhileDetourRuns(t *testing.T) {
	of := ""
	act := Actions{Probe: ProbeActions{
		Counterfactual: newAskee().ask, NoCounterfactual: ":reference sets one", Reference: func() string { return of },
		SetReference: func(address string) error {
			if address == "x" {
				return errors.New("not an address")
			}
			of = strings.TrimSuffix(address, "none")
			return nil
		},
	}}
	s := start(t, 140, 35, finished(), act, Options{})
	s.sees("TIMEOUT")
	s.types("gjjx")
	s.sees(":reference sets one")
	s.types(":reference", tcell.KeyEnter)
	s.sees("there is no reference resolver")
	s.types(":reference x", tcell.KeyEnter)
	s.sees("not an address")
	s.types(tcell.KeyEscape, ":reference 9.9.9.9", tcell.KeyEnter)
	s.sees("reference resolver 9.9.9.9: from now on, the names of AWS's hosts are sent there; x tries its addresses")
	s.types("x")
	s.sees("addresses that 9.9.9.9 returns")
	s.types("n:reference", tcell.KeyEnter)
	s.sees("the reference resolver is 9.9.9.9: the names")
	s.types(":reference none", tcell.KeyEnter)
	s.sees("no reference resolver: names aren't sent")
	s = start(t, 140, 35, finished(), Actions{Probe: ProbeActions{NoReference: "this is a recording"}}, Options{})
	s.types(":reference 9.9.9.9", tcell.KeyEnter)
	s.sees("this is a recording")
}
