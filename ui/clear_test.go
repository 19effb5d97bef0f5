package ui

import (
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

func TestClear_asksAndSaysWhoKeepsThem(t *testing.T) {
	src := finished()
	calls := 0
	act := Actions{Clear: ClearActions{Kept: "run.detour keeps them", Run: func() int {
		calls++
		src.set(nil, nil)
		return 9
	}}}
	s := start(t, 120, 30, src, act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("z")
	s.sees("clear 9 flows? Marked, noted and pending ones stay; run.detour keeps them")
	s.types("n")
	s.lacks("clear 9 flows")
	s.types("z", tcell.KeyEscape, "zy")
	s.sees("cleared 9 flows; run.detour keeps them; problems stay until their hosts have answered")
	s.sees("No requests yet")
	if calls != 1 {
		t.Errorf("cleared %d times, want once", calls)
	}
	s.types("z")
	s.sees("nothing to clear")
}

func TestClear_ofWhatIsFrozenOrRecorded(t *testing.T) {
	s := start(t, 120, 30, finished(), Actions{Clear: ClearActions{Run: func() int { return 1 }}}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("fzz")
	s.sees("cleared 1 flow; they aren't saved anywhere else; problems stay until their hosts have answered; the display is frozen")
	s = start(t, 120, 30, &stage{flows: []*flow.Flow{flowtest.Plain(1)}}, Actions{}, Options{})
	s.sees("Describe1")
	s.types("z")
	s.sees("z: a recording can't be cleared; a filter hides flows")
}
