package resolve

import (
	"context"
	"maps"
	"net/netip"
	"sync"
	"time"

	"detour/internal/flow"
)

// A lookup of names; (*Resolver).Resolve is one.
type lookups interface {
	Resolve(ctx context.Context, host string) *flow.Resolution
}

// A Memory remembers what names resolved to. Within its TTL a nameserver's answer
// serves again, as it does in a browser; when it is asked for anew, the resolution
// says what it was before, if that was quite another answer: a VPN came up, a zone
// was changed. Rotation within one set of addresses isn't. It may be used
// concurrently.
type Memory struct {
	from    lookups
	changed func(now *flow.Resolution)

	mu   sync.Mutex
	last map[string]*remembered
}

// remembered is the last answer that a name had.
type remembered struct {
	flow.Answer
	again *flow.Resolution // what may serve again until fresh; nil if it may not
	fresh time.Time
}

// maxRemembered bounds the names that a Memory has.
const maxRemembered = 2000

// maxFresh is the longest that an answer serves again, whatever its TTL: people
// change a zone and want to see what comes of it. Browsers keep addresses of the
// system's, whose TTL they don't know, as long.
const maxFresh = time.Minute

// NewMemory returns a Memory of the answers of from. changed is told each
// resolution that has a Before; it may be nil.
func NewMemory(from lookups, changed func(now *flow.Resolution)) *Memory {
	return &Memory{from: from, changed: changed, last: make(map[string]*remembered)}
}

// Resolve looks host up and compares.
func (m *Memory) Resolve(ctx context.Context, host string) *flow.Resolution {
	if again := m.recall(normal(host)); again != nil {
		return again
	}
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

// Forget has every name asked for anew: the network has changed.
func (m *Memory) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for r := range maps.Values(m.last) {
		r.again = nil
	}
}

// recall is the answer that the name had a short while ago, with its age; nil if
// there is none or it is stale.
func (m *Memory) recall(name string) *flow.Resolution {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.last[name]
	now := time.Now()
	if r == nil || r.again == nil || !now.Before(r.fresh) {
		return nil
	}
	again := *r.again
	again.Age, again.Start, again.Took, again.Before = now.Sub(again.Start), now, 1, nil // a Took of 0 would say pending
	return &again
}

func (m *Memory) compare(r *flow.Resolution) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.last[r.Name]
	if before != nil && differs(before.Answer, r) {
		r.Before = &before.Answer
	}
	if before == nil && len(m.last) >= maxRemembered {
		return
	}
	now := &remembered{Answer: flow.Answer{Addrs: r.Addrs, Outcome: r.Outcome, Last: time.Now()}}
	if r.Source == flow.SourceDNS && r.Outcome == flow.DNSOK {
		now.again, now.fresh = r, r.Start.Add(min(r.TTL, maxFresh))
	}
	m.last[r.Name] = now
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
