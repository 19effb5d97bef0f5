package probe

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"
	"time"

	"detour/internal/flow"
)

// Later returns what the result says of the host, as it is added to an earlier flow: of each
// address, and of those of the reference; of the lookup if it returned no address; and of the
// path through an upstream proxy.
func (r Result) Later() (out []flow.Later) {
	for _, t := range r.Tries {
		out = append(out, t.later())
	}
	c := r.Flow.Conn
	if c == nil {
		return out
	}
	if x := c.Resolution; x != nil && len(r.Tries) == 0 {
		out = append(out, flow.Later{
			Kind: flow.LaterProbe, At: x.Start, Took: x.Took, DNS: x.Outcome, Stage: flow.StageDNS, Err: x.Err,
		})
	}
	for _, a := range c.Elsewhere {
		out = append(out, flow.Later{Kind: flow.LaterOther, At: a.Start, Addr: a.Addr, Outcome: a.Outcome, Took: a.Took, Err: a.Err})
	}
	return out
}

// later is what came of a try: of its address, or of the way through an upstream proxy.
func (t Try) later() flow.Later {
	l := flow.Later{Kind: flow.LaterProbe, At: t.At, Outcome: flow.DialError, Stage: t.Stage, Err: t.Err}
	if t.Answer != nil {
		l.Status = t.Answer.Status
	}
	if t.Conn == nil {
		return l
	}
	l.Via = t.Conn.UpstreamProxy
	if n := len(t.Conn.Attempts); n > 0 {
		a := t.Conn.Attempts[n-1]
		l.At, l.Outcome, l.Took, l.Err = a.Start, a.Outcome, a.Took, cmp.Or(a.Err, t.Err)
		if l.Via == "" {
			l.Addr = a.Addr
		}
	}
	return l
}

// HostCheck returns what the result says of the host and each of its own addresses.
func (r Result) HostCheck(authority string) flow.HostCheck {
	h := flow.HostCheck{Authority: authority}
	if c := r.Flow.Conn; c != nil && c.Resolution != nil && c.UpstreamProxy == "" {
		x := c.Resolution
		addrs := slices.Clone(x.Addrs)
		slices.SortFunc(addrs, netip.Addr.Compare)
		h.DNS = []flow.CheckAnswer{{At: x.Start, Outcome: x.Outcome, Addrs: addrs, Err: x.Err}}
	}
	for _, t := range r.Tries {
		l := t.later()
		at := slices.IndexFunc(h.Addresses, func(a flow.AddressCheck) bool { return a.Last.Addr == l.Addr })
		if at < 0 {
			at, h.Addresses = len(h.Addresses), append(h.Addresses, flow.AddressCheck{})
		}
		a := &h.Addresses[at]
		a.Tries++
		switch {
		case l.Answered():
			if a.InRow == 0 {
				a.Since = l.End()
			}
			a.InRow++
			a.Answered++
		default:
			if a.InRow > 0 {
				a.Flaps++
			}
			if a.Failed.IsZero() {
				a.Failed = l.End()
			}
			a.InRow, a.Since = 0, time.Time{}
		}
		a.Last = l
	}
	h.Works = len(h.Addresses) > 0
	for _, a := range h.Addresses {
		h.Works = h.Works && a.Answered == a.Tries
		if a.Since.After(h.Since) {
			h.Since = a.Since
		}
	}
	if !h.Works {
		h.Since = time.Time{}
	}
	return h
}

// Lookup resolves the name of a host:port; nil if an upstream proxy does.
func (p *Prober) Lookup(ctx context.Context, authority string) *flow.Resolution {
	if p.proxied(authority) {
		return nil
	}
	host, _, _ := net.SplitHostPort(authority)
	return p.cfg.Resolver.Resolve(ctx, host)
}

// Test makes one connection to one address of a resolution, and says what came of it. Through
// an upstream proxy, r is nil.
func (p *Prober) Test(ctx context.Context, authority string, r *flow.Resolution, a netip.Addr) flow.Later {
	resolver := p.cfg.Resolver
	if r != nil {
		resolver = only{r, a}
	}
	return p.once(ctx, authority, resolver).later()
}
