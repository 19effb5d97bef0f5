package ui

import (
	"errors"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"
)

func TestSavedViews_areKeptAndShown(t *testing.T) {
	saved := make(chan SavedView, 1)
	act := Actions{SaveView: func(v SavedView) error {
		if v.Name == "full" {
			return errors.New("no space left on device")
		}
		saved <- v
		return nil
	}}
	s := start(t, 120, 30, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("0")
	s.sees("0: no view is saved")
	s.types("/tcp:timeout", tcell.KeyEnter, ":view save stuck", tcell.KeyEnter)
	if v := <-saved; v != (SavedView{"stuck", "tcp:timeout"}) {
		t.Errorf("saved is %+v", v)
	}
	s.sees("saved stuck: tcp:timeout; 0 shows it")
	s.types(tcell.KeyEscape, "0")
	s.sees("stuck: saved: tcp:timeout")
	s.sees("3 flows, 6 hidden")
	s.types("/logs", tcell.KeyEnter, ":view save stucklogs", tcell.KeyEnter)
	if v := <-saved; v.Filter != "(tcp:timeout) (logs)" {
		t.Errorf("saved is %+v", v)
	}
	s.types(tcell.KeyEscape, "10")
	s.sees("which view?")
	s.types("2")
	s.sees("1 flow, 8 hidden")
	s.types("1:view stu", tcell.KeyTab)
	s.sees(":view stuck")
}

func TestSavedViews_mistakesAreSaid(t *testing.T) {
	act := Actions{SaveView: func(SavedView) error { return errors.New("no space left on device") }}
	s := start(t, 120, 30, finished(), act, Options{Filter: "logs"})
	s.sees("DescribeL")
	for text, want := range map[string]string{
		"save":                            "a view has a name",
		"save calls":                      "calls is one of detour's own",
		"save save":                       "and not save",
		"save " + strings.Repeat("x", 33): "32 characters at most",
		"save mine":                       "no space left on device",
		"nothing":                         "one of calls, direct",
	} {
		s.types(":")
		s.pastes("view " + text)
		s.types(tcell.KeyEnter)
		s.sees(want)
		s.types(tcell.KeyEscape)
	}
	s.types(tcell.KeyEscape, ":view save x", tcell.KeyEnter)
	s.sees("there is no filter to save")
}

func TestSavedViews_ofBeforeAreThere(t *testing.T) {
	s := start(t, 120, 30, finished(), Actions{}, Options{Views: []SavedView{{"bad\x1b[2J", "(("}, {"stuck", "tcp:timeout"}}})
	s.sees("the view bad␛[2J: ")
	s.sees("EC2 DescribeInstances")
	s.types(":view stuck", tcell.KeyEnter)
	s.sees("3 flows, 6 hidden")
	checkCells(t, s.term)
	s.types("6/logs", tcell.KeyEnter, ":view save own", tcell.KeyEnter)
	s.sees("saved own, for this run: logs")
}
