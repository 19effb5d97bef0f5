package resolve

import (
	"context"
	"maps"
	"net/netip"
	"sync"
	"time"

	"detour/internal/flow"
)

// A Cache caches answers. Within its TTL, a nameserver's answer is used again, as in a
// browser. After that, a new resolution has the answer before it if the two contradict
// each other, for example because a VPN was connected or a zone changed. Rotation within
// one set of addresses isn't a contradiction. A Cache may be used concurrently.
type Cache struct {
	from    NameResolver
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

// maxRemembered limits the names of a Cache.
const maxRemembered = 2000

// maxFresh is the longest time that an answer is used again, whatever its TTL, so that a
// change of a zone takes effect. Browsers keep addresses from the system's resolver, which
// have no TTL, as long.
const maxFresh = time.Minute

// NewCache returns an empty Cache in front of from. changed is called with each
// resolution that has a Before; it may be nil. The Cache sets Before in what from returns,
// so from must return a new Resolution each time.
func NewCache(from NameResolver, changed func(now *flow.Resolution)) *Cache {
	return &Cache{from: from, changed: changed, last: make(map[string]*remembered)}
}

// Resolve returns the cached answer for host, or looks it up and compares.
func (c *Cache) Resolve(ctx context.Context, host string) *flow.Resolution {
	if again := c.recall(normal(host)); again != nil {
		return again
	}
	r := c.from.Resolve(ctx, host)
	if ctx.Err() != nil {
		return r // canceled
	}
	c.compare(r)
	if r.Before != nil && c.changed != nil {
		c.changed(r)
	}
	return r
}

// Forget makes every name be looked up again, after a change of the network.
func (c *Cache) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for r := range maps.Values(c.last) {
		r.again = nil
	}
}

// recall returns the cached answer for a name, with its age; nil if there is none or it is
// stale.
func (c *Cache) recall(name string) *flow.Resolution {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.last[name]
	now := time.Now()
	if r == nil || r.again == nil || !now.Before(r.fresh) {
		return nil
	}
	again := *r.again
	again.Age, again.Start, again.Took, again.Before = now.Sub(again.Start), now, 1, nil // a Took of 0 would mean pending
	return &again
}

func (c *Cache) compare(r *flow.Resolution) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.last[r.Name]
	if before != nil && differs(before.Answer, r) {
		r.Before = &before.Answer
	}
	if before == nil && len(c.last) >= maxRemembered {
		return
	}
	now := &remembered{Answer: flow.Answer{Addrs: r.Addrs, Outcome: r.Outcome, Last: time.Now()}}
	if r.Source == flow.SourceDNS && r.Outcome == flow.DNSOK {
		now.again, now.fresh = r, r.Start.Add(min(r.TTL, maxFresh))
	}
	c.last[r.Name] = now
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
