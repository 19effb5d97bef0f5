package ui

import (
	"fmt"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/ui/flowtest"
)

func TestHistory_goesBackAndForthInEachPrompt(t *testing.T) {
	s := start(t, 120, 30, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types(":sort total", tcell.KeyEnter, ":group host", tcell.KeyEnter, ":group off", tcell.KeyEnter)
	s.types("/regions", tcell.KeyEnter, "/", tcell.KeyCtrlU, "logs", tcell.KeyEnter)
	s.sees("/logs: 1 of")
	s.types(":so", tcell.KeyUp)
	s.sees(":group off ")
	s.types(tcell.KeyUp, tcell.KeyUp, tcell.KeyUp)
	s.sees(":sort total ")
	s.types(tcell.KeyDown, tcell.KeyDown, tcell.KeyDown)
	s.sees(":so ")
	s.types(tcell.KeyEscape, "/", tcell.KeyCtrlP, tcell.KeyCtrlP)
	s.sees("/regions: 1 of")
	s.types(tcell.KeyCtrlN)
	s.sees("/logs: 1 of")
	s.types(tcell.KeyCtrlN, tcell.KeyEscape)
	s.sees("/logs: 1 of") // as it was
}

func TestHistory_isBounded(t *testing.T) {
	a := newApp(&stage{}, Actions{}, Options{})
	for i := range 3 * maxHistory {
		a.prompts.remember(forCommand, fmt.Sprint(i))
		a.prompts.remember(forCommand, "again")
	}
	got := a.prompts.history[forCommand]
	if len(got) != maxHistory || got[maxHistory-1] != "again" || got[maxHistory-2] != fmt.Sprint(3*maxHistory-1) {
		t.Errorf("%d lines, the last %q", len(got), got[len(got)-2:])
	}
}

// TestHeader_saysWhatTheViewLeavesOut of what failed.
func TestHeader_saysWhatTheViewLeavesOut(t *testing.T) {
	f := flowtest.TimedOut(flowtest.Plain(30), flowtest.Millis(9))
	f.Origin, f.AWS = "other", nil
	s := start(t, 160, 30, &stage{flows: append(flowtest.Story(true), f)}, Actions{}, Options{})
	s.sees("1 request to other hosts failed")
	s.types("a")
	s.lacks("other hosts failed")
}

// TestHeader_cutsTheFirstPartRatherThanDropIt: on the smallest screens, too.
func TestHeader_cutsTheFirstPartRatherThanDropIt(t *testing.T) {
	s := start(t, 40, 12, finished(), Actions{}, Options{Filter: "host:logs.ap-northeast-1.amazonaws.com"})
	s.sees("/host:logs.ap-northeast-1.amazonaws.com…")
}

func TestKeys_thatDoNothingSaySo(t *testing.T) {
	s := start(t, 120, 30, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	for _, c := range []struct {
		key  tcell.Key
		want string
	}{{tcell.KeyF5, "F5 does nothing here"}, {tcell.KeyLeft, "Left does nothing here"}, {tcell.KeyCtrlG, "Ctrl-G does nothing here"}} {
		s.types(c.key)
		s.sees(c.want)
	}
	s.types("g", tcell.KeyCtrlD)
	s.sees("row 6 of 6")
	s.types(tcell.KeyCtrlU)
	s.sees("row 1 of 6")
}
