package ui

import (
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/ui/flowtest"
)

// TestQuit_qGoesBackFromAPaneAndAsksInTheTable: one hit too many of q must not end a run.
func TestQuit_qGoesBackFromAPaneAndAsksInTheTable(t *testing.T) {
	src := &stage{flows: flowtest.Story(false), findings: flowtest.Findings(true)}
	act := Actions{Browse: BrowseActions{IsOpen: func() bool { return true }}}
	s := start(t, 120, 35, src, act, Options{})
	s.sees("connecting")
	for pane, open := range map[string][]any{
		"▸ #4":                {"gjj", tcell.KeyEnter, tcell.KeyEnter},
		"Finding 1 of 1":      {"!"},
		"▸ messages":          {":messages", tcell.KeyEnter},
		"Commands\n :account": {"?/commands", tcell.KeyEnter},
		"[ ] region":          {"c"},
	} {
		s.types(open...)
		s.sees(pane)
		s.types("q")
		s.lacks(pane)
	}
	s.types("q")
	s.sees("the browser closes; 3 requests that are under way end; quit?")
	s.types("n")
	s.lacks("quit?")
	s.types("q")
	s.sees("quit?")
	s.types("q") // the second one is the answer
	if err := s.ended(); err != nil {
		t.Error(err)
	}
}

// TestQuit_asksNothingIfNothingEndsWithIt: of a recording, no request is under way.
func TestQuit_asksNothingIfNothingEndsWithIt(t *testing.T) {
	for name, c := range map[string]struct {
		src *stage
		opt Options
	}{
		"finished":    {finished(), Options{}},
		"a recording": {&stage{flows: flowtest.Story(false)}, Options{Recorded: func() bool { return true }}},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, 80, 24, c.src, Actions{Browse: BrowseActions{IsOpen: func() bool { return false }}}, c.opt)
			s.sees("EC2 DescribeInstances")
			s.types("q")
			if err := s.ended(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestQuit_atOnceAsksNothing(t *testing.T) {
	for name, key := range map[string]any{"Q": "Q", "Ctrl-C": tcell.KeyCtrlC} {
		t.Run(name, func(t *testing.T) {
			s := start(t, 80, 24, &stage{flows: flowtest.Story(false), findings: flowtest.Findings(true)},
				Actions{Browse: BrowseActions{IsOpen: func() bool { return true }}}, Options{})
			s.sees("connecting")
			s.types("!", key)
			if err := s.ended(); err != nil {
				t.Error(err)
			}
		})
	}
}
