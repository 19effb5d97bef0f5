package resolve

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"detour/internal/flow"
)

// A lookup of names; (*Resolver).Resolve is one.
type lookups interface {
	Resolve(ctx context.Context, host string) *flow.Resolution
}

// A Memory remembers what names resolved to, and says of a resolution what it was
// before, if that was quite another answer: a VPN came up, a zone was changed.
// Rotation within one set of addresses isn't. It may be used concurrently.
type Memory struct {
	from    lookups
	changed func(now *flow.Resolution)

	mu   sync.Mutex
	last map[string]flow.Answer
}

// maxRemembered bounds the names that a Memory has.
const maxRemembered = 2000

// NewMemory returns a Memory of the answers of from. changed is told each
// resolution that has a Before; it may be nil.
func NewMemory(from lookups, changed func(now *flow.Resolution)) *Memory {
	return &Memory{from: from, changed: changed, last: make(map[string]flow.Answer)}
}

// Resolve looks host up and compares.
func (m *Memory) Resolve(ctx context.Context, host string) *flow.Resolution {
	r := m.from.Resolve(ctx, host)
	if ctx.Err() != nil {
		return r // called off: no answer
	}
	m.compare(r)
	if r.Before != nil && m.changed != nil {
		m.changed(r)
	}
	return r
}

func (m *Memory) compare(r *flow.Resolution) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before, known := m.last[r.Name]
	if known && differs(before, r) {
		r.Before = &before
	}
	if known || len(m.last) < maxRemembered {
		m.last[r.Name] = flow.Answer{Addrs: r.Addrs, Outcome: r.Outcome, Last: time.Now()}
	}
}

// differs reports whether two answers contradict each other: one has addresses
// and the other none, or they have none in common.
func differs(a flow.Answer, r *flow.Resolution) bool {
	if (len(a.Addrs) == 0) != (len(r.Addrs) == 0) {
		return true
	}
	for _, x := range a.Addrs {
		for _, y := range r.Addrs {
			if x == y {
				return false
			}
		}
	}
	return len(r.Addrs) > 0 && reach(a.Addrs) != reach(r.Addrs)
}

// reach tells addresses that may be in a VPC from others. Public names rotate
// through more addresses than one answer has.
func reach(addrs []netip.Addr) bool { return (&flow.Resolution{Addrs: addrs}).AllInVPC() }
