package account

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
)

// byHost is what the configuration says of hosts whose addresses the flows don't have, as
// those of a HAR: what would stop the client if the name leads to the endpoint. It proves
// nothing, and is false if no host has an endpoint in the files.
func (s *Study) byHost(f flow.Finding) (flow.Proof, bool) {
	var all []*address
	for _, id := range f.Flows {
		x := s.flows[id]
		if x == nil || x.Response != nil || x.Origin != flow.OriginDirect ||
			x.Conn != nil && (x.Conn.UpstreamProxy != "" || slices.ContainsFunc(x.Conn.Attempts, hasAddress)) {
			continue
		}
		p := s.packet(x, netip.AddrPort{}, netip.AddrPort{})
		for _, to := range s.config.addressesOf(p) {
			p.To = netip.AddrPortFrom(to, 443)
			if !slices.ContainsFunc(all, func(a *address) bool { return a.to == p.To }) {
				all = append(all, s.address(p.To, []packet{p}))
			}
		}
	}
	if len(all) == 0 || s.client.Strict {
		return flow.Proof{}, false
	}
	p := flow.Proof{Verdict: flow.Unknown, Checks: checks(all), Needs: needs(all)}
	for _, h := range hostsOf(all) {
		p.Needs = append(p.Needs, "dig "+h)
	}
	says := "nothing in these files would stop it"
	for _, a := range all {
		for _, t := range a.tracks {
			d, denied := t.first(flow.CheckDenies)
			u, unsure := t.first(flow.CheckUnknown)
			switch {
			case denied:
				says = fmt.Sprintf("%s would stop it: %s", d.check.Of(d.object), d.says)
			case unsure:
				says = fmt.Sprintf("%s: %s", u.check.Of(u.object), u.says)
			}
		}
	}
	p.Says = "the file doesn't have the addresses of " + strings.Join(hostsOf(all), ", ") +
		"; if they are those of the endpoint in these files: " + says
	return p, true
}

// hasAddress reports whether it is known what a connect was to: a HAR may say only how long it took.
func hasAddress(a flow.DialAttempt) bool { return a.Addr.IsValid() }

// addressesOf are the addresses of the interface endpoints for a packet's host that have
// private DNS, in order.
func (c *Config) addressesOf(p packet) (out []netip.Addr) {
	for _, e := range c.endpoints.all {
		if !e.PrivateDNS || !serves(e, p) {
			continue
		}
		for _, id := range e.Interfaces {
			if n := c.interfaces.byID[id]; n != nil {
				out = append(out, n.Addresses...)
			}
		}
	}
	slices.SortFunc(out, func(a, b netip.Addr) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(out)
}
