package account

import (
	"detour/internal/flow"
)

// resolverHost stands for the host of a packet to an inbound endpoint of Route 53 Resolver.
const resolverHost = "\x00resolver"

// resolver evaluates a query to an inbound endpoint's address. Its interface is found by the
// address; the endpoint's groups decide.
func (c *Config) resolver(p packet) *track {
	const check = flow.CheckResolver
	t := &track{packet: p}
	a := c.resolverIP.byID[p.To.Addr().String()]
	e := c.resolverOf(a)
	if e == nil {
		t.results = append(t.results, unknown(check, "", nil, "which resolver endpoint has %s isn't in these files", p.To.Addr()))
		return t
	}
	n := &networkInterface{place: a.place, ID: e.ID, Subnet: a.Subnet, VPC: e.VPC, Groups: e.Groups}
	t.eni = n
	if len(e.Groups) == 0 {
		t.results = append(t.results, unknown(check, e.ID, nil, "its security groups aren't in these files"))
		return t
	}
	t.results = append(t.results, c.path(p, n)...)
	return t
}

// resolverOf is the endpoint that has an address. The file of the addresses may not say of
// which it is; then there must be only one.
func (c *Config) resolverOf(a *resolverAddress) *resolverEndpoint {
	if a == nil {
		return nil
	}
	if a.Endpoint != "" {
		return c.resolvers.byID[a.Endpoint]
	}
	if len(c.resolvers.all) == 1 {
		return c.resolvers.all[0]
	}
	return nil
}
