package account

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
)

// fix is how to change the object that denies; nil if the files don't show what to change it
// to. The narrowest change comes first. also is what else denies, which the change leaves.
func (s *Study) fix(all []*address, also []flow.ProofCause) *flow.ProofFix {
	f := s.changes(all)
	if f == nil || f.Sentence == "" {
		return f
	}
	if more := alsoStops(all[0].cause.check, also); more != "" {
		f.Sentence += " That alone isn't enough: " + more + "."
	}
	return f
}

func (s *Study) changes(all []*address) *flow.ProofFix {
	t, cause := all[0].tracks[0], all[0].cause
	f := &flow.ProofFix{Verify: probeOf(hostsOf(all))}
	x := change{
		region: s.config.regionOf(t.packet), object: cause.object, protocol: t.Protocol, port: int(t.To.Port()), facts: cause.facts,
	}
	for _, a := range all {
		for _, t := range a.tracks {
			if src := t.clients(); src.IsValid() && !slices.Contains(x.from, src) {
				x.from = append(x.from, src)
			}
			if p := int(t.From.Port()); p > 0 && !slices.Contains(x.ports, p) {
				x.ports = append(x.ports, p)
			}
			for _, r := range t.results { // the first of the entries that deny
				if n := r.facts.number; r.check == cause.check && r.object == cause.object && n > 0 && (x.facts.number == 0 || n < x.facts.number) {
					x.facts.number = n
				}
			}
		}
	}
	if len(x.from) == 0 {
		return nil
	}
	switch cause.check {
	case flow.CheckSecurityGroup:
		x.group(f, s.wayBack(t))
	case flow.CheckNACLIn:
		x.acl(f, s.config.acls.byID[cause.object], false)
	case flow.CheckNACLOut:
		x.acl(f, s.config.acls.byID[cause.object], true)
	case flow.CheckRouteBack:
		x.route(f, s.config.gatewayFor(t.eni.VPC, t.From.Addr()))
	case flow.CheckGateway:
		f.Sentence = fmt.Sprintf("%s: bring it up again, or give %s another way to %s.", cause.says, t.eni.VPC, clients(x.from))
		f.Sentence = cause.object + ": " + f.Sentence
	case flow.CheckEndpoint:
		f.Sentence = fmt.Sprintf("Make %s available again, or turn its private DNS off: %s.", cause.object, cause.says)
	case flow.CheckResolver:
		x.object = cause.facts.group
		x.group(f, s.wayBack(t))
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

// ClientNames are clients in a sentence: a single one by its address.
func ClientNames(all []netip.Prefix) (out []string) {
	for _, p := range all {
		if p.IsSingleIP() {
			out = append(out, p.Addr().String())
		} else {
			out = append(out, p.String())
		}
	}
	return out
}

func clients(all []netip.Prefix) string { return strings.Join(ClientNames(all), ", ") }

// A change is what a fix needs to know.
type change struct {
	region, object string
	protocol       string // "tcp" or "udp"
	port           int
	from           []netip.Prefix // the clients
	ports          []int          // the client's own
	facts          fact
}

func (x change) cli(command, args string) string {
	s := "aws ec2 " + command
	if x.region != "" {
		s += " --region " + x.region
	}
	return s + " " + args
}

func host(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

// group opens a security group: to the client alone, then to the range that leads back to it.
func (x change) group(f *flow.ProofFix, back netip.Prefix) {
	scopes := slices.Clone(x.from)
	f.Narrow = len(scopes)
	if back.IsValid() && back.Bits() < scopes[0].Bits() {
		scopes = append(scopes, back)
	}
	for i, p := range scopes {
		args := fmt.Sprintf("--group-id %s %s", x.object, x.permission(p))
		f.CLI = append(f.CLI, x.cli("authorize-security-group-ingress", args))
		f.Undo = append(f.Undo, x.cli("revoke-security-group-ingress", args))
		if i >= f.Narrow {
			continue
		}
		tf, cfn := "cidr_ipv4", "CidrIp"
		if p.Addr().Is6() {
			tf, cfn = "cidr_ipv6", "CidrIpv6"
		}
		name := fmt.Sprintf("client_%d", i+1)
		f.Terraform += fmt.Sprintf("resource \"aws_vpc_security_group_ingress_rule\" %q {\n  security_group_id = %q\n"+
			"  ip_protocol       = %q\n"+
			"  from_port         = %d\n  to_port           = %d\n  %s         = %q\n}\n", name, x.object, x.protocol, x.port, x.port, tf, p)
		f.CloudFormation += fmt.Sprintf("Client%d:\n  Type: AWS::EC2::SecurityGroupIngress\n  Properties:\n"+
			"    GroupId: %s\n    IpProtocol: %s\n"+
			"    FromPort: %d\n    ToPort: %d\n    %s: %s\n", i+1, x.object, x.protocol, x.port, x.port, cfn, p)
	}
	f.Sentence = fmt.Sprintf("In the security group %s, allow inbound %s %d from %s.", x.object, strings.ToUpper(x.protocol), x.port, clients(x.from))
}

// permission is a rule of a security group as options of the AWS CLI. --cidr takes IPv4 alone.
func (x change) permission(p netip.Prefix) string {
	if p.Addr().Is6() {
		return fmt.Sprintf("--ip-permissions 'IpProtocol=%s,FromPort=%d,ToPort=%d,Ipv6Ranges=[{CidrIpv6=%s}]'", x.protocol, x.port, x.port, p)
	}
	return fmt.Sprintf("--protocol %s --port %d --cidr %s", x.protocol, x.port, p)
}

// acl adds a rule to a network ACL, before the one that denies.
func (x change) acl(f *flow.ProofFix, a *networkACL, out bool) {
	if a == nil {
		return
	}
	entries, side, direction := a.In, "--ingress", "inbound"
	lo, hi := x.port, x.port
	if out {
		entries, side, direction = a.Out, "--egress", "outbound"
		lo, hi = x.clientRange()
	}
	n, number := x.facts.number, protocolNumbers[x.protocol]
	if n == 0 {
		n = defaultRule
	}
	for i, src := range x.from {
		n = freeBefore(entries, n)
		if n <= 0 {
			break
		}
		block := "--cidr-block"
		if src.Addr().Is6() {
			block = "--ipv6-cidr-block"
		}
		f.Narrow++
		f.CLI = append(f.CLI, x.cli("create-network-acl-entry", fmt.Sprintf("--network-acl-id %s %s --rule-number %d --protocol %s "+
			"--port-range From=%d,To=%d %s %s --rule-action allow", x.object, side, n, number, lo, hi, block, src)))
		f.Undo = append(f.Undo, x.cli("delete-network-acl-entry", fmt.Sprintf("--network-acl-id %s %s --rule-number %d", x.object, side, n)))
		tf, cfn := "cidr_block     ", "CidrBlock"
		if src.Addr().Is6() {
			tf, cfn = "ipv6_cidr_block", "Ipv6CidrBlock"
		}
		f.Terraform += fmt.Sprintf("resource \"aws_network_acl_rule\" \"client_%d\" {\n  network_acl_id  = %q\n"+
			"  egress          = %t\n  rule_number     = %d\n"+
			"  protocol        = %q\n  rule_action     = \"allow\"\n  %s = %q\n  from_port       = %d\n  to_port         = %d\n}\n",
			i+1, x.object, out, n, number, tf, src, lo, hi)
		f.CloudFormation += fmt.Sprintf("Client%d:\n  Type: AWS::EC2::NetworkAclEntry\n  Properties:\n"+
			"    NetworkAclId: %s\n    Egress: %t\n    RuleNumber: %d\n"+
			"    Protocol: %s\n    RuleAction: allow\n    %s: %s\n    PortRange:\n      From: %d\n      To: %d\n",
			i+1, x.object, out, n, number, cfn, src, lo, hi)
	}
	ports := fmt.Sprint(lo)
	if lo != hi {
		ports = fmt.Sprintf("%d-%d", lo, hi)
	}
	f.Sentence = fmt.Sprintf("In the network ACL %s, allow %s %s %s %s %s, before the rule that denies it.",
		x.object, direction, strings.ToUpper(x.protocol), ports, map[bool]string{false: "from", true: "to"}[out], clients(x.from))
}

// clientRange is the range of ports that clients of this kind use, with all that were seen.
func (x change) clientRange() (lo, hi int) {
	for _, s := range clientPorts {
		if len(x.ports) > 0 && slices.Min(x.ports) >= s.from && slices.Max(x.ports) <= s.to {
			if s.from == 49152 || slices.Max(x.ports) < 49152 {
				return s.from, s.to
			}
			return 32768, 65535 // either system's
		}
	}
	for _, s := range clientPorts[1:] {
		if len(x.ports) > 0 && slices.Min(x.ports) >= s.from {
			return s.from, s.to
		}
	}
	return leastEphemeral, 65535
}

// freeBefore is the highest number below n that no entry has; 0 if there is none.
func freeBefore(entries []aclEntry, n int) int {
	for n--; n > 0; n-- {
		if !slices.ContainsFunc(entries, func(e aclEntry) bool { return e.Number == n }) {
			return n
		}
	}
	return 0
}

// route adds the way back. Without a gateway in the files, only the sentence says so.
func (x change) route(f *flow.ProofFix, gateway string) {
	f.Sentence = fmt.Sprintf("In the route table %s, add a route to %s over the gateway that leads there.", x.object, clients(x.from))
	if gateway == "" {
		return
	}
	option, member, tf := "--gateway-id", "GatewayId", "gateway_id"
	if strings.HasPrefix(gateway, "tgw-") {
		option, member, tf = "--transit-gateway-id", "TransitGatewayId", "transit_gateway_id"
	}
	for i, src := range x.from {
		block, cfn, dest := "--destination-cidr-block", "DestinationCidrBlock", "destination_cidr_block"
		if src.Addr().Is6() {
			block, cfn, dest = "--destination-ipv6-cidr-block", "DestinationIpv6CidrBlock", "destination_ipv6_cidr_block"
		}
		f.Narrow++
		f.CLI = append(f.CLI, x.cli("create-route", fmt.Sprintf("--route-table-id %s %s %s %s %s",
			x.object, block, src, option, gateway)))
		f.Undo = append(f.Undo, x.cli("delete-route", fmt.Sprintf("--route-table-id %s %s %s", x.object, block, src)))
		f.Terraform += fmt.Sprintf("resource \"aws_route\" \"client_%d\" {\n  route_table_id = %q\n  %s = %q\n  %s = %q\n}\n",
			i+1, x.object, dest, src, tf, gateway)
		f.CloudFormation += fmt.Sprintf("Client%d:\n  Type: AWS::EC2::Route\n  Properties:\n    RouteTableId: %s\n    %s: %s\n    %s: %s\n",
			i+1, x.object, cfn, src, member, gateway)
	}
	f.Sentence = fmt.Sprintf("In the route table %s, add a route to %s over %s.", x.object, clients(x.from), gateway)
}
