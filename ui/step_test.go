package ui

import (
	"errors"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

func TestStep_flowsFromThenOnBelongToIt(t *testing.T) {
	src := finished()
	began := make(chan string, 1)
	s := start(t, 160, 30, src, Actions{Edit: EditActions{Step: func(x flow.Step) error { began <- x.Text; return nil }}}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types(":step ", tcell.KeyEnter)
	s.sees("usage: step TEXT")
	s.types(tcell.KeyEscape, ":step open the alarms", tcell.KeyEnter)
	s.sees("step 1 begins")
	if got := <-began; got != "open the alarms" {
		t.Errorf("the capture got %q", got)
	}
}

// TestStep_ofARecordingBeginsWithTheSelectedRow, among those that it has.
func TestStep_ofARecordingBeginsWithTheSelectedRow(t *testing.T) {
	began := make(chan flow.Step, 1)
	act := Actions{Edit: EditActions{Step: func(x flow.Step) error {
		if x.Text == "full" {
			return errors.New("no space left on device")
		}
		began <- x
		return nil
	}}}
	src := finished()
	late := flow.Step{At: src.flows[len(src.flows)-1].Times.Start, Text: "late \x1b[2J" + strings.Repeat("x", 1<<20)}
	s := start(t, 160, 40, src, act, Options{Recorded: func() bool { return true }, Steps: []flow.Step{late}})
	s.sees("EC2 DescribeInstances")
	s.types("g", tcell.KeyEnter, tcell.KeyEnter)
	s.sees("[1 Overview]")
	s.lacks(" step  ")
	s.types(":step full", tcell.KeyEnter)
	s.sees("no space left on device")
	s.types(tcell.KeyEscape, ":step open the alarms", tcell.KeyEnter)
	if got := <-began; got.At.Equal(flowtest.At(13_300)) || got.At.After(late.At) {
		t.Errorf("it begins at %v", got.At)
	}
	s.sees("step 1 begins")
	s.sees("step          1 open the alarms")
	s.types(tcell.KeyEscape, "6gG", tcell.KeyEnter, tcell.KeyEnter)
	s.sees("step          2 late ␛[2Jxxx")
	checkCells(t, s.term)
}
