package account

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
)

// resolverHost stands for the host of a packet to an inbound endpoint of Route 53 Resolver.
const resolverHost = "\x00resolver"

// resolver evaluates a query to an inbound endpoint's address. Its interface is found by the
// address; the endpoint's groups decide, as if they were the endpoint's own rules. AWS:
// docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-forwarding-inbound-queries.html
func (c *Config) resolver(p packet) *track {
	const check = flow.CheckResolver
	t := &track{packet: p}
	a := c.resolverIP.byID[p.To.Addr().String()]
	e := c.resolverOf(a)
	if e == nil || c.resolvers.conflicts[e.ID] {
		t.results = append(t.results, unknown(check, "", c.need(setResolvers, c.regionOf(p), ""),
			"which resolver endpoint has %s isn't in these files", p.To.Addr()))
		return t
	}
	n := e.at(a)
	t.eni = n
	other := slices.IndexFunc(c.vpcs.all, func(v *vpc) bool { return v.ID != e.VPC && contains(v.Prefixes, p.To.Addr()) })
	switch {
	case other >= 0:
		t.results = append(t.results, unknown(check, e.ID, nil,
			"%s may be in %s, too: which of them the client reaches isn't in these files", p.To.Addr(), c.vpcs.all[other].ID))
		return t
	case !e.inbound():
		t.results = append(t.results, unknown(check, e.ID, nil, "it is %s: it takes no queries", strings.ToLower(short(e.Direction))))
		return t
	case len(e.Groups) == 0:
		t.results = append(t.results, unknown(check, e.ID, c.need(setResolvers, c.regionOf(p), ""), "its security groups aren't in these files"))
		return t
	}
	t.results = c.path(p, n)
	for i, r := range t.results {
		if r.check == flow.CheckSecurityGroup {
			t.results[i] = r.ofResolver(e)
		}
	}
	if e.Status != "" && e.Status != "OPERATIONAL" && !t.denied() {
		t.results = append(t.results, unknown(check, e.ID, nil, "its status is %q", short(e.Status)))
	}
	return t
}

// at is the interface that an endpoint has at one of its addresses. Its own ID is in no file.
func (e *resolverEndpoint) at(a *resolverAddress) *networkInterface {
	return &networkInterface{place: a.place, ID: e.ID, Subnet: a.Subnet, VPC: e.VPC, Groups: e.Groups}
}

// inbound reports whether an endpoint takes queries from outside of the VPC.
func (e *resolverEndpoint) inbound() bool { return strings.HasPrefix(e.Direction, "INBOUND") }

// ofResolver is what a security group decides, said of the resolver endpoint that has it.
func (r result) ofResolver(e *resolverEndpoint) result {
	r.check, r.more = flow.CheckResolver, nil
	r.facts.group = r.object
	r.says = r.object + " " + r.says
	r.object = e.ID
	return r
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

// answeredBy says of the nameserver that answered whether the answer is that of the endpoint's
// VPC. It decides about no packet: the name was resolved. e is nil if the address isn't an
// endpoint's in these files.
func (c *Config) answeredBy(p packet, e *endpoint) []result {
	const check = flow.CheckResolver
	if !p.Nameserver.IsValid() || len(c.resolvers.all) == 0 {
		return nil
	}
	r := c.resolverOf(c.resolverIP.byID[p.Nameserver.String()])
	if r == nil || !r.inbound() || c.resolvers.conflicts[r.ID] {
		return []result{unknown(check, "", nil,
			"the nameserver %s isn't an inbound endpoint in these files; it may ask one, or another network's", p.Nameserver)}
	}
	rule, sure := c.ruleFor(p.Host, r.VPC)
	switch {
	case rule != nil && rule.forwards() && !c.leadsTo(rule, e):
		return []result{unknown(check, rule.ID, nil, "the rule forwards %s from %s to %s: the answer may come from there",
			short(rule.Domain), r.VPC, strings.Join(rule.Targets, ", "))}
	case e == nil && sure:
		return []result{admits(check, r.ID, r.place, "answered, in %s, of which no rule forwards the name", r.VPC)}
	case e == nil:
		return []result{unknown(check, r.ID, c.need(setRules, c.regionOf(p), ""),
			"answered, in %s; whether a rule forwards the name isn't in these files", r.VPC)}
	case e.VPC != r.VPC && rule == nil:
		return []result{unknown(check, r.ID, nil, "answered, in %s, and %s is in %s: a hosted zone or a rule must lead there",
			r.VPC, e.ID, e.VPC)}
	}
	out := admits(check, r.ID, r.place, "answered, in %s", r.VPC)
	if rule != nil && rule.forwards() {
		out.says += fmt.Sprintf("; the rule %s forwards %s to %s in %s", rule.ID, short(rule.Domain), strings.Join(rule.Targets, ", "), e.VPC)
	}
	tcp := packet{Host: resolverHost, Protocol: "tcp", To: netip.AddrPortFrom(p.Nameserver, 53), From: netip.AddrPortFrom(p.From.Addr(), 0)}
	if t := c.resolver(tcp); t.denied() {
		out.says += "; TCP, which large answers need, doesn't get there"
	}
	return []result{out}
}

// ruleFor is the rule that decides about a name in a VPC: that of the longest domain. sure is
// false if there may be another one.
func (c *Config) ruleFor(host, vpc string) (best *resolverRule, sure bool) {
	sure = c.complete(setRules) && c.complete(setRuleVPCs)
	for _, a := range c.ruleVPCs.all {
		r := c.rules.byID[a.Rule]
		switch {
		case a.VPC != vpc:
		case r == nil || a.Status != "COMPLETE" || c.rules.conflicts[a.Rule]:
			sure = false
		case r.Domain != "" && host != r.Domain && !strings.HasSuffix(host, "."+r.Domain):
		case best == nil || len(r.Domain) > len(best.Domain):
			best = r
		}
	}
	return best, sure
}

// forwards reports whether a rule sends queries to another nameserver. SYSTEM rules except a
// domain from a rule for more.
func (r *resolverRule) forwards() bool { return r.Kind != "SYSTEM" && r.Kind != "RECURSIVE" }

// leadsTo reports whether all that a rule forwards to are inbound endpoints in an endpoint's VPC.
func (c *Config) leadsTo(r *resolverRule, e *endpoint) bool {
	return e != nil && len(r.Targets) > 0 && !slices.ContainsFunc(r.Targets, func(target string) bool {
		x := c.resolverOf(c.resolverIP.byID[target])
		return x == nil || !x.inbound() || x.VPC != e.VPC
	})
}
