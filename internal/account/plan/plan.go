// Package plan says which read-only commands of the AWS CLI fill a folder with an account's
// configuration: [Next] after what was read so far, and [Script] without knowing anything.
package plan

import (
	"fmt"
	"slices"
	"strings"

	"detour/internal/account"
	"detour/internal/account/awscli"
)

// A Command is a read-only command of the AWS CLI, and the file for its output.
type Command struct {
	File string   // in the folder
	Args []string // after "aws"
}

// String is the command for a POSIX shell, without the redirection of its output. No argument
// needs quoting but those with a space or a star.
func (c Command) String() string { return "aws " + quoteAll(c.Args) }

// Next returns the commands that are still to be run for a Region, in the order of their need:
// s is what the outputs so far name, and done has the files that exist, or that can't be had. It
// is empty once nothing more can be asked for.
func Next(s account.Seen, region string, done map[string]bool) []Command {
	p := planner{Seen: s, region: region, done: done}
	p.add("describe-vpc-endpoints.json", "ec2", "describe-vpc-endpoints")
	if !done["describe-vpc-endpoints.json"] {
		return p.out // all else depends on it
	}
	p.interfaces()
	if len(p.out) > 0 {
		return p.out
	}
	p.ofVPCs()
	p.resolvers()
	p.gateways()
	for _, id := range p.Lists {
		p.add("get-managed-prefix-list-entries_"+id+".json", "ec2", "get-managed-prefix-list-entries", "--prefix-list-id", id)
	}
	return p.out
}

type planner struct {
	account.Seen
	region string
	done   map[string]bool
	out    []Command
}

func (p *planner) add(file string, args ...string) {
	if p.done[file] || slices.ContainsFunc(p.out, func(c Command) bool { return c.File == file }) {
		return
	}
	all := append(slices.Clone(args), "--region", p.region, "--output", "json")
	p.out = append(p.out, Command{File: file, Args: all})
}

// chunk is how many IDs one command names: AWS accepts 200 values of a filter.
const chunk = 200

// filter adds commands with a filter whose values are the IDs.
func (p *planner) filter(file string, ids []string, name string, args ...string) {
	for i := 0; i < len(ids); i += chunk {
		as := file
		if i > 0 {
			as = fmt.Sprintf("%s-%d", file, i/chunk+1)
		}
		values := strings.Join(ids[i:min(i+chunk, len(ids))], ",")
		p.add(as+".json", append(slices.Clone(args), "--filters", "Name="+name+",Values="+values)...)
	}
}

// interfaces asks for those of the endpoints, and those of AWS Client VPN. Without the
// endpoints, it asks for those that AWS's services have, whichever these are.
func (p *planner) interfaces() {
	const command = "describe-network-interfaces"
	if p.HasEndpoints {
		p.filter(command, p.Interfaces, "network-interface-id", "ec2", command)
	} else {
		p.add(command+".json", "ec2", command, "--filters", "Name=requester-managed,Values=true")
	}
	p.add("describe-client-vpn-endpoints.json", "ec2", "describe-client-vpn-endpoints")
	p.add("list-resolver-endpoints.json", "route53resolver", "list-resolver-endpoints")
	if p.ClientVPN {
		p.add(command+"-client-vpn.json", "ec2", command, "--filters", "Name=description,Values="+awscli.ClientVPNFilter)
	}
}

func (p *planner) ofVPCs() {
	p.filter("describe-security-groups", p.Groups, "group-id", "ec2", "describe-security-groups")
	p.filter("describe-subnets", p.Subnets, "subnet-id", "ec2", "describe-subnets")
	p.filter("describe-route-tables", p.VPCs, "vpc-id", "ec2", "describe-route-tables")
	p.filter("describe-network-acls", p.VPCs, "vpc-id", "ec2", "describe-network-acls")
	p.filter("describe-vpcs", p.VPCs, "vpc-id", "ec2", "describe-vpcs")
	for _, v := range p.VPCs {
		p.add("describe-vpc-attribute-dns-support_"+v+".json", "ec2", "describe-vpc-attribute",
			"--vpc-id", v, "--attribute", "enableDnsSupport")
		p.add("describe-vpc-attribute-dns-hostnames_"+v+".json", "ec2", "describe-vpc-attribute",
			"--vpc-id", v, "--attribute", "enableDnsHostnames")
	}
	p.filter("describe-network-interfaces-same-address", p.SameAddress, awscli.AddressFilter, "ec2", "describe-network-interfaces")
}

func (p *planner) resolvers() {
	p.add("list-resolver-rules.json", "route53resolver", "list-resolver-rules")
	p.add("list-resolver-rule-associations.json", "route53resolver", "list-resolver-rule-associations")
	for _, id := range p.Inbound {
		p.add("list-resolver-endpoint-ip-addresses_"+id+".json", "route53resolver", "list-resolver-endpoint-ip-addresses",
			"--resolver-endpoint-id", id)
	}
	for _, v := range p.VPCs {
		p.add("list-hosted-zones-by-vpc_"+v+".json", "route53", "list-hosted-zones-by-vpc", "--vpc-id", v, "--vpc-region", p.region)
	}
}

func (p *planner) gateways() {
	p.filter("describe-vpn-gateways", p.VPCs, "attachment.vpc-id", "ec2", "describe-vpn-gateways")
	if p.VirtualGateway || p.TransitGateway {
		for _, x := range secretive() {
			p.add(x.File, x.Args...)
		}
	}
	if !p.TransitGateway {
		return
	}
	p.add("describe-transit-gateway-attachments.json", "ec2", "describe-transit-gateway-attachments")
	for _, id := range p.TransitTables {
		p.add("search-transit-gateway-routes_"+id+".json", "ec2", "search-transit-gateway-routes",
			"--transit-gateway-route-table-id", id, "--filters", awscli.EveryRoute)
	}
}

// secretive are the commands whose outputs have keys, which --query leaves out, so that they
// aren't stored: pre-shared keys of a VPN, and the BGP keys of Direct Connect.
func secretive() []Command {
	return []Command{
		{"describe-vpn-connections.json", []string{"ec2", "describe-vpn-connections", "--query", "{VpnConnections: VpnConnections[].{" +
			"VpnConnectionId: VpnConnectionId, State: State, VpnGatewayId: VpnGatewayId, TransitGatewayId: TransitGatewayId, " +
			"GatewayAssociationState: GatewayAssociationState, VgwTelemetry: VgwTelemetry}}"}},
		{"describe-virtual-interfaces.json", []string{
			"directconnect", "describe-virtual-interfaces", "--query",
			"{virtualInterfaces: virtualInterfaces[].{virtualInterfaceId: virtualInterfaceId, virtualInterfaceState: virtualInterfaceState, " +
				"virtualInterfaceType: virtualInterfaceType, " +
				"virtualGatewayId: virtualGatewayId, directConnectGatewayId: directConnectGatewayId, ownerAccount: ownerAccount, " +
				"bgpPeers: bgpPeers[].{bgpStatus: bgpStatus}}}",
		}},
	}
}
