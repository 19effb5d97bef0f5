package account

import (
	"net/netip"
	"slices"

	"detour/internal/account/ranges"
)

// parts divides a range of clients where a prefix of the configuration begins or ends, so that
// every rule of an interface treats the addresses of a part alike; false if they are too many.
func (c *Config) parts(clients netip.Prefix, n *networkInterface) (out []netip.Prefix, whole bool) {
	out = []netip.Prefix{clients}
	for _, q := range c.everyPrefix(n) {
		if q.Bits() <= clients.Bits() || !clients.Contains(q.Addr()) {
			continue
		}
		i := slices.IndexFunc(out, func(p netip.Prefix) bool { return p.Contains(q.Addr()) })
		if p := out[i]; q.Bits() > p.Bits() { // else q is made up of parts
			out = slices.Replace(out, i, i+1, ranges.Divide(p, q)...)
		}
		if len(out) > maxParts {
			return out, false
		}
	}
	return out, true
}

// scopes are where the scope of an address changes, which decides about routes and translation.
var scopes = []string{
	"0.0.0.0/32", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.168.0.0/16", "198.18.0.0/15", "::/128", "::1/128", "64:ff9b::/96", "fc00::/7", "fe80::/10",
}

// everyPrefix is every prefix that a rule may compare a client of an interface with, each once.
func (c *Config) everyPrefix(n *networkInterface) (out []netip.Prefix) {
	for _, s := range scopes {
		out = append(out, netip.MustParsePrefix(s))
	}
	byGroup := false
	for _, g := range c.groups.all {
		if !slices.Contains(n.Groups, g.ID) {
			continue
		}
		for _, r := range g.In {
			out = append(out, r.Sources...)
			byGroup = byGroup || len(r.Groups) > 0
		}
	}
	for a := range c.byAddress {
		if byGroup { // a client may be an interface of a group
			out = append(out, host(a))
		}
	}
	for _, a := range c.acls.all {
		for _, e := range slices.Concat(a.In, a.Out) {
			out = append(out, e.Prefix)
		}
	}
	for _, t := range c.tables.all {
		for _, r := range t.Routes {
			out = append(out, r.Prefix)
		}
	}
	for _, t := range c.tgwRoutes.all {
		for _, r := range t.Routes {
			out = append(out, r.Prefix)
		}
	}
	for _, e := range c.entries.all {
		out = append(out, e.Prefixes...)
	}
	for _, s := range c.subnets.all {
		out = append(out, s.Prefixes...)
	}
	for _, v := range c.vpcs.all {
		out = append(out, v.Prefixes...)
	}
	for _, v := range c.clientVPNs.all {
		out = append(out, v.Range)
	}
	out = slices.DeleteFunc(out, func(p netip.Prefix) bool { return !p.IsValid() })
	for i := range out {
		out[i] = out[i].Masked()
	}
	slices.SortFunc(out, netip.Prefix.Compare)
	return slices.Compact(out)
}
