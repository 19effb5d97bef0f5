package redact

import (
	"maps"
	"sync"

	"detour/internal/flow"
)

// A tally counts by kind. A flow has few kinds.
type tally []kindCount

type kindCount struct {
	kind string
	n    int
}

// of returns the count of kind, and adds it if it is missing.
func (t *tally) of(kind string) *int {
	for i := range *t {
		if (*t)[i].kind == kind {
			return &(*t)[i].n
		}
	}
	*t = append(*t, kindCount{kind: kind})
	return &(*t)[len(*t)-1].n
}

// sum returns the sum of all counts, and the count of unknownKind.
func (t tally) sum() (all, unknown int) {
	for _, k := range t {
		all += k.n
		if k.kind == unknownKind {
			unknown = k.n
		}
	}
	return all, unknown
}

// maxPending limits the flows in progress whose counts are remembered. Beyond it, a flow's
// next revision may count twice.
const maxPending = 4096

// counts are the totals of a capture.
type counts struct {
	mu      sync.Mutex
	total   map[string]int
	pending map[flow.ID]tally
}

// add counts what a revision of f has in addition to those before it.
func (c *counts) add(f *flow.Flow, t tally) {
	if f.ID == 0 {
		c.addAll(t)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	had, known := c.pending[f.ID]
	if f.Final() && !known {
		for _, k := range t {
			c.plus(k.kind, k.n)
		}
		return
	}
	for _, k := range t {
		if n := had.of(k.kind); k.n > *n {
			c.plus(k.kind, k.n-*n)
			*n = k.n
		}
	}
	if f.Final() {
		if known {
			delete(c.pending, f.ID)
		}
		return
	}
	if c.pending == nil || len(c.pending) >= maxPending {
		c.pending = make(map[flow.ID]tally)
	}
	c.pending[f.ID] = had
}

func (c *counts) addAll(t tally) {
	if len(t) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range t {
		c.plus(k.kind, k.n)
	}
}

func (c *counts) plus(kind string, n int) {
	if c.total == nil {
		c.total = make(map[string]int)
	}
	c.total[kind] += n
}

func (c *counts) copy() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := maps.Clone(c.total)
	if out == nil {
		out = map[string]int{}
	}
	return out
}
