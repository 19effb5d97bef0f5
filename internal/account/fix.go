package account

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/account/change"
	"detour/internal/account/retell"
	"detour/internal/flow"
)

// fix is how to change the object that denies; nil if the files don't show what to change it
// to. The narrowest change comes first. also is what else denies, which the change leaves.
func (s *Study) fix(all []*address, also []flow.ProofCause) *flow.ProofFix {
	f := s.changes(all)
	if f == nil || f.Sentence == "" {
		return f
	}
	if more := retell.AlsoStops(all[0].cause.check, also); more != "" {
		f.Sentence += " That alone isn't enough: " + more + "."
	}
	return f
}

func (s *Study) changes(all []*address) *flow.ProofFix {
	t, cause := all[0].tracks[0], all[0].cause
	f := &flow.ProofFix{Verify: probeOf(hostsOf(all))}
	x := change.Change{Region: s.config.regionOf(t.packet), Object: cause.object, Protocol: t.Protocol, Port: int(t.To.Port())}
	var ports []int // the client's own
	number := cause.facts.number
	for _, a := range all {
		for _, t := range a.tracks {
			if src := t.clients(); src.IsValid() && !slices.Contains(x.From, src) {
				x.From = append(x.From, src)
			}
			if p := int(t.From.Port()); p > 0 && !slices.Contains(ports, p) {
				ports = append(ports, p)
			}
			for _, r := range t.results { // the first of the entries that deny
				if n := r.facts.number; r.check == cause.check && r.object == cause.object && n > 0 && (number == 0 || n < number) {
					number = n
				}
			}
		}
	}
	if len(x.From) == 0 {
		return nil
	}
	switch cause.check {
	case flow.CheckSecurityGroup:
		x.Group(f, s.wayBack(t))
	case flow.CheckNACLIn:
		if a := s.config.acls.byID[cause.object]; a != nil {
			x.ACL(f, false, x.Port, x.Port, change.Numbers{Used: numbersOf(a.In), Before: cmp.Or(number, defaultRule)})
		}
	case flow.CheckNACLOut:
		if a := s.config.acls.byID[cause.object]; a != nil {
			lo, hi := clientRange(ports)
			x.ACL(f, true, lo, hi, change.Numbers{Used: numbersOf(a.Out), Before: cmp.Or(number, defaultRule)})
		}
	case flow.CheckRouteBack:
		x.Route(f, s.config.gatewayFor(t.eni.VPC, t.From.Addr()))
	case flow.CheckGateway:
		f.Sentence = fmt.Sprintf("%s: bring it up again, or give %s another way to %s.", cause.says, t.eni.VPC,
			strings.Join(change.ClientNames(x.From), ", "))
		f.Sentence = cause.object + ": " + f.Sentence
	case flow.CheckEndpoint:
		f.Sentence = fmt.Sprintf("Make %s available again, or turn its private DNS off: %s.", cause.object, cause.says)
	case flow.CheckResolver:
		x.Object = cause.facts.group
		x.Group(f, s.wayBack(t))
	case flow.CheckPrivateDNS, flow.CheckEndpointPolicy: // they stop no packet
		return nil
	}
	return f
}

// probeOf are the commands that test hosts; none if there are none.
func probeOf(hosts []string) []string {
	if len(hosts) == 0 {
		return nil
	}
	return []string{"detour probe " + strings.Join(hosts, " ")}
}

// wayBack is the prefix of the route that leads back to the client; invalid if none does, or
// it is the default route.
func (s *Study) wayBack(t *track) netip.Prefix {
	table, _, sure := s.config.tableOf(t.eni)
	if table == nil || !sure {
		return netip.Prefix{}
	}
	r, found := s.config.routeTo(table, t.From.Addr())
	if !found || r.Blackhole || r.Prefix.Bits() < 8 {
		return netip.Prefix{}
	}
	return r.Prefix
}

// gatewayFor is what another route table of a VPC has as the way to an address, or the only
// virtual private gateway that is attached to the VPC; "" if there is none.
func (c *Config) gatewayFor(vpc string, a netip.Addr) string {
	for _, t := range c.tables.all {
		if t.VPC != vpc {
			continue
		}
		r, found := c.routeTo(t, a)
		if found && !r.Blackhole && (strings.HasPrefix(r.Target, "vgw-") || strings.HasPrefix(r.Target, "tgw-")) {
			return r.Target
		}
	}
	var attached []string
	for _, g := range c.vgws.all {
		if g.Attached[vpc] == "attached" {
			attached = append(attached, g.ID)
		}
	}
	if len(attached) == 1 {
		return attached[0]
	}
	return ""
}

func hostsOf(all []*address) (out []string) {
	for _, a := range all {
		for _, t := range a.tracks {
			out = append(out, t.Host)
		}
	}
	out = slices.DeleteFunc(out, func(h string) bool { return !hostForm.MatchString(h) }) // for a command
	slices.Sort(out)
	return slices.Compact(out)
}

func host(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

// clientRange is the range of ports that clients of this kind use, with all that were seen.
func clientRange(ports []int) (lo, hi int) {
	for _, s := range clientPorts {
		if len(ports) > 0 && slices.Min(ports) >= s.from && slices.Max(ports) <= s.to {
			if s.from == 49152 || slices.Max(ports) < 49152 {
				return s.from, s.to
			}
			return 32768, 65535 // either system's
		}
	}
	for _, s := range clientPorts[1:] {
		if len(ports) > 0 && slices.Min(ports) >= s.from {
			return s.from, s.to
		}
	}
	return leastEphemeral, 65535
}

func numbersOf(all []aclEntry) (out []int) {
	for _, e := range all {
		out = append(out, e.Number)
	}
	return out
}
