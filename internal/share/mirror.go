package share

import (
	"slices"

	"detour/internal/flow"
)

// An item is a flow of the source, and what was published of it.
type item struct {
	id      flow.ID
	subject subject // of what was published; the Feed's mu guards it

	now     *flow.Flow // the source's, at the last look
	sent    *flow.Flow // the source's that was published; nil: none was
	backlog bool       // it was there before anybody watched
}

// A mirror has an item for each flow of the source.
type mirror struct {
	items []*item // by ID; a new slice when flows come or go
	open  int     // items whose newest revision wasn't published
}

// look takes over the source's flows, and returns the items of those that are gone. backlog says
// that what is new was there before.
func (m *mirror) look(flows []*flow.Flow, backlog bool) (gone []*item) {
	if m.same(flows, backlog) {
		return nil
	}
	items, old := make([]*item, 0, len(flows)+len(flows)/16), m.items
	for _, f := range flows {
		for len(old) > 0 && old[0].now != f && old[0].id < f.ID {
			gone, old = append(gone, old[0]), old[1:]
		}
		if len(old) > 0 && old[0].id == f.ID {
			it := old[0]
			it.renew(f, backlog)
			items, old = append(items, it), old[1:]
			continue
		}
		items = append(items, &item{id: f.ID, now: f, backlog: backlog})
	}
	m.items, gone = items, append(gone, old...)
	return gone
}

// same reports whether no flow has come or gone, and takes over those that have changed up to the
// first that has.
func (m *mirror) same(flows []*flow.Flow, backlog bool) bool {
	if len(flows) != len(m.items) {
		return false
	}
	for i, it := range m.items {
		if it.now == flows[i] {
			continue
		}
		if it.id != flows[i].ID {
			return false
		}
		it.renew(flows[i], backlog)
	}
	return true
}

func (it *item) renew(f *flow.Flow, backlog bool) {
	if it.now != f {
		it.now, it.backlog = f, backlog
	}
}

// choose calls do with the items whose newest revision isn't published, until it returns false:
// first with those that watchers know or that findings are about, then with the others; the
// newest first.
func (m *mirror) choose(important func(flow.ID) bool, do func(*item) bool) {
	m.open = 0
	going := true
	for _, known := range []bool{true, false} {
		for _, it := range slices.Backward(m.items) {
			if it.sent == it.now || known != (it.sent != nil || important(it.id)) {
				continue
			}
			if going {
				going = do(it)
			} else {
				m.open++
			}
		}
	}
}
