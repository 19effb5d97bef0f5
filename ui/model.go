package ui

import (
	"maps"
	"slices"
	"sort"
	"time"

	"detour/internal/filter"
	"detour/internal/flow"
	"detour/ui/table"
)

// A snapshot is what the painter read from the source for one frame.
type snapshot struct {
	flows    []*flow.Flow
	findings []flow.Finding
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
	claims    map[flow.ID]flow.Level
	hosts     hosts
	from, to  time.Time // when the first and the last flow began; zero: no flow did

	groups  []*table.Group // of rows; nil: rows aren't grouped
	steps   []flow.Step    // by time
	foundID flow.ID        // cache of find for sorted rows; 0: empty
	foundAt int

	cursor cursor
	group  groupCursor

	learn func(*flow.Flow) // is called with each new or changed flow; may be nil
}

func newModel(now time.Time) *model {
	return &model{now: now, view: views()[0], claims: map[flow.ID]flow.Level{}, hosts: hosts{}}
}

// accept applies a snapshot. Flows that are the same as in the previous one, which are
// nearly all, cost a comparison of two pointers.
func (m *model) accept(s snapshot, now time.Time) {
	m.now = now
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
			m.hosts.count(old[j], -1)
			j++
		}
		switch {
		case j < len(old) && old[j] == f:
			flags[i] = oldFlags[j]
			j++
			continue
		case j < len(old) && old[j].ID == f.ID: // a newer revision
			m.hosts.count(old[j], -1)
			j++
		}
		m.hosts.count(f, 1)
		if m.learn != nil {
			m.learn(f)
		}
		m.began(f.Times.Start)
		flags[i] = m.flagsOf(f)
	}
	for ; j < len(old); j++ {
		m.hosts.count(old[j], -1)
	}
	m.flows, m.flags = s.flows, flags
	if reclaimed {
		m.review()
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

// claim records which flows the findings name, and reports whether that changed.
func (m *model) claim(fs []flow.Finding) bool {
	same := sameFindings(fs, m.findings)
	m.findings = fs
	if same {
		return false
	}
	claims := make(map[flow.ID]flow.Level)
	for i := len(fs) - 1; i >= 0; i-- { // the first finding is the most important one, and overrides the others
		for _, id := range fs[i].Flows {
			if claims[id] != flow.LevelProblem {
				claims[id] = fs[i].Level
			}
		}
	}
	m.claims = claims
	return true
}

// sameFindings reports whether a and b are the same slice. Findings aren't modified: equal
// ones in another slice are the result of another diagnosis.
func sameFindings(a, b []flow.Finding) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

func (m *model) flagsOf(f *flow.Flow) uint8 {
	var b uint8
	if m.inView(f) {
		b |= flagView
	}
	if m.filter.Match(f, m.now) {
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

// inView reports whether f belongs to the view, and to the group that it is narrowed to.
func (m *model) inView(f *flow.Flow) bool {
	return (m.view.keep == nil || m.view.keep(m, f)) && (m.within == nil || m.within.has(m.row(f)))
}

// review decides for every flow again whether it belongs to the view.
func (m *model) review() {
	for i, f := range m.flows {
		m.flags[i] &^= flagView
		if m.inView(f) {
			m.flags[i] |= flagView
		}
	}
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
		if m.filter.Moves() && m.filter.Match(m.flows[i], now) != (m.flags[i]&flagText != 0) {
			m.flags[i] ^= flagText
			changed = true
		}
	}
	if changed {
		m.choose()
		m.cursor.refresh(m)
	}
}

// choose collects the rows and the pending flows.
func (m *model) choose() {
	clear(m.rows) // don't keep evicted flows alive
	m.rows, m.pending, m.viewed, m.undecoded, m.elsewhere = m.rows[:0], m.pending[:0], 0, 0, 0
	for i, b := range m.flags {
		if b&flagView != 0 {
			m.viewed++
			if b&flagText != 0 {
				m.rows = append(m.rows, m.flows[i])
			}
		}
		if b&flagUndecoded != 0 {
			m.undecoded++
		}
		if b&flagElsewhere != 0 {
			m.elsewhere++
		}
		if b&flagPending != 0 {
			m.pending = append(m.pending, i)
		}
	}
	m.foundID = 0
	table.Sort(m.rows, m.row, m.order)
	m.groups = table.GroupBy(m.view.group, m.rows, m.row, m.groupOrder)
}

// setView switches to another view.
func (m *model) setView(v view) {
	m.view, m.order, m.groupOrder, m.within = v, table.Order{}, table.Order{}, nil
	if v.group != "" {
		m.groupOrder = v.order
	} else {
		m.order = v.order
	}
	m.review()
	m.choose()
	m.cursor.refresh(m)
}

// enter narrows the view to one group, and shows its flows.
func (m *model) enter(g *table.Group) {
	by, ok := table.GroupingNamed(m.view.group)
	if !ok {
		return
	}
	m.within = &within{by, g.Key}
	m.view.group = ""
	m.review()
	m.choose()
	m.cursor.follow()
}

// leave returns to the groups.
func (m *model) leave() {
	m.view.group = m.within.by.Name
	m.within = nil
	m.review()
	m.choose()
}

// setFilter shows only flows that match an expression. One that can't be parsed changes
// nothing.
func (m *model) setFilter(text string) error {
	x, err := filter.Parse(text)
	if err != nil {
		return err
	}
	m.filter = x
	for i, f := range m.flows {
		m.flags[i] &^= flagText
		if x.Match(f, m.now) {
			m.flags[i] |= flagText
		}
	}
	m.choose()
	return nil
}

// maxSeen is how many values of a key are offered, and seenBytes how long each may be.
const (
	maxSeen   = 200
	seenBytes = 80
)

// seen lists the values that a key has in the newest flows.
func (m *model) seen(key string) []string {
	texts := filter.Texts(key)
	if texts == nil {
		return nil
	}
	have := make(map[string]bool)
	for i := len(m.flows) - 1; i >= max(0, len(m.flows)-10_000) && len(have) < maxSeen; i-- {
		texts(m.flows[i], func(s string) {
			if len(s) <= seenBytes {
				have[s] = true
			}
		})
	}
	return slices.Collect(maps.Keys(have))
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

// find is the index of the first row whose ID isn't lower than id. In sorted rows it is the
// index of id itself, or its last one if it is gone.
func (m *model) find(id flow.ID) int {
	if !m.sorted() {
		return sort.Search(len(m.rows), func(i int) bool { return m.rows[i].ID >= id })
	}
	if m.foundID != id {
		m.foundID = id
		if i := slices.IndexFunc(m.rows, func(f *flow.Flow) bool { return f.ID == id }); i >= 0 {
			m.foundAt = i
		}
	}
	return min(m.foundAt, len(m.rows))
}

// shows reports whether a flow is among the rows.
func (m *model) shows(id flow.ID) bool {
	i := m.find(id)
	return i < len(m.rows) && m.rows[i].ID == id
}

// flow returns the newest revision of a flow, or nil if it isn't stored.
func (m *model) flow(id flow.ID) *flow.Flow {
	i := sort.Search(len(m.flows), func(i int) bool { return m.flows[i].ID >= id })
	if i < len(m.flows) && m.flows[i].ID == id {
		return m.flows[i]
	}
	return nil
}

// row makes a row of a flow.
func (m *model) row(f *flow.Flow) table.Row {
	return table.Row{Flow: f, Now: m.now, Claim: m.claims[f.ID], Step: m.stepOf(f)}
}

// about returns the findings that name a flow, the most important one first.
func (m *model) about(f *flow.Flow) []flow.Finding {
	var out []flow.Finding
	for _, x := range m.findings {
		if _, found := slices.BinarySearch(x.Flows, f.ID); found {
			out = append(out, x)
		}
	}
	return out
}

// sorted reports whether the rows aren't in the order of arrival.
func (m *model) sorted() bool { return m.order.Column != "" }

// setOrder sorts the rows, or the groups if they are shown.
func (m *model) setOrder(o table.Order) {
	if m.view.group != "" {
		m.groupOrder = o
	} else {
		m.order = o
	}
	m.choose()
	m.cursor.refresh(m)
}

// shownOrder is the order of the rows, or of the groups if they are shown.
func (m *model) shownOrder() table.Order {
	if m.view.group != "" {
		return m.groupOrder
	}
	return m.order
}
