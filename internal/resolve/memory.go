package resolve

import (
	"context"
	"maps"
	"net/netip"
	"sync"
	"time"

	"detour/internal/flow"
)

// lookups resolves names, as a Resolver does.
type lookups interface {
	Resolve(ctx context.Context, host string) *flow.Resolution
}

// A Memory caches answers. Within its TTL, a nameserver's answer is used again, as in a
// browser. After that, a new resolution has the answer before it if the two contradict
// each other, for example because a VPN was connected or a zone changed. Rotation within
// one set of addresses isn't a contradiction. A Memory may be used concurrently.
type Memory struct {
	from    lookups
	changed func(now *flow.Resolution)

	mu   sync.Mutex
	last map[string]*remembered
}

// remembered is the last answer for a name.
type remembered struct {
	flow.Answer
	again *flow.Resolution // may be used again until fresh; nil if it may not
	fresh time.Time
}

// maxRemembered limits the names of a Memory.
const maxRemembered = 2000

// maxFresh is the longest time that an answer is used again, whatever its TTL, so that a
// change of a zone takes effect. Browsers keep addresses from the system's resolver, which
// have no TTL, as long.
const maxFresh = time.Minute

// NewMemory returns a Memory of the answers of from. changed is called with each
// resolution that has a Before; it may be nil.
func NewMemory(from lookups, changed func(now *flow.Resolution)) *Memory {
	return &Memory{from: from, changed: changed, last: make(map[string]*remembered)}
}

// Resolve returns the cached answer for host, or looks it up and compares.
func (m *Memory) Resolve(ctx context.Context, host string) *flow.Resolution {
	if again := m.recall(normal(host)); again != nil {
		return again
	}
	r := m.from.Resolve(ctx, host)
	if ctx.Err() != nil {
		return r // canceled
	}
	m.compare(r)
	if r.Before != nil && m.changed != nil {
		m.changed(r)
	}
	return r
}

// Forget makes every name be looked up again, after a change of the network.
func (m *Memory) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for r := range maps.Values(m.last) {
		r.again = nil
	}
}

// recall returns the cached answer for a name, with its age; nil if there is none or it is
// stale.
func (m *Memory) recall(name string) *flow.Resolution {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.last[name]
	now := time.Now()
	if r == nil || r.again == nil || !now.Before(r.fresh) {
		return nil
	}
	again := *r.again
	again.Age, again.Start, again.Took, again.Before = now.Sub(again.Start), now, 1, nil // a Took of 0 would mean pending
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

// differs reports whether two answers contradict each other: only one has addresses, or
// they have none in common and only one has private ones.
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

// reach reports whether all addresses may be in a VPC. Public names rotate through more
// addresses than one answer has.
func reach(addrs []netip.Addr) bool { return (&flow.Resolution{Addrs: addrs}).AllInVPC() }
