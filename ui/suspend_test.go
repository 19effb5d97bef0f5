package ui

import (
	"errors"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/ui/flowtest"
)

func TestSuspend_givesTheTerminalBackMeanwhile(t *testing.T) {
	stopped, goOn := make(chan bool), make(chan error)
	act := Actions{Suspend: func() error { stopped <- true; return <-goOn }}
	src := finished()
	s := start(t, 80, 24, src, act, Options{})
	s.sees("DescribeInst")
	s.types(tcell.KeyCtrlZ)
	<-stopped
	src.set(append(flowtest.Story(true), flowtest.Plain(30)), nil) // news comes in while nothing can be drawn
	goOn <- nil
	s.sees("Describe30")
	s.types(tcell.KeyCtrlZ)
	<-stopped
	goOn <- errors.New("no shell would let it go on")
	s.sees("Ctrl-Z: no shell would let it go on")
	s.types("q")
	if err := s.ended(); err != nil {
		t.Error(err)
	}
	s = start(t, 80, 24, finished(), Actions{}, Options{})
	s.types(tcell.KeyCtrlZ)
	s.sees("Ctrl-Z: detour can't be suspended here")
}

// TestResize_isFollowed: larger and smaller than anything can be drawn on.
func TestResize_isFollowed(t *testing.T) {
	s := start(t, 120, 40, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("gjj", tcell.KeyEnter)
	s.sees("[Overview]")
	for _, c := range []struct {
		w, h int
		want string
	}{{20, 5, "window too"}, {80, 24, "RESULT"}, {200, 60, "[Overview]"}, {1, 1, "…"}, {120, 40, "[Overview]"}} {
		s.term.mu.Lock()
		s.term.w, s.term.h, s.term.resize = c.w, c.h, true
		s.term.mu.Unlock()
		s.post(tcell.NewEventResize(c.w, c.h))
		s.until(c.want, func(text string) bool {
			return len(text) > 0 && strings.Count(text, "\n") == c.h && strings.Contains(text, c.want)
		})
	}
}
