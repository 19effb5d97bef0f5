package account

import (
	"fmt"
	"slices"
	"strings"

	"detour/internal/flow"
)

// privateDNS says whether the host's name leads to the endpoint in its VPC. It decides about no
// packet: the address was resolved, and no file has the value of a record. AWS:
// docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
func (c *Config) privateDNS(p packet, e *endpoint) result {
	const check = flow.CheckPrivateDNS
	v := c.vpcs.byID[e.VPC]
	zone, listed := c.zoneOf(p.Host, e.VPC)
	inside, known := c.inVPC(p.From.Addr(), e.VPC)
	switch {
	case strings.HasPrefix(p.Host, e.ID+"-"):
		return admits(check, e.ID, e.place, "the name is the endpoint's own, which is resolved everywhere")
	case !e.PrivateDNS:
		return c.ownRecord(p, e, zone, listed)
	case v != nil && isFalse(v.DNSSupport):
		return unknown(check, v.ID, nil, "private DNS is on, but enableDnsSupport of the VPC is off, so its resolver answers nobody: "+
			"another nameserver did, or the files are of different times")
	case v != nil && isFalse(v.DNSHostname):
		return unknown(check, v.ID, nil, "private DNS is on, but enableDnsHostnames of the VPC, which it needs, is off: "+
			"the files are of different times")
	case listed && (zone == nil || !zone.Service):
		return unknown(check, e.ID, nil, "private DNS is on, but no hosted zone of it for the name is associated with %s", e.VPC)
	case e.InboundOnly && inside && known:
		return unknown(check, e.ID, nil, "private DNS is for inbound resolver endpoints alone: "+
			"clients in %s are sent to the gateway endpoint, not to this address", e.VPC)
	}
	says := "private DNS is on"
	if e.InboundOnly {
		says += ", for inbound resolver endpoints alone"
	}
	if v == nil || v.DNSSupport == nil || v.DNSHostname == nil {
		says += "; the VPC's DNS attributes, which it needs, aren't in these files"
	}
	return admits(check, e.ID, e.place, "%s", says)
}

// ownRecord says where the name leads if private DNS of the endpoint is off.
func (c *Config) ownRecord(p packet, e *endpoint, zone *hostedZone, listed bool) result {
	const check = flow.CheckPrivateDNS
	named := slices.ContainsFunc(e.Names, func(name string) bool { return matchesName(name, p.Host) })
	switch {
	case zone != nil && !zone.Service:
		return admits(check, zone.ID, zone.place, "private DNS is off; the private hosted zone %s of %s has the name", short(zone.Name), e.VPC)
	case listed:
		return unknown(check, e.ID, nil, "private DNS is off, and no private hosted zone of %s has the name: "+
			"another network's DNS leads to the endpoint", e.VPC)
	case !named:
		return admits(check, e.ID, e.place, "private DNS is off, so a record of a private hosted zone leads to the endpoint")
	}
	return unknown(check, e.ID, nil, "private DNS is off")
}

// record says of an address that no interface has which zone of the nameserver's VPC has the name.
func (c *Config) record(p packet) []result {
	r := c.resolverOf(c.resolverIP.byID[p.Nameserver.String()])
	if r == nil || !r.inbound() {
		return nil
	}
	zone, _ := c.zoneOf(p.Host, r.VPC)
	if zone == nil {
		return nil
	}
	why := "another account's endpoint may have the address"
	if i := slices.IndexFunc(c.endpoints.all, func(e *endpoint) bool { return serves(e, p) && deadStates[strings.ToLower(e.State)] }); i >= 0 {
		why = fmt.Sprintf("%s, for this service, is %s", c.endpoints.all[i].ID, short(c.endpoints.all[i].State))
	}
	return []result{unknown(flow.CheckPrivateDNS, zone.ID, nil,
		"the private hosted zone %s of %s has the name; its record may be stale: %s", short(zone.Name), r.VPC, why)}
}

// zoneOf is the private hosted zone of a VPC that has a name: the most specific one; nil if none in
// the files has. listed is false if there may be another one.
func (c *Config) zoneOf(host, vpc string) (best *hostedZone, listed bool) {
	for i := range c.zones {
		z := &c.zones[i]
		if z.VPC != vpc {
			continue
		}
		listed = true
		if z.Name == "" || host != z.Name && !strings.HasSuffix(host, "."+z.Name) {
			continue
		}
		if best == nil || len(z.Name) > len(best.Name) {
			best = z
		}
	}
	return best, listed && c.complete(setZones)
}

func isFalse(b *bool) bool { return b != nil && !*b }
