package ui

import (
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
)

func TestStep_flowsFromThenOnBelongToIt(t *testing.T) {
	src := finished()
	told := make(chan string, 1)
	s := start(t, 160, 30, src, Actions{Step: func(x flow.Step) { told <- x.Text }}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types(":step ", tcell.KeyEnter)
	s.sees("it is step TEXT")
	s.types(tcell.KeyEscape, ":step open the alarms", tcell.KeyEnter)
	s.sees("step 1 begins")
	if got := <-told; got != "open the alarms" {
		t.Errorf("the capture was told of %q", got)
	}
}
