package ui

import (
	"detour/ui/detail"
	"detour/ui/pane"
)

// A paneState is which panes are open, which one has the focus, and how far each is scrolled.
type paneState struct {
	focus   focus // the part that keys act on
	second  focus // what the second pane shows: onDetail, onFindings or onCompared; 0: it is closed
	reading pane.Reading

	tabs   []detail.Tab
	tab    int // index of the selected one
	detail pane.Scroll
	page   detailPage

	finds   pane.Scroll
	finding int // index of the selected one

	help    bool
	helping pane.Scroll
}

// A focus is the part of the screen that keys act on.
type focus uint8

const (
	onTable focus = 1 << iota
	onDetail
	onFindings
	onGroups
	onCompared
)
