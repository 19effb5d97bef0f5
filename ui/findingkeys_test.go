package ui

import (
	"fmt"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

// TestFindings_jAndKMoveBetweenThem, and the text scrolls to the chosen one, however long the
// list is.
func TestFindings_jAndKMoveBetweenThem(t *testing.T) {
	var many []flow.Finding
	for i := range 20 {
		f := flowtest.Findings(false)[0]
		f.Title = fmt.Sprintf("finding number %d", i+1)
		many = append(many, f)
	}
	s := start(t, 80, 24, &stage{flows: flowtest.Story(true), findings: many}, Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("!")
	s.sees("▸ 1")
	s.types("j")
	s.sees("Finding 2 of 20: PROBLEM\n               finding number 2")
	s.types("jj", tcell.KeyDown)
	s.sees("Finding 5 of 20: PROBLEM\n               finding number 5")
	s.types("kk", tcell.KeyUp, "k")
	s.sees("Finding 1 of 20")
	s.types("k") // there is none before it: it scrolls
	s.lacks("Finding 2 of 20")

	s = start(t, 80, 24, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("!")
	s.sees("1–19 of")
	s.types("j") // there is only one
	s.sees("2–20 of")
}
