// Package change writes a change of a security group, a network ACL or a route table, as commands of
// the AWS CLI, Terraform, CloudFormation and a sentence: [Change].
package change

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
)

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

// A Change lets packets of clients pass an object. Each method adds one to a fix, the narrowest first.
type Change struct {
	Region, Object string
	Protocol       string         // "tcp" or "udp"
	Port           int            // of the endpoint
	From           []netip.Prefix // the clients
}

func (x Change) cli(command, args string) string {
	s := "aws ec2 " + command
	if x.Region != "" {
		s += " --region " + x.Region
	}
	return s + " " + args
}

// Group opens a security group: to the client alone, then to the range that leads back to it.
func (x Change) Group(f *flow.ProofFix, back netip.Prefix) {
	scopes := slices.Clone(x.From)
	f.Narrow = len(scopes)
	if back.IsValid() && back.Bits() < scopes[0].Bits() {
		scopes = append(scopes, back)
	}
	for i, p := range scopes {
		args := fmt.Sprintf("--group-id %s %s", x.Object, x.permission(p))
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
			"  from_port         = %d\n  to_port           = %d\n  %s         = %q\n}\n", name, x.Object, x.Protocol, x.Port, x.Port, tf, p)
		f.CloudFormation += fmt.Sprintf("Client%d:\n  Type: AWS::EC2::SecurityGroupIngress\n  Properties:\n"+
			"    GroupId: %s\n    IpProtocol: %s\n"+
			"    FromPort: %d\n    ToPort: %d\n    %s: %s\n", i+1, x.Object, x.Protocol, x.Port, x.Port, cfn, p)
	}
	f.Sentence = fmt.Sprintf("In the security group %s, allow inbound %s %d from %s.",
		x.Object, strings.ToUpper(x.Protocol), x.Port, clients(x.From))
}

// permission is a rule of a security group as options of the AWS CLI. --cidr takes IPv4 alone.
func (x Change) permission(p netip.Prefix) string {
	if p.Addr().Is6() {
		return fmt.Sprintf("--ip-permissions 'IpProtocol=%s,FromPort=%d,ToPort=%d,Ipv6Ranges=[{CidrIpv6=%s}]'",
			x.Protocol, x.Port, x.Port, p)
	}
	return fmt.Sprintf("--protocol %s --port %d --cidr %s", x.Protocol, x.Port, p)
}

// Numbers are rule numbers of a network ACL: those in use, and the one before which a new one must
// stand.
type Numbers struct {
	Used   []int
	Before int
}

// ACL adds a rule for some ports to a network ACL.
func (x Change) ACL(f *flow.ProofFix, out bool, lo, hi int, numbers Numbers) {
	side, direction := "--ingress", "inbound"
	if out {
		side, direction = "--egress", "outbound"
	}
	n, number := numbers.Before, map[string]int{"tcp": 6, "udp": 17}[x.Protocol] // IANA, Assigned Internet Protocol Numbers
	for i, src := range x.From {
		n = numbers.freeBefore(n)
		if n <= 0 {
			break
		}
		block := "--cidr-block"
		if src.Addr().Is6() {
			block = "--ipv6-cidr-block"
		}
		f.Narrow++
		f.CLI = append(f.CLI, x.cli("create-network-acl-entry", fmt.Sprintf("--network-acl-id %s %s --rule-number %d --protocol %d "+
			"--port-range From=%d,To=%d %s %s --rule-action allow", x.Object, side, n, number, lo, hi, block, src)))
		f.Undo = append(f.Undo, x.cli("delete-network-acl-entry", fmt.Sprintf("--network-acl-id %s %s --rule-number %d", x.Object, side, n)))
		tf, cfn := "cidr_block     ", "CidrBlock"
		if src.Addr().Is6() {
			tf, cfn = "ipv6_cidr_block", "Ipv6CidrBlock"
		}
		f.Terraform += fmt.Sprintf("resource \"aws_network_acl_rule\" \"client_%d\" {\n  network_acl_id  = %q\n"+
			"  egress          = %t\n  rule_number     = %d\n"+
			"  protocol        = \"%d\"\n  rule_action     = \"allow\"\n  %s = %q\n  from_port       = %d\n  to_port         = %d\n}\n",
			i+1, x.Object, out, n, number, tf, src, lo, hi)
		f.CloudFormation += fmt.Sprintf("Client%d:\n  Type: AWS::EC2::NetworkAclEntry\n  Properties:\n"+
			"    NetworkAclId: %s\n    Egress: %t\n    RuleNumber: %d\n"+
			"    Protocol: %d\n    RuleAction: allow\n    %s: %s\n    PortRange:\n      From: %d\n      To: %d\n",
			i+1, x.Object, out, n, number, cfn, src, lo, hi)
	}
	ports := fmt.Sprint(lo)
	if lo != hi {
		ports = fmt.Sprintf("%d-%d", lo, hi)
	}
	f.Sentence = fmt.Sprintf("In the network ACL %s, allow %s %s %s %s %s, before the rule that denies it.",
		x.Object, direction, strings.ToUpper(x.Protocol), ports, map[bool]string{false: "from", true: "to"}[out], clients(x.From))
}

// freeBefore is the highest number below n that isn't in use; 0 if there is none.
func (x Numbers) freeBefore(n int) int {
	for n--; n > 0 && slices.Contains(x.Used, n); n-- {
	}
	return max(n, 0)
}

// Route adds the way back. Without a gateway in the files, only the sentence says so.
func (x Change) Route(f *flow.ProofFix, gateway string) {
	f.Sentence = fmt.Sprintf("In the route table %s, add a route to %s over the gateway that leads there.", x.Object, clients(x.From))
	if gateway == "" {
		return
	}
	option, member, tf := "--gateway-id", "GatewayId", "gateway_id"
	if strings.HasPrefix(gateway, "tgw-") {
		option, member, tf = "--transit-gateway-id", "TransitGatewayId", "transit_gateway_id"
	}
	for i, src := range x.From {
		block, cfn, dest := "--destination-cidr-block", "DestinationCidrBlock", "destination_cidr_block"
		if src.Addr().Is6() {
			block, cfn, dest = "--destination-ipv6-cidr-block", "DestinationIpv6CidrBlock", "destination_ipv6_cidr_block"
		}
		f.Narrow++
		f.CLI = append(f.CLI, x.cli("create-route", fmt.Sprintf("--route-table-id %s %s %s %s %s",
			x.Object, block, src, option, gateway)))
		f.Undo = append(f.Undo, x.cli("delete-route", fmt.Sprintf("--route-table-id %s %s %s", x.Object, block, src)))
		f.Terraform += fmt.Sprintf("resource \"aws_route\" \"client_%d\" {\n  route_table_id = %q\n  %s = %q\n  %s = %q\n}\n",
			i+1, x.Object, dest, src, tf, gateway)
		f.CloudFormation += fmt.Sprintf("Client%d:\n  Type: AWS::EC2::Route\n  Properties:\n    RouteTableId: %s\n    %s: %s\n    %s: %s\n",
			i+1, x.Object, cfn, src, member, gateway)
	}
	f.Sentence = fmt.Sprintf("In the route table %s, add a route to %s over %s.", x.Object, clients(x.From), gateway)
}
