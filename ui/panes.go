package ui

import (
	"detour/ui/detail"
	"detour/ui/pane"
)

// A panes is which panes there are, which one has the keys, and where each of them stands.
type panes struct {
	focus   focus // the part that has the keys
	second  focus // what the second pane shows: onDetail, onFindings or onCompared; 0: it is closed
	reading pane.Reading

	tabs   []detail.Tab
	tab    int // chosen
	detail pane.Scroll
	page   detailPage

	finds   pane.Scroll
	finding int // chosen

	diff *compared // the last comparison; nil: none

	help    bool
	helping pane.Scroll
}
