package account

import (
	"fmt"
	"slices"
	"strings"

	"detour/internal/account/awscli"
)

// A Command is a read-only command of the AWS CLI, and the file for its output.
type Command struct {
	File string   // in the folder
	Args []string // after "aws"
}

// String is the command for a POSIX shell, without the redirection of its output. No argument
// needs quoting but those with a space or a star.
func (c Command) String() string {
	out := []string{"aws"}
	for _, a := range c.Args {
		if strings.ContainsAny(a, " *'\"$`\\;&|<>()") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		out = append(out, a)
	}
	return strings.Join(out, " ")
}

// Plan returns the commands that are still to be run for a Region, in the order of their need:
// c is what the outputs so far say, and done has the files that exist, or that can't be had. It
// is empty once nothing more can be asked for.
func Plan(c *Config, region string, done map[string]bool) []Command {
	p := planner{c: c, region: region, done: done}
	p.add("describe-vpc-endpoints.json", "ec2", "describe-vpc-endpoints")
	if !done["describe-vpc-endpoints.json"] {
		return p.out // all else depends on it
	}
	p.interfaces()
	if len(p.out) > 0 {
		return p.out
	}
	p.ofVPCs()
	p.sameAddresses()
	p.resolvers()
	p.gateways()
	p.lists()
	return p.out
}

type planner struct {
	c      *Config
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

// addressFilter selects interfaces by their addresses.
const addressFilter = "addresses.private-ip-address"

// filter adds commands with a filter whose values are the IDs.
func (p *planner) filter(file string, ids []string, name string, args ...string) {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for i := 0; i < len(ids); i += chunk {
		as := file
		if i > 0 {
			as = fmt.Sprintf("%s-%d", file, i/chunk+1)
		}
		values := strings.Join(ids[i:min(i+chunk, len(ids))], ",")
		p.add(as+".json", append(slices.Clone(args), "--filters", "Name="+name+",Values="+values)...)
	}
}

// interfaces asks for those of the endpoints, and those of AWS Client VPN.
func (p *planner) interfaces() {
	var enis []string
	for _, e := range p.c.endpoints.all {
		enis = append(enis, e.Interfaces...)
	}
	p.filter("describe-network-interfaces", enis, "network-interface-id", "ec2", "describe-network-interfaces")
	p.add("describe-client-vpn-endpoints.json", "ec2", "describe-client-vpn-endpoints")
	p.add("list-resolver-endpoints.json", "route53resolver", "list-resolver-endpoints")
	if len(p.c.clientVPNs.all) > 0 {
		p.add("describe-network-interfaces-client-vpn.json", "ec2", "describe-network-interfaces",
			"--filters", "Name=description,Values="+clientVPNFilter)
	}
}

// vpcIDs are the VPCs of endpoints and resolvers, sorted.
func (p *planner) vpcIDs() (out []string) {
	for _, e := range p.c.endpoints.all {
		if len(e.Interfaces) > 0 {
			out = append(out, e.VPC)
		}
	}
	for _, e := range p.c.resolvers.all {
		out = append(out, e.VPC)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (p *planner) ofVPCs() {
	var groups, subnets []string
	for _, n := range p.c.interfaces.all {
		groups, subnets = append(groups, n.Groups...), append(subnets, n.Subnet)
	}
	for _, e := range p.c.endpoints.all {
		groups = append(groups, e.Groups...)
	}
	for _, e := range p.c.resolvers.all {
		groups = append(groups, e.Groups...)
	}
	for _, a := range p.c.resolverIP.all {
		subnets = append(subnets, a.Subnet)
	}
	vpcs := p.vpcIDs()
	p.filter("describe-security-groups", groups, "group-id", "ec2", "describe-security-groups")
	p.filter("describe-subnets", subnets, "subnet-id", "ec2", "describe-subnets")
	p.filter("describe-route-tables", vpcs, "vpc-id", "ec2", "describe-route-tables")
	p.filter("describe-network-acls", vpcs, "vpc-id", "ec2", "describe-network-acls")
	p.filter("describe-vpcs", vpcs, "vpc-id", "ec2", "describe-vpcs")
	for _, v := range vpcs {
		p.add("describe-vpc-attribute-dns-support_"+v+".json", "ec2", "describe-vpc-attribute",
			"--vpc-id", v, "--attribute", "enableDnsSupport")
		p.add("describe-vpc-attribute-dns-hostnames_"+v+".json", "ec2", "describe-vpc-attribute",
			"--vpc-id", v, "--attribute", "enableDnsHostnames")
	}
}

// sameAddresses asks for the interfaces that have the address of an endpoint's in another VPC.
func (p *planner) sameAddresses() {
	var out []string
	for _, n := range p.c.interfaces.all {
		for _, a := range n.Addresses {
			other := func(v *vpc) bool { return v.ID != n.VPC && contains(v.Prefixes, a) }
			if p.c.byENI[n.ID] != nil && a.Is4() && slices.ContainsFunc(p.c.vpcs.all, other) {
				out = append(out, a.String())
			}
		}
	}
	p.filter("describe-network-interfaces-same-address", out, addressFilter, "ec2", "describe-network-interfaces")
}

func (p *planner) resolvers() {
	for _, e := range p.c.resolvers.all {
		if e.Direction == "INBOUND" {
			p.add("list-resolver-endpoint-ip-addresses_"+e.ID+".json", "route53resolver", "list-resolver-endpoint-ip-addresses",
				"--resolver-endpoint-id", e.ID)
		}
	}
	for _, v := range p.vpcIDs() {
		p.add("list-hosted-zones-by-vpc_"+v+".json", "route53", "list-hosted-zones-by-vpc", "--vpc-id", v, "--vpc-region", p.region)
	}
}

func (p *planner) gateways() {
	var vgw, tgw bool
	for _, t := range p.c.tables.all {
		for _, r := range t.Routes {
			vgw, tgw = vgw || strings.HasPrefix(r.Target, "vgw-"), tgw || strings.HasPrefix(r.Target, "tgw-")
		}
	}
	p.filter("describe-vpn-gateways", p.vpcIDs(), "attachment.vpc-id", "ec2", "describe-vpn-gateways")
	if vgw || tgw {
		for _, x := range secretive() {
			p.add(x.File, x.Args...)
		}
	}
	if !tgw {
		return
	}
	p.add("describe-transit-gateway-attachments.json", "ec2", "describe-transit-gateway-attachments")
	for _, a := range p.c.tgwLinks.all {
		if a.Table != "" && slices.Contains(p.vpcIDs(), a.Resource) {
			p.add("search-transit-gateway-routes_"+a.Table+".json", "ec2", "search-transit-gateway-routes", "--transit-gateway-route-table-id",
				a.Table, "--filters", awscli.EveryRoute)
		}
	}
}

// lists asks for the entries of the prefix lists that groups and route tables name.
func (p *planner) lists() {
	var ids []string
	for _, g := range p.c.groups.all {
		for _, r := range g.In {
			ids = append(ids, r.Lists...)
		}
	}
	for _, t := range p.c.tables.all {
		for _, r := range t.Routes {
			if r.List != "" && !strings.HasPrefix(r.Target, "vpce-") {
				ids = append(ids, r.List)
			}
		}
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		p.add("get-managed-prefix-list-entries_"+id+".json", "ec2", "get-managed-prefix-list-entries", "--prefix-list-id", id)
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
