package nextstep

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"detour/internal/diagnose/command"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
	"detour/internal/wording"
)

func step(text string) flow.NextStep { return flow.NextStep{Text: text} }

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
			"aws ec2 describe-security-groups"+region+" --group-ids SECURITY_GROUP_ID --query 'SecurityGroups[].IpPermissions'"))
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
// they were made: none without their time, their Region and an address.
func (g Group) awsSide() (steps []flow.NextStep) {
	to := g.Addresses()
	if len(to) == 0 {
		return nil
	}
	look := step("Look up " + wording.Some(to, flowset.MaxNamed) + " in the VPC's flow logs: " +
		"REJECT means that the packets reached the endpoint's network interface; no entry means that they were dropped earlier")
	from, until := g.minutes()
	region := g.inRegion()
	if from.IsZero() || region == "" || !addresses(to) {
		return []flow.NextStep{look}
	}
	query := "fields @timestamp | filter dstPort = " + g.Port()
	if sources := g.Sources(); len(sources) > 0 && addresses(sources) {
		query += ` and srcAddr in ["` + strings.Join(sources, `","`) + `"]`
	}
	query += ` and dstAddr in ["` + strings.Join(to[:min(len(to), flowset.MaxNamed)], `","`) + `"]` +
		" | stats count(*) by interfaceId, srcAddr, dstAddr, action"
	steps = append(steps, look, shell("If these go to CloudWatch Logs, query the minutes of the calls (after NAT, srcAddr is another address)",
		fmt.Sprintf("aws logs start-query%s --log-group-name FLOW_LOG_GROUP --start-time %d --end-time %d --query-string '%s'",
			region, from.Unix(), until.Unix(), query)),
		shell("Show its result", "aws logs get-query-results"+region+" --query-id QUERY_ID"))
	es := g.EndpointServices()
	if len(es) == 0 || !command.AllSafe(es) {
		return steps
	}
	for _, m := range []struct{ name, text string }{
		{"NewConnections", "Count the connections that the endpoint took (none is consistent with packets that were dropped before it)"},
		{"PacketsDropped", "Count the packets that it dropped itself (a rising number is consistent with an unhealthy endpoint or service)"},
	} {
		steps = append(steps, shell(m.text, fmt.Sprintf("aws cloudwatch get-metric-statistics%s --namespace AWS/PrivateLinkEndpoints "+
			"--metric-name %s --dimensions 'Name=Endpoint Type,Value=Interface' 'Name=Service Name,Value=%s' "+
			"'Name=VPC Endpoint Id,Value=ENDPOINT_ID' 'Name=VPC Id,Value=VPC_ID' --start-time %s --end-time %s --period 60 --statistics Sum",
			region, m.name, es[0], from.Format(time.RFC3339), until.Format(time.RFC3339))))
	}
	return steps
}

// addresses reports whether each text is an IP address, which is fit for a command.
func addresses(all []string) bool {
	for _, s := range all {
		if a, err := netip.ParseAddr(s); err != nil || a.Zone() != "" {
			return false
		}
	}
	return true
}

// minutes are the whole minutes in which the group's requests were made, an hour at most; zero if
// their time isn't known.
func (g Group) minutes() (from, until time.Time) {
	for _, f := range g.Set {
		t := f.Times.Start.UTC()
		if t.IsZero() {
			continue
		}
		if from.IsZero() || t.Before(from) {
			from = t.Truncate(time.Minute)
		}
		if t.After(until) {
			until = t
		}
	}
	until = until.Truncate(time.Minute).Add(2 * time.Minute) // SYNs are sent again
	if longest := from.Add(time.Hour); until.After(longest) {
		until = longest
	}
	return from, until
}

// opening is the options that admit an address to a port. --cidr takes IPv4 alone (AWS CLI
// Command Reference, authorize-security-group-ingress).
func opening(a netip.Addr, port string) string {
	if a.Is4() {
		return fmt.Sprintf("--protocol tcp --port %s --cidr %s/32", port, a)
	}
	return fmt.Sprintf("--ip-permissions 'IpProtocol=tcp,FromPort=%[1]s,ToPort=%[1]s,Ipv6Ranges=[{CidrIpv6=%s/128}]'", port, a)
}

// DescribeEndpoints shows members of the interface endpoints that would carry the
// calls; none if these aren't known, or not fit for a command.
func (g Group) DescribeEndpoints(text, members string) []flow.NextStep {
	es := g.EndpointServices()
	if len(es) == 0 || !command.AllSafe(es) {
		return nil
	}
	return []flow.NextStep{shell(text, "aws ec2 describe-vpc-endpoints"+g.inRegion()+
		" --filters Name=service-name,Values="+strings.Join(es, ",")+" --query 'VpcEndpoints[].["+members+"]'")}
}

// inRegion is an option for the AWS CLI; "" if the Region isn't known.
func (g Group) inRegion() string {
	if r := g.Region(); command.Safe(r) {
		return " --region " + r
	}
	return ""
}
