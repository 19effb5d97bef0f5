package ui

import (
	"detour/internal/flow"
	"detour/ui/table"
)

// A cursor is the position in the table. It either follows the newest row or is pinned to a
// flow by its ID: rows that arrive, are evicted or are filtered out never move it to
// another flow.
type cursor struct {
	id   flow.ID    // 0: following
	flow *flow.Flow // its newest known revision
	line int        // where in the window it stays
	gone bool       // evicted; flow is the last known revision
	page int        // rows in the window, as drawn last
}

// following reports whether the newest row stays in sight.
func (c *cursor) following() bool { return c.id == 0 }

// refresh looks up the pinned flow in new content.
func (c *cursor) refresh(m *model) {
	if c.id == 0 {
		return
	}
	f := m.flow(c.id)
	c.gone = f == nil
	if f != nil {
		c.flow = f
	}
}

// top is the index of the first row in the window.
func (c *cursor) top(m *model) int {
	last := max(0, len(m.rows)-c.page)
	switch {
	case c.id == 0 && m.sorted():
		return 0
	case c.id == 0:
		return last
	}
	line := min(c.line, max(0, c.page-1)) // the window may have shrunk
	return min(max(0, m.find(c.id)-line), last)
}

// current is the selected flow: the pinned one, else the newest row; nil if there is none.
func (c *cursor) current(m *model) *flow.Flow {
	if c.id != 0 {
		return c.flow
	}
	if len(m.rows) > 0 {
		return m.rows[c.newest(m)]
	}
	return nil
}

// newest is the index of the row that is followed: the last one, or the first one of sorted
// rows.
func (c *cursor) newest(m *model) int {
	if m.sorted() {
		return 0
	}
	return len(m.rows) - 1
}

// pin selects a row.
func (c *cursor) pin(m *model, i int) {
	if len(m.rows) == 0 {
		return
	}
	top := c.top(m)
	i = min(max(0, i), len(m.rows)-1)
	c.id, c.flow, c.gone = m.rows[i].ID, m.rows[i], false
	c.line = min(max(0, i-top), max(0, c.page-1))
}

// move goes n rows. The first step away from following selects the newest row.
func (c *cursor) move(m *model, n int) {
	if c.id == 0 {
		at := c.newest(m)
		if n < -1 || m.sorted() && n > 1 {
			at += n
		}
		c.pin(m, at)
		return
	}
	at := m.find(c.id)
	if hidden := at >= len(m.rows) || m.rows[at].ID != c.id; hidden && n > 0 {
		n-- // at is the next one already
	}
	c.pin(m, at+n)
}

// follow unpins the flow.
func (c *cursor) follow() { *c = cursor{page: c.page} }

// A groupCursor is the selected group: a key, which stays selected wherever the group
// moves.
type groupCursor struct {
	key  string
	set  bool // it was selected; else the first group is
	top  int
	page int // rows in the window, as drawn last
}

// at is the index of the selected group; the first one if it is gone.
func (c *groupCursor) at(gs []*table.Group) int {
	if c.set {
		for i, g := range gs {
			if g.Key == c.key {
				return i
			}
		}
	}
	return 0
}

func (c *groupCursor) move(gs []*table.Group, n int) {
	if len(gs) == 0 {
		return
	}
	c.key, c.set = gs[max(0, min(c.at(gs)+n, len(gs)-1))].Key, true
}

// A within narrows a view to one group.
type within struct {
	by  table.Grouping
	key string
}

func (w *within) has(r table.Row) bool { return w.by.Key(r) == w.key }
