package ui

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/ui/text"
)

// A grouping says what flows are put together by.
type grouping struct {
	name string // "host"
	doc  string
	key  func(*model, *flow.Flow) string // "" is a group too
	// filter is the key of filters whose whole value a group's key is; "": none is.
	filter string
	shows  content
}

func groupings() []grouping {
	of := func(f func(*flow.Flow) string) func(*model, *flow.Flow) string {
		return func(_ *model, x *flow.Flow) string { return f(x) }
	}
	return []grouping{
		{"host", "the host that was asked for", of(hostOf), "host", aHost},
		{"address", "the address that answered, or was tried first", of(addressOf), "", aHost},
		{"page", "the console's page that asked", of(pageOf), "", aPage},
		{"operation", "the AWS call", of(operationOf), "", someText},
		{"service", "the AWS service", of(serviceOf), "service", someText},
		{"origin", "the road", of(func(f *flow.Flow) string { return string(f.Origin) }), "origin", ownWords},
		{"finding", "the code of its first finding", of(findingOf), "", someText},
		{"step", "what you were doing", func(m *model, f *flow.Flow) string { return m.stepOf(f) }, "", someText},
	}
}

// groupingOf is the grouping of that name; ok is false if there is none.
func groupingOf(name string) (g grouping, ok bool) {
	for _, g := range groupings() {
		if g.name == name {
			return g, true
		}
	}
	return g, false
}

func addressOf(f *flow.Flow) string {
	if f.Conn == nil || f.Conn.Winner() == nil && len(f.Conn.Attempts) == 0 && (f.Conn.Resolution == nil || len(f.Conn.Resolution.Addrs) == 0) {
		return ""
	}
	return chosen(f.Conn).String()
}

// pageOf is a page without what follows its path: a console page changes the rest all the time.
func pageOf(f *flow.Flow) string {
	s, _ := text.Head(f.Page, text.MaxCell)
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return s
	}
	return u.Host + u.Path
}

func operationOf(f *flow.Flow) string {
	if f.AWS == nil {
		return ""
	}
	return strings.TrimSpace(serviceOf(f) + " " + f.AWS.Operation)
}

func serviceOf(f *flow.Flow) string {
	if f.AWS == nil {
		return ""
	}
	return cmp.Or(f.AWS.ServiceName, f.AWS.Service)
}

func findingOf(f *flow.Flow) string {
	if len(f.Findings) == 0 {
		return ""
	}
	return f.Findings[0]
}

// A group is the flows of one key, summed up.
type group struct {
	key     string
	flows   int
	failed  int // without an answer, or waiting in vain
	errors  int // answered with an error
	pending int
	rank    int
	worst   *flow.Flow    // the newest of those that ended worst
	slowest time.Duration // of the flows that are over
	last    *flow.Flow
}

// rankOf says how badly a flow ended: 3 no answer, 2 an error, 1 a notice, 0 well.
func rankOf(m *model, f *flow.Flow) int {
	switch {
	case broken(f) || stuck(f, m.now) || m.claims[f.ID] == flow.LevelProblem:
		return 3
	case errorAnswer(f):
		return 2
	case m.claims[f.ID] != "" || len(f.Findings) > 0:
		return 1
	}
	return 0
}

func (g *group) add(m *model, f *flow.Flow) {
	g.flows++
	r := rankOf(m, f)
	switch r {
	case 3:
		g.failed++
	case 2:
		g.errors++
	}
	if f.Final() {
		g.slowest = max(g.slowest, elapsed(f, m.now))
	} else {
		g.pending++
	}
	if g.worst == nil || r >= g.rank {
		g.rank, g.worst = r, f
	}
	g.last = f
}

// gather groups the rows, those that want a look first if they aren't sorted otherwise.
func (m *model) gather() {
	by, ok := groupingOf(m.view.group)
	if !ok {
		m.groups = nil
		return
	}
	found := make(map[string]*group)
	m.groups = nil
	for _, f := range m.rows {
		k := by.key(m, f)
		g := found[k]
		if g == nil {
			g = &group{key: k}
			found[k] = g
			m.groups = append(m.groups, g)
		}
		g.add(m, f)
	}
	slices.SortStableFunc(m.groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(b.failed+b.errors, a.failed+a.errors), cmp.Compare(b.flows, a.flows), cmp.Compare(a.key, b.key))
	})
	for _, c := range groupColumns(m.view.group) {
		if c.name != "" && c.name == m.groupOrder.column {
			sortBy(m.groups, m.groupOrder.up, func(g *group) rank { return c.rank(m, g) })
		}
	}
}

// A groupCursor is the chosen group: a key, which stays chosen wherever the group goes.
type groupCursor struct {
	key  string
	set  bool // a person has chosen it; else it is the first
	top  int
	page int // height of the window, as drawn last
}

// at is the index of the chosen group; the first one if it isn't there.
func (c *groupCursor) at(gs []*group) int {
	if c.set {
		for i, g := range gs {
			if g.key == c.key {
				return i
			}
		}
	}
	return 0
}

func (c *groupCursor) move(gs []*group, n int) {
	if len(gs) == 0 {
		return
	}
	c.key, c.set = gs[max(0, min(c.at(gs)+n, len(gs)-1))].key, true
}

// A within narrows a view to one group.
type within struct {
	by  grouping
	key string
}

func (w *within) has(m *model, f *flow.Flow) bool { return w == nil || w.by.key(m, f) == w.key }
