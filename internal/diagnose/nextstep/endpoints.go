package nextstep

import (
	"fmt"
	"net/netip"
	"strings"

	"detour/internal/diagnose/awsside"
	"detour/internal/diagnose/command"
	"detour/internal/flow"
)

// shell is a step with a command. Whatever of it comes from the traffic is fit for one:
// see flowset.HostOf, command.Safe and command.Server.
func shell(text, command string) flow.NextStep { return flow.NextStep{Text: text, Command: command} }

// Endpoints are how to check the interface endpoints that would carry the calls, and
// the path to them.
func (g Group) Endpoints() []flow.NextStep {
	region := g.inRegion()
	steps := append(
		g.DescribeEndpoints("Find the endpoints and their security groups",
			"ServiceName,VpcEndpointId,State,PrivateDnsEnabled,Groups[].GroupId"),
		shell("Show the rules of such a security group",
			"aws ec2 describe-security-groups"+region+" --group-ids SECURITY_GROUP_ID --query "+`"SecurityGroups[].IpPermissions"`))
	for _, s := range g.Sources() {
		if a, err := netip.ParseAddr(s); err == nil {
			steps = append(steps, shell(
				fmt.Sprintf("If port %s isn't open to %s (or to its address after NAT), open it", g.Port(), a),
				"aws ec2 authorize-security-group-ingress"+region+" --group-id SECURITY_GROUP_ID "+opening(a, g.Port())))
		}
	}
	if len(g.Nameservers()) > 0 {
		steps = append(steps, g.LookUpAtNameserver("Repeat the DNS query"))
	}
	return append(steps, g.awsSide()...)
}

// awsSide are what the account's own records show of the calls, in the minutes in which
// they were made: none without an address.
func (g Group) awsSide() []flow.NextStep {
	c := awsside.Calls{Region: g.Region(), Port: g.Port(), Clients: g.Sources(), Servers: g.Addresses()}
	c.From, c.Until = awsside.Minutes(g.Set)
	if es := g.EndpointServices(); len(es) > 0 && command.AllSafe(es) {
		c.Endpoints = []awsside.Endpoint{{Service: es[0]}}
	}
	return c.Unanswered()
}

// opening is the options that admit an address to a port. --cidr takes IPv4 alone (AWS CLI
// Command Reference, authorize-security-group-ingress).
func opening(a netip.Addr, port string) string {
	if a.Is4() {
		return fmt.Sprintf("--protocol tcp --port %s --cidr %s/32", port, a)
	}
	return fmt.Sprintf(`--ip-permissions "IpProtocol=tcp,FromPort=%[1]s,ToPort=%[1]s,Ipv6Ranges=[{CidrIpv6=%s/128}]"`, port, a)
}

// DescribeEndpoints shows members of the interface endpoints that would carry the
// calls; none if these aren't known, or not fit for a command.
func (g Group) DescribeEndpoints(text, members string) []flow.NextStep {
	es := g.EndpointServices()
	if len(es) == 0 || !command.AllSafe(es) {
		return nil
	}
	return []flow.NextStep{shell(text, "aws ec2 describe-vpc-endpoints"+g.inRegion()+
		" --filters Name=service-name,Values="+strings.Join(es, ",")+" --query \"VpcEndpoints[].["+members+"]\"")}
}

// inRegion is an option for the AWS CLI; "" if the Region isn't known.
func (g Group) inRegion() string {
	if r := g.Region(); command.Safe(r) {
		return " --region " + r
	}
	return ""
}
