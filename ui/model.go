package ui

import (
	"slices"
	"time"

	"detour/internal/alias"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/ui/hosts"
	"detour/ui/table"
	"detour/ui/views"
)

// A snapshot is what the painter read from the source for one frame.
type snapshot struct {
	flows    []*flow.Flow
	findings []flow.Finding
	steps    []flow.Step
	hasSteps bool // the source has them
}

// Flags of a flow that decide whether it is a row. They are stored next to the flows, so
// that a frame only looks at those that are new or changed.
const (
	flagView      uint8 = 1 << iota // belongs to the view
	flagText                        // matches the filter
	flagPending                     // isn't final
	flagUndecoded                   // an AWS call whose operation isn't known
	flagElsewhere                   // failed, and its host isn't AWS's
)

// A model is the state of the table: all flows, those that are shown, and the position. It
// doesn't know the screen. It isn't safe for concurrent use.
type model struct {
	now        time.Time
	view       view
	order      table.Order // of the rows
	groupOrder table.Order // of the groups
	within     *within     // the group whose flows are shown; nil: all
	filter     filter.Filter
	findings   []flow.Finding

	flows     []*flow.Flow // by ID
	flags     []uint8      // of flows
	pending   []int        // indexes of flows that aren't final
	rows      []*flow.Flow // shown, by ID
	undecoded int          // calls whose operation isn't known
	elsewhere int          // numbers of flows that failed with hosts that aren't AWS's
	viewed    int          // how many would be shown without the filter
	claims    views.Claims // of the findings
	hosts     hosts.Counts
	from, to  time.Time // when the first and the last flow began; zero: no flow did

	groups  []*table.Group // of rows; nil: rows aren't grouped
	steps   []flow.Step    // by time
	foundID flow.ID        // cache of find for sorted rows; 0: empty
	foundAt int

	cursor cursor
	group  groupCursor

	wanted func(filter.Filter) // is called with each new filter; may be nil
	learn  func(*flow.Flow)    // is called with each new or changed flow; may be nil
	names  *alias.Table        // of what is masked; nil: nothing has a name
}

func newModel(now time.Time) *model {
	return &model{now: now, view: builtIn()[0], hosts: hosts.Counts{}}
}

// accept applies a snapshot. Flows that are the same as in the previous one, which are
// nearly all, cost a comparison of two pointers.
func (m *model) accept(s snapshot, now time.Time) {
	m.now = now
	restepped := s.hasSteps && !slices.Equal(s.steps, m.steps)
	if restepped {
		m.steps = s.steps
	}
	reclaimed := m.claim(s.findings)
	old, oldFlags := m.flows, m.flags
	if len(old) == 0 {
		m.from, m.to = time.Time{}, time.Time{}
	}
	flags := make([]uint8, len(s.flows))
	j := 0
	for i, f := range s.flows {
		if j < len(old) && old[j] == f {
			flags[i] = oldFlags[j]
			j++
			continue
		}
		for j < len(old) && old[j].ID < f.ID { // evicted
			m.hosts.Add(old[j], -1)
			j++
		}
		switch {
		case j < len(old) && old[j] == f:
			flags[i] = oldFlags[j]
			j++
			continue
		case j < len(old) && old[j].ID == f.ID: // a newer revision
			m.hosts.Add(old[j], -1)
			j++
		}
		m.hosts.Add(f, 1)
		if m.learn != nil {
			m.learn(f)
		}
		m.began(f.Times.Start)
		flags[i] = m.flagsOf(f)
	}
	for ; j < len(old); j++ {
		m.hosts.Add(old[j], -1)
	}
	m.flows, m.flags = s.flows, flags
	if reclaimed || restepped {
		m.review()
		if m.filter.ListsFindings() {
			m.refilter(false, false)
		}
	}
	m.choose()
	m.cursor.refresh(m)
}

// began widens the range of times in which flows began.
func (m *model) began(at time.Time) {
	switch {
	case at.IsZero():
		return
	case m.from.IsZero() || at.Before(m.from):
		m.from = at
	}
	if at.After(m.to) {
		m.to = at
	}
}

// overDays reports whether flows began on more than one day, so that times need a date.
func (m *model) overDays() bool {
	const day = "2006-01-02"
	at := m.now.Location()
	return !m.from.IsZero() && m.from.In(at).Format(day) != m.to.In(at).Format(day)
}

func (m *model) flagsOf(f *flow.Flow) uint8 {
	var b uint8
	if m.inView(f) {
		b |= flagView
	}
	if m.matches(m.filter, f) {
		b |= flagText
	}
	if !f.Final() {
		b |= flagPending
	}
	if f.AWS != nil && f.AWS.DecodedBy == flow.Undecoded && f.Request.Method != "OPTIONS" {
		b |= flagUndecoded
	}
	if f.Origin == flow.OriginOther && table.Broken(f) {
		b |= flagElsewhere
	}
	return b
}

// tick advances the clock: pending flows may become stuck and enter the view, or match a
// filter on their duration.
func (m *model) tick(now time.Time) {
	m.now = now
	changed := false
	for _, i := range m.pending {
		if m.flags[i]&flagView == 0 && m.inView(m.flows[i]) {
			m.flags[i] |= flagView
			changed = true
		}
		if m.filter.Moves() && m.matches(m.filter, m.flows[i]) != (m.flags[i]&flagText != 0) {
			m.flags[i] ^= flagText
			changed = true
		}
	}
	switch {
	case changed:
		m.choose()
		m.cursor.refresh(m)
	case m.view.group != "" && len(m.pending) > 0: // groups have clocks
		m.groups = table.GroupBy(m.view.group, m.rows, m.row, m.groupOrder)
	}
}

// running reports whether the display changes with time alone: a visible row has a running
// clock, or a hidden one may become visible.
func (m *model) running() bool {
	const want = flagView | flagText
	for _, i := range m.pending {
		if m.flags[i]&want == want || m.filter.Moves() || table.Connecting(m.flows[i]) {
			return true
		}
	}
	return false
}
