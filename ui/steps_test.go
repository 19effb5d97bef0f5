package ui

import (
	"testing"

	"github.com/gdamore/tcell/v2"
)

func TestStep_flowsFromThenOnBelongToIt(t *testing.T) {
	src := finished()
	s := start(t, 160, 30, src, Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types(":step ", tcell.KeyEnter)
	s.sees("it is step TEXT")
	s.types(tcell.KeyEscape, ":step open the alarms", tcell.KeyEnter)
	s.sees("step 1 begins")
}
