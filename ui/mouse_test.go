package ui

import (
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/ui/flowtest"
	"detour/ui/text"
)

// points moves the mouse onto a text, so many cells right of where it begins, and
// presses what is given.
func (s *session) points(want string, button tcell.ButtonMask) {
	s.Helper()
	for y, line := range strings.Split(s.sees(want), "\n") {
		if before, _, ok := strings.Cut(line, want); ok {
			x := text.Width(before)
			s.post(tcell.NewEventMouse(x, y, button, tcell.ModNone))
			s.post(tcell.NewEventMouse(x, y, tcell.ButtonNone, tcell.ModNone))
			return
		}
	}
}

func TestMouse_isTheTerminalsUntilItIsAskedFor(t *testing.T) {
	s := start(t, 120, 40, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.points("EC2 DescribeVolumes", tcell.ButtonPrimary)
	s.types(":mouse", tcell.KeyEnter)
	if text := s.sees("the mouse selects rows and tabs"); !strings.Contains(text, "following") {
		t.Errorf("it was taken before:\n%s", text)
	}
	s.points("EC2 DescribeVolumes", tcell.ButtonPrimary)
	s.sees("row 2 of 6")
	s.points("EC2 DescribeVolumes", tcell.WheelDown)
	s.sees("row 5 of 6")
	s.points("EC2 DescribeVolumes", tcell.WheelUp)
	s.sees("row 2 of 6")
	s.types(":mouse", tcell.KeyEnter)
	s.sees("the terminal has the mouse again")
	s.points("EC2 DescribeInstances", tcell.ButtonPrimary)
	s.types("j")
	s.sees("row 3 of 6")
}

func TestMouse_opensRowsAndTabsAndScrolls(t *testing.T) {
	s := start(t, 120, 40, &stage{flows: flowtest.WithBodies()}, Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types(":mouse", tcell.KeyEnter)
	s.sees("the mouse selects")
	s.points("EC2 DescribeInstances", tcell.ButtonPrimary)
	s.sees("row ")
	s.points("EC2 DescribeInstances", tcell.ButtonPrimary)
	s.sees("[Overview]")
	s.points("Raw record", tcell.ButtonPrimary)
	s.sees("[6 Raw record]")
	s.sees("▸ #")
	s.points(`"v": 1`, tcell.WheelDown)
	s.sees(" 4–")
	s.points("TIME ", tcell.ButtonPrimary) // the titles: the table has the keys again
	s.lacks("▸ #")
	s.types("/")
	s.points("[Raw record]", tcell.WheelDown) // something is being typed
	s.types("x")
	s.sees("/x")
}

func TestMouse_choosesGroupsAndScrollsTheHelp(t *testing.T) {
	s := start(t, 120, 40, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types(":mouse", tcell.KeyEnter, "4")
	s.points("ec2.ap-northeast-1", tcell.ButtonPrimary)
	s.points("ec2.ap-northeast-1", tcell.ButtonPrimary)
	s.sees("(Esc: all)")
	s.types("?")
	s.points("In the table", tcell.WheelDown)
	s.sees("─ 4–")
}
