package ui

import (
	"testing"

	"github.com/gdamore/tcell/v2"
)

// TestHelp_searches its keys and commands, and those of other panes.
func TestHelp_searches(t *testing.T) {
	s := start(t, 80, 24, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("!/affected", tcell.KeyEnter, "?") // the search of the panes is another one
	s.lacks("─ not found")
	s.types("/probe the row", tcell.KeyEnter) // a key of the table
	s.sees("found 1 of 1")
	s.sees("▸r             probe the row's host")
	s.types(tcell.KeyEscape, "/:sort", tcell.KeyEnter)
	s.sees("COLUMN [up] or off: sort the rows or groups")
	s.types(tcell.KeyEscape, "/qqqq", tcell.KeyEnter)
	s.sees("─ not found")
	s.types(tcell.KeyEscape, "g/finding", tcell.KeyEnter, "n")
	s.sees("found 2 of")
	s.types("N")
	s.sees("found 1 of")
	s.types(tcell.KeyEscape)
	s.lacks("found 1 of")
	s.types(tcell.KeyEscape)
	s.sees("Finding 1 of 1")
}
