package demo

import (
	"context"
	"net/netip"
	"time"

	"detour/internal/flow"
)

// A Reference is the resolver at [Outside]: it knows a public address for every name. It
// may be used concurrently.
type Reference struct{}

// Ask returns the resolver's answer for a name.
func (Reference) Ask(ctx context.Context, host string) *flow.Reference {
	r := &flow.Reference{Nameserver: Outside + ":53", Outcome: flow.DNSOK}
	addrs := Resolve(host)
	if len(addrs) == 0 || flow.ScopeOf(addrs[0]).InVPC() {
		addrs = []netip.Addr{netip.MustParseAddr(OtherIP)}
	}
	r.Addrs = addrs
	began := time.Now()
	if err := wait(ctx, publicRTT); err != nil {
		r.Outcome, r.Addrs, r.Err = flow.DNSTimeout, nil, err.Error()
	}
	r.Took = time.Since(began)
	return r
}
