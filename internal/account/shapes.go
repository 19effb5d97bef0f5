package account

import (
	"encoding/json"
	"strings"
)

// A set is the top-level member of an output that has the objects, by which the output is
// recognised. The names are those of the APIs; `aws … --generate-cli-skeleton output` prints
// them.
type set string

// A shape is how the objects of a set are read.
type shape struct {
	set     set
	only    string // another member that an output of this kind has; "" if the set is unique
	command string // that prints the set
	decides string // what can't be decided without it; "" if nothing
	count   func(*Config) int
	// One of these reads the set: each an object, list all of them, whole the output.
	each  func(r *reader, at place, raw json.RawMessage) error
	list  func(r *reader, file string, all []json.RawMessage, more bool)
	whole func(r *reader, file string, top map[string]json.RawMessage)
}

const (
	setEndpoints   set = "VpcEndpoints"
	setInterfaces  set = "NetworkInterfaces"
	setGroups      set = "SecurityGroups"
	setSubnets     set = "Subnets"
	setTables      set = "RouteTables"
	setACLs        set = "NetworkAcls"
	setLists       set = "PrefixLists"
	setEntries     set = "Entries"
	setVPCs        set = "Vpcs"
	setVGWs        set = "VpnGateways"
	setVPNs        set = "VpnConnections"
	setVIFs        set = "virtualInterfaces"
	setTGWRoutes   set = "Routes"
	setTGWLinks    set = "TransitGatewayAttachments"
	setClientVPNs  set = "ClientVpnEndpoints"
	setResolvers   set = "ResolverEndpoints"
	setResolverIPs set = "IpAddresses"
	setRules       set = "ResolverRules"
	setRuleVPCs    set = "ResolverRuleAssociations"
	setZones       set = "HostedZoneSummaries"
)

// awsLists prints the prefix lists of AWS, with the blocks of those of gateway endpoints.
const awsLists = "ec2 describe-prefix-lists"

// shapes are all of them, in the order in which the collector asks for their sets.
var shapes = []shape{
	{
		set: setEndpoints, command: "ec2 describe-vpc-endpoints", each: readEndpoint,
		decides: "which endpoint an address is of", count: func(c *Config) int { return len(c.endpoints.all) },
	},
	{
		set: setInterfaces, command: "ec2 describe-network-interfaces", each: readInterface,
		decides: "whose address it is, and its security groups and subnet", count: func(c *Config) int { return len(c.interfaces.all) },
	},
	{
		set: setGroups, command: "ec2 describe-security-groups", each: readGroup,
		decides: "whether a security group admits the client", count: func(c *Config) int { return len(c.groups.all) },
	},
	{
		set: setSubnets, command: "ec2 describe-subnets", each: readSubnet,
		decides: "whether the client is in the same subnet", count: func(c *Config) int { return len(c.subnets.all) },
	},
	{
		set: setTables, command: "ec2 describe-route-tables", each: readRouteTable,
		decides: "the route back to the client", count: func(c *Config) int { return len(c.tables.all) },
	},
	{
		set: setACLs, command: "ec2 describe-network-acls", each: readACL,
		decides: "whether a network ACL lets the packets in and the answers out", count: func(c *Config) int { return len(c.acls.all) },
	},
	{set: setLists, command: "ec2 describe-managed-prefix-lists", each: readPrefixList},
	{
		set: setEntries, command: "ec2 get-managed-prefix-list-entries", list: readPrefixEntries,
		decides: "rules and routes that name a prefix list", count: func(c *Config) int { return len(c.entries.all) },
	},
	{
		set: setVPCs, command: "ec2 describe-vpcs", each: readVPC,
		decides: "which addresses are the VPC's own", count: func(c *Config) int { return len(c.vpcs.all) },
	},
	{set: "EnableDnsSupport", only: "VpcId", command: "ec2 describe-vpc-attribute", whole: readDNSSupport},
	{set: "EnableDnsHostnames", only: "VpcId", command: "ec2 describe-vpc-attribute", whole: readDNSHostnames},
	{
		set: setResolvers, command: "route53resolver list-resolver-endpoints", each: readResolver,
		decides: "whether a nameserver that answered is in the VPC", count: func(c *Config) int { return len(c.resolvers.all) },
	},
	{
		set: setResolverIPs, command: "route53resolver list-resolver-endpoint-ip-addresses", list: readResolverAddresses,
		decides: "which addresses a resolver endpoint has", count: func(c *Config) int { return len(c.resolverIP.all) },
	},
	{
		set: setRules, command: "route53resolver list-resolver-rules", each: readRule,
		decides: "whether a resolver forwards a name to another network", count: func(c *Config) int { return len(c.rules.all) },
	},
	{
		set: setRuleVPCs, command: "route53resolver list-resolver-rule-associations", each: readRuleVPC,
		decides: "which VPCs a rule of a resolver is for", count: func(c *Config) int { return len(c.ruleVPCs.all) },
	},
	{set: setZones, command: "route53 list-hosted-zones-by-vpc", each: readZone},
	{
		set: setVGWs, command: "ec2 describe-vpn-gateways", each: readVPNGateway,
		decides: "whether the gateway on the way back is attached", count: func(c *Config) int { return len(c.vgws.all) },
	},
	{
		set: setVPNs, command: "ec2 describe-vpn-connections", each: readVPN,
		decides: "whether the VPN behind a gateway is up", count: func(c *Config) int { return len(c.vpns.all) },
	},
	{
		set: setTGWLinks, command: "ec2 describe-transit-gateway-attachments", each: readTransitAttachment,
		decides: "which route table of a transit gateway decides", count: func(c *Config) int { return len(c.tgwLinks.all) },
	},
	{set: "TransitGatewayVpcAttachments", command: "ec2 describe-transit-gateway-vpc-attachments", each: ignore},
	{set: "TransitGatewayRouteTables", command: "ec2 describe-transit-gateway-route-tables", each: ignore},
	{set: "Associations", command: "ec2 get-transit-gateway-route-table-associations", each: ignore},
	{
		set: setTGWRoutes, command: "ec2 search-transit-gateway-routes", list: readTransitRoutes,
		decides: "the transit gateway's route to the client", count: func(c *Config) int { return len(c.tgwRoutes.all) },
	},
	{
		set: setVIFs, command: "directconnect describe-virtual-interfaces", each: readVirtualInterface,
		decides: "whether Direct Connect carries the route", count: func(c *Config) int { return len(c.vifs.all) },
	},
	{
		set: setClientVPNs, command: "ec2 describe-client-vpn-endpoints", each: readClientVPN,
		decides: "whether AWS Client VPN translates the client's address", count: func(c *Config) int { return len(c.clientVPNs.all) },
	},
}

// ignore reads only whose an object is.
func ignore(r *reader, _ place, raw json.RawMessage) error {
	var x owned
	if json.Unmarshal(raw, &x) == nil {
		r.of(x)
	}
	return nil
}

// command is the command that prints a set.
func (s set) command() string {
	for _, x := range shapes {
		if x.set == s {
			return x.command
		}
	}
	return ""
}

// camel is a command's name as the API writes it: describe-vpcs is DescribeVpcs. An initialism
// keeps its small letters; AWS differs in some, so compare it without case.
func camel(command string) string {
	words := strings.Split(command, "-")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}

// operation is the name of a shape's command within its service.
func (s shape) operation() string {
	_, command, _ := strings.Cut(s.command, " ")
	return command
}

// action is the IAM action of a shape's command.
func (s shape) action() string {
	service, command, _ := strings.Cut(s.command, " ")
	op := camel(command)
	if strings.HasPrefix(op, "ListHostedZonesByVpc") {
		op = "ListHostedZonesByVPC"
	}
	return service + ":" + op
}
