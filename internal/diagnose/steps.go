package diagnose

import (
	"fmt"
	"net/netip"
	"strings"

	"detour/internal/diagnose/command"
	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
	"detour/internal/wording"
)

func step(text string) flow.NextStep { return flow.NextStep{Text: text} }

// shell is a step with a command. Whatever of it comes from the traffic is fit for one:
// see flowset.HostOf, command.Safe and command.Server.
func shell(text, command string) flow.NextStep { return flow.NextStep{Text: text, Command: command} }

// lookUp queries DNS on the machine for the group's first host. Every system has nslookup;
// dig isn't part of Windows, and of few Linux systems.
func (g group) lookUp(text string) flow.NextStep {
	if g.Each(ending.FromHAR) {
		text += " on that machine"
	}
	return shell(text, "nslookup "+g.Host())
}

// lookUpAtNameserver sends the query to the nameserver that was used, if it is known.
func (g group) lookUpAtNameserver(text string) flow.NextStep {
	if ns := g.Nameservers(); len(ns) > 0 {
		if ap, err := netip.ParseAddrPort(ns[0]); err == nil {
			return shell(text, fmt.Sprintf("nslookup %s %s", g.Host(), ap.Addr()))
		}
	}
	return g.lookUp(text)
}

// routeSteps show the route to the first address that was tried.
func (g group) routeSteps() []flow.NextStep {
	to := g.Addresses()
	if len(to) == 0 {
		return nil
	}
	return []flow.NextStep{
		shell("Show the route that "+g.Machine()+" uses, on Linux", "ip route get "+to[0]),
		shell("On macOS", "route -n get "+to[0]),
		shell("On Windows (PowerShell)", "Find-NetRoute -RemoteIPAddress "+to[0]),
	}
}

// endpointSteps are how to check the interface endpoints that would carry the calls, and
// the path to them.
func (g group) endpointSteps() []flow.NextStep {
	region := g.inRegion()
	steps := append(
		g.describeEndpoints("Find the endpoints and their security groups",
			"ServiceName,VpcEndpointId,State,PrivateDnsEnabled,Groups[].GroupId"),
		shell("Show the rules of such a security group",
			"aws ec2 describe-security-groups"+region+" --group-ids SECURITY_GROUP_ID --query 'SecurityGroups[].IpPermissions'"))
	for _, s := range g.Sources() {
		if a, err := netip.ParseAddr(s); err == nil {
			steps = append(steps, shell(
				fmt.Sprintf("If port %s isn't open to %s (or to its address after NAT), open it", g.Port(), a),
				"aws ec2 authorize-security-group-ingress"+region+" --group-id SECURITY_GROUP_ID "+opening(a, g.Port())))
		}
	}
	if len(g.Nameservers()) > 0 {
		steps = append(steps, g.lookUpAtNameserver("Repeat the DNS query"))
	}
	to := g.Addresses()
	if len(to) == 0 {
		return steps
	}
	return append(steps, step("Look up "+wording.Some(to, flowset.MaxNamed)+" in the VPC's flow logs: "+
		"REJECT means that the packets reached the endpoint's network interface; no entry means that they were dropped earlier"))
}

// opening is the options that admit an address to a port. --cidr takes IPv4 alone (AWS CLI
// Command Reference, authorize-security-group-ingress).
func opening(a netip.Addr, port string) string {
	if a.Is4() {
		return fmt.Sprintf("--protocol tcp --port %s --cidr %s/32", port, a)
	}
	return fmt.Sprintf("--ip-permissions 'IpProtocol=tcp,FromPort=%[1]s,ToPort=%[1]s,Ipv6Ranges=[{CidrIpv6=%s/128}]'", port, a)
}

// describeEndpoints shows members of the interface endpoints that would carry the
// calls; none if these aren't known, or not fit for a command.
func (g group) describeEndpoints(text, members string) []flow.NextStep {
	es := g.EndpointServices()
	if len(es) == 0 || !command.AllSafe(es) {
		return nil
	}
	return []flow.NextStep{shell(text, "aws ec2 describe-vpc-endpoints"+g.inRegion()+
		" --filters Name=service-name,Values="+strings.Join(es, ",")+" --query 'VpcEndpoints[].["+members+"]'")}
}

// inRegion is an option for the AWS CLI; "" if the Region isn't known.
func (g group) inRegion() string {
	if r := g.Region(); command.Safe(r) {
		return " --region " + r
	}
	return ""
}
