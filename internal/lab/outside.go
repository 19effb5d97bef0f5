package lab

import (
	"context"
	"net/netip"
	"time"

	"detour/internal/flow"
)

// Beyond is the resolver Outside of the in-process network: of every name it has a
// public address. It may be used concurrently.
type Beyond struct{}

// Ask is its word on a name.
func (Beyond) Ask(ctx context.Context, host string) *flow.Reference {
	r := &flow.Reference{Nameserver: Outside + ":53", Outcome: flow.DNSOK}
	addrs := Resolve(host)
	if len(addrs) == 0 || flow.ScopeOf(addrs[0]).InVPC() {
		addrs = []netip.Addr{netip.MustParseAddr(otherIP)}
	}
	r.Addrs = addrs
	began := time.Now()
	if err := wait(ctx, publicRTT); err != nil {
		r.Outcome, r.Addrs, r.Err = flow.DNSTimeout, nil, err.Error()
	}
	r.Took = time.Since(began)
	return r
}
