package ui

import (
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/ui/flowtest"
)

// TestJump_showsTheFindingsFlowsAndComesBack: whatever the table showed before.
func TestJump_showsTheFindingsFlowsAndComesBack(t *testing.T) {
	src := finished()
	s := start(t, 120, 40, src, Actions{}, Options{Filter: "regions"})
	s.sees("1 of 6 AWS calls")
	s.types(":sort total up", tcell.KeyEnter, "!")
	s.sees("Finding 1 of 1")
	s.types(tcell.KeyEnter)
	text := s.sees("private-endpoint-unreachable (Esc: back)")
	if n := strings.Count(text, "TIMEOUT 4.0 s ×2"); n < 3 || !strings.Contains(text,
		"3 flows, 6 hidden") || strings.Contains(text, "EC2 DescribeRegions") {
		t.Errorf("these aren't the finding's three flows:\n%s", text)
	}
	s.sees("row 1 of 3")
	s.types(":save stuck", tcell.KeyEnter)
	s.sees("a view can't save the flows of private-endpoint-unreachable")
	s.types(tcell.KeyEscape, tcell.KeyEscape)
	s.sees("Finding 1 of 1")
	s.types(tcell.KeyEscape)
	s.sees("1 of 6 AWS calls")
	s.sees("sorted by total▲")
	s.types("!", tcell.KeyEnter)
	s.sees("row 1 of 3")
	s.types("1") // another view: there is nothing to go back to
	s.lacks("Esc: back)")
	s.types(tcell.KeyEscape, tcell.KeyEscape)
	s.lacks("Finding 1 of 1")
}

// TestJump_ofAFindingWhoseFlowsAreGone says so.
func TestJump_ofAFindingWhoseFlowsAreGone(t *testing.T) {
	s := start(t, 120, 40, &stage{flows: flowtest.Story(true)[:2], findings: flowtest.Findings(false)}, Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("!", tcell.KeyEnter)
	s.sees("none of the finding's flows is stored any more")
}

// TestReveal_leavesNoMoreThanItMust, and says what.
func TestReveal_leavesNoMoreThanItMust(t *testing.T) {
	s := start(t, 120, 30, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("6:sort total", tcell.KeyEnter, ":group host", tcell.KeyEnter, ":4", tcell.KeyEnter)
	s.sees("to show #4, detour left the groups")
	s.sees("9 flows (a: AWS calls) · sorted by total▼")
	s.types("1/regions", tcell.KeyEnter, ":9", tcell.KeyEnter)
	s.sees("to show #9, detour left the filter, the view calls")
	s.sees("9 flows (a: AWS calls)")
}

func TestGroups_areSorted(t *testing.T) {
	s := start(t, 120, 30, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("4o")
	s.pastes("flows up")
	s.types(tcell.KeyEnter)
	text := s.sees("sorted by flows▲")
	if !strings.Contains(text, "FLOWS▲") || strings.Index(text, "ec2.ap-northeast-1") > strings.Index(text,
		"monitoring.ap-northeast-1.am") {
		t.Errorf("the groups with the fewest flows aren't first:\n%s", text)
	}
	s.types("m")
	s.sees("m: it works on one flow; Enter shows the flows of the group")
	s.types(":sort total", tcell.KeyEnter)
	s.sees("one of name, worst, flows")
}
