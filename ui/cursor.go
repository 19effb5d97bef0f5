package ui

import (
	"detour/internal/flow"
	"detour/ui/table"
)

// A cursor is where the person is in the table. It either follows the newest
// row, or is pinned to one flow: to its ID, so that rows that arrive, are
// evicted or filtered away never move it to another one.
type cursor struct {
	id   flow.ID    // 0: following
	flow *flow.Flow // newest revision that was seen of it
	line int        // of the window, on which it is kept
	gone bool       // no longer among the flows; flow is the last that was known
	page int        // height of the window, as drawn last
}

// following reports whether the newest row is kept in sight.
func (c *cursor) following() bool { return c.id == 0 }

// refresh looks the pinned flow up in new content.
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

// top is the index of the row on the window's first line.
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

// current is the flow that the person looks at: the pinned one, else the
// newest row; nil if there is none.
func (c *cursor) current(m *model) *flow.Flow {
	if c.id != 0 {
		return c.flow
	}
	if len(m.rows) > 0 {
		return m.rows[c.newest(m)]
	}
	return nil
}

// newest is the index of the row that is followed: the last one, and of rows that
// are sorted the first.
func (c *cursor) newest(m *model) int {
	if m.sorted() {
		return 0
	}
	return len(m.rows) - 1
}

// pin stays with a row from now on.
func (c *cursor) pin(m *model, i int) {
	if len(m.rows) == 0 {
		return
	}
	top := c.top(m)
	i = min(max(0, i), len(m.rows)-1)
	c.id, c.flow, c.gone = m.rows[i].ID, m.rows[i], false
	c.line = min(max(0, i-top), max(0, c.page-1))
}

// move goes by n rows. The first step away from following selects the newest
// row, so that a person sees where they are.
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
		n-- // at is already the next one
	}
	c.pin(m, at+n)
}

// follow lets go of the pinned flow.
func (c *cursor) follow() { *c = cursor{page: c.page} }

// A groupCursor is the chosen group: a key, which stays chosen wherever the group goes.
type groupCursor struct {
	key  string
	set  bool // a person has chosen it; else it is the first
	top  int
	page int // height of the window, as drawn last
}

// at is the index of the chosen group; the first one if it isn't there.
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
