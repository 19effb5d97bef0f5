package account

import (
	"slices"
	"strings"

	"detour/internal/account/awscli"
	"detour/internal/flow"
	"detour/internal/lazyregexp"
)

// states of an interface endpoint in which it carries no traffic, in small letters. API reference, VpcEndpoint,
// docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
var deadStates = map[string]bool{
	"pendingacceptance": true, "rejected": true, "failed": true, "expired": true, "deleting": true, "deleted": true,
}

// endpointOf finds the interface that has the packet's address, and its endpoint. Several VPCs
// may have the address, so the endpoint must be the host's. Interfaces are joined by their ID;
// InterfaceType isn't the same in every account.
func (c *Config) endpointOf(p packet) (*networkInterface, *endpoint, result) {
	const check = flow.CheckEndpoint
	region := c.regionOf(p)
	all := c.byAddress[p.To.Addr()]
	if len(all) == 0 {
		if missing := c.missingInterface(func(e *endpoint) bool { return serves(e, p) }); missing != "" {
			return nil, nil, unknown(check, missing, c.need(setInterfaces, region, "--network-interface-ids "+missing),
				"no network interface in these files has %s; %s of an endpoint for %s isn't in them", p.To.Addr(), missing, p.Host)
		}
		if !c.hasEndpointInterfaces() {
			byIP := "--filters Name=" + awscli.AddressFilter + ",Values=" + p.To.Addr().String()
			return nil, nil, unknown(check, "", c.need(setInterfaces, region, byIP),
				"whose address %s is isn't in these files", p.To.Addr())
		}
		return nil, nil, unknown(check, "", nil, "no network interface in these files has %s", p.To.Addr())
	}
	var fits []*networkInterface
	for _, n := range all {
		if e := c.byENI[n.ID]; e != nil && serves(e, p) {
			fits = append(fits, n)
		}
	}
	switch {
	case len(fits) > 1:
		return nil, nil, unknown(check, "", nil, "several endpoints for %s have %s: %s and %s", p.Host, p.To.Addr(), fits[0].ID, fits[1].ID)
	case len(fits) == 1 && c.elsewhere(all, fits[0], p) != nil:
		x := c.elsewhere(all, fits[0], p)
		return nil, nil, unknown(check, "", nil,
			"%s is the address of %s in %s, and of %s in %s: which of them the client reaches isn't in these files",
			p.To.Addr(), fits[0].ID, fits[0].VPC, x.ID, x.VPC)
	case len(fits) == 0 && !c.complete(setEndpoints):
		return nil, nil, unknown(check, all[0].ID, c.need(setEndpoints, region, ""),
			"whether %s is an endpoint's isn't in these files", all[0].ID)
	case len(fits) == 0:
		if e := c.byENI[all[0].ID]; e != nil {
			return nil, nil, unknown(check, e.ID, nil,
				"%s is an address of %s, which is for %s, not for %s: a DNS record may be wrong or stale",
				p.To.Addr(), e.ID, e.Service, p.Host)
		}
		return nil, nil, unknown(check, all[0].ID, nil,
			"%s is of the interface %s, which no endpoint in these files has: another account's, "+
				"or a DNS record of the account's own", p.To.Addr(), all[0].ID)
	}
	n := fits[0]
	e := c.byENI[n.ID]
	if !c.has(setInterfaces, awscli.AddressFilter, p.To.Addr().String()) || !c.complete(setEndpoints) {
		i := slices.IndexFunc(c.vpcs.all, func(v *vpc) bool { return v.ID != n.VPC && contains(v.Prefixes, p.To.Addr()) })
		if i >= 0 {
			byIP := "--filters Name=" + awscli.AddressFilter + ",Values=" + p.To.Addr().String()
			return nil, nil, unknown(check, e.ID, c.need(setInterfaces, region, byIP),
				"%s has %s, and so may an interface of %s, whose interfaces aren't all in these files", n.ID, p.To.Addr(), c.vpcs.all[i].ID)
		}
	}
	switch state := strings.ToLower(e.State); {
	case c.interfaces.conflicts[n.ID] || c.endpoints.conflicts[e.ID]:
		return nil, nil, unknown(check, e.ID, nil, "two files say different things of %s or %s", e.ID, n.ID)
	case len(e.Subnets) > 0 && !slices.Contains(e.Subnets, n.Subnet):
		return nil, nil, unknown(check, e.ID, c.need(setEndpoints, region, "--vpc-endpoint-ids "+e.ID),
			"%s is in %s, which isn't a subnet of %s: the files are of different times", n.ID, n.Subnet, e.ID)
	case c.otherZone(p, n) != "":
		return nil, nil, unknown(check, e.ID, nil,
			"the name is that of the Availability Zone %s, and %s is in another: a DNS record may be wrong or stale", c.otherZone(p, n), n.ID)
	case deadStates[state]:
		return n, e, denies(check, e.ID, e.place, "its state is %s: it carries no traffic", short(e.State))
	case state != "available":
		return n, e, unknown(check, e.ID, c.need(setEndpoints, region, "--vpc-endpoint-ids "+e.ID), "its state is %q", short(e.State))
	}
	return n, e, admits(check, e.ID, e.place, "available, for %s, with %s in %s", e.Service, n.ID, n.Subnet)
}

// missingInterface is an interface of one of some endpoints that the files don't have; "" if they
// have all.
func (c *Config) missingInterface(of func(*endpoint) bool) string {
	for _, e := range c.endpoints.all {
		i := slices.IndexFunc(e.Interfaces, func(id string) bool { return c.interfaces.byID[id] == nil })
		if i >= 0 && of(e) {
			return e.Interfaces[i]
		}
	}
	return ""
}

// A zonal name of an endpoint: "vpce-…-eu-central-1a.logs.eu-central-1.vpce.amazonaws.com".
var zonalName = lazyregexp.New(`^vpce-[0-9a-z]+-[0-9a-z]+-([a-z]{2,4}(?:-[a-z]+)+-\d{1,2}[a-z])\.`)

// otherZone is the Availability Zone that a host's name is for, if the interface is in another
// one. AWS: "Zonal DNS names", docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
func (c *Config) otherZone(p packet, n *networkInterface) string {
	m := zonalName.FindStringSubmatch(p.Host)
	s := c.subnets.byID[n.Subnet]
	if m == nil || s == nil || s.Zone == "" || c.subnets.conflicts[n.Subnet] || s.Zone == m[1] {
		return ""
	}
	return m[1]
}

// elsewhere is an interface of another VPC that has the address of n and may be the one that the
// client reaches; nil if there is none. A VPC without a way back to the client isn't connected
// with its network.
func (c *Config) elsewhere(all []*networkInterface, n *networkInterface, p packet) *networkInterface {
	for _, x := range all {
		if x == n || x.VPC == n.VPC {
			continue
		}
		if p.From.Addr().IsValid() && c.routeBack(p, x).verdict == flow.CheckDenies {
			continue
		}
		return x
	}
	return nil
}

// serves reports whether an endpoint is the host's: one of its names is, or its service is the
// one that the host's endpoint service is called.
func serves(e *endpoint, p packet) bool {
	if kind := strings.ToLower(e.Kind); kind != "" && kind != "interface" {
		return false
	}
	if p.Service != "" && e.Service == p.Service {
		return true
	}
	return slices.ContainsFunc(e.Names, func(name string) bool { return matchesName(name, p.Host) })
}

// matchesName reports whether a DNS name, which may begin with "*.", is a host's.
func matchesName(name, host string) bool {
	if rest, wild := strings.CutPrefix(name, "*."); wild {
		first, tail, found := strings.Cut(host, ".")
		return found && first != "" && tail == rest
	}
	return name == host
}

// regionOf is the Region that a packet's endpoint is in, for a command; "" if unknown.
func (c *Config) regionOf(p packet) string {
	if r := regionOfService(p.Service); r != "" {
		return r
	}
	if len(c.Regions) == 1 {
		return c.Regions[0]
	}
	return ""
}
