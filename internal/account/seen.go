package account

import (
	"slices"
	"strings"
)

// Seen is what the files name, by which more can be asked for. IDs are sorted, each once.
type Seen struct {
	HasEndpoints   bool     // a file of them was read
	Interfaces     []string // of endpoints
	SameAddress    []string // addresses of these that another VPC has, too
	ClientVPN      bool
	VPCs           []string // of interface endpoints and resolver endpoints; of all interfaces, without HasEndpoints
	Groups         []string
	Subnets        []string
	Inbound        []string // resolver endpoints
	Lists          []string // prefix lists that groups and routes name
	VirtualGateway bool     // a route leads to one
	TransitGateway bool
	TransitTables  []string // that decide about the VPCs
}

// Seen is what the files name.
func (c *Config) Seen() (s Seen) {
	s.HasEndpoints = c.sets[setEndpoints] != nil && len(c.sets[setEndpoints].files) > 0
	s.ClientVPN = len(c.clientVPNs.all) > 0
	for _, e := range c.endpoints.all {
		s.Interfaces, s.Groups = append(s.Interfaces, e.Interfaces...), append(s.Groups, e.Groups...)
		if len(e.Interfaces) > 0 {
			s.VPCs, s.Subnets = append(s.VPCs, e.VPC), append(s.Subnets, e.Subnets...)
		}
	}
	for _, n := range c.interfaces.all {
		s.Groups, s.Subnets = append(s.Groups, n.Groups...), append(s.Subnets, n.Subnet)
		if !s.HasEndpoints {
			s.VPCs = append(s.VPCs, n.VPC)
		}
		for _, a := range n.Addresses {
			other := func(v *vpc) bool { return v.ID != n.VPC && contains(v.Prefixes, a) }
			if c.byENI[n.ID] != nil && a.Is4() && slices.ContainsFunc(c.vpcs.all, other) {
				s.SameAddress = append(s.SameAddress, a.String())
			}
		}
	}
	for _, e := range c.resolvers.all {
		s.VPCs, s.Groups = append(s.VPCs, e.VPC), append(s.Groups, e.Groups...)
		if e.Direction == "INBOUND" {
			s.Inbound = append(s.Inbound, e.ID)
		}
	}
	for _, a := range c.resolverIP.all {
		s.Subnets = append(s.Subnets, a.Subnet)
	}
	for _, a := range c.tgwLinks.all {
		if slices.Contains(s.VPCs, a.Resource) {
			s.TransitTables = append(s.TransitTables, a.Table)
		}
	}
	c.seenWays(&s)
	for _, ids := range []*[]string{&s.Interfaces, &s.SameAddress, &s.VPCs, &s.Groups, &s.Subnets, &s.Inbound, &s.Lists, &s.TransitTables} {
		*ids = slices.DeleteFunc(sortedUnique(*ids), func(id string) bool { return id == "" })
	}
	return s
}

// seenWays adds what rules and routes name.
func (c *Config) seenWays(s *Seen) {
	for _, g := range c.groups.all {
		for _, r := range g.In {
			s.Lists = append(s.Lists, r.Lists...)
		}
	}
	for _, t := range c.tables.all {
		for _, r := range t.Routes {
			s.VirtualGateway = s.VirtualGateway || strings.HasPrefix(r.Target, "vgw-")
			s.TransitGateway = s.TransitGateway || strings.HasPrefix(r.Target, "tgw-")
			if !strings.HasPrefix(r.Target, "vpce-") {
				s.Lists = append(s.Lists, r.List)
			}
		}
	}
}
