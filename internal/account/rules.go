package account

import "detour/internal/flow"

// A Rule is what one check decides, for the documentation.
type Rule struct {
	Check   flow.CheckName
	Decides string // a sentence
	Unknown string // when it isn't decided
	Source  string // AWS's page
}

// Rules are all checks, in the order in which causes are named.
func Rules() []Rule {
	const user = "https://docs.aws.amazon.com/vpc/latest/userguide/"
	const link = "https://docs.aws.amazon.com/vpc/latest/privatelink/"
	return []Rule{
		{
			flow.CheckEndpoint,
			"The address is that of a network interface of an interface endpoint for the host, and the endpoint's state is available.",
			"The endpoint is for another service, an interface that the client may reach in another VPC has the address, " +
				"the endpoint is being changed, or two files differ.",
			link + "concepts.html",
		},
		{
			flow.CheckPrivateDNS,
			"The host's name leads to the endpoint: private DNS is on, or a private hosted zone has the record. " +
				"It is never a cause: the name was resolved.",
			"The VPC's DNS attributes are off.",
			link + "privatelink-access-aws-services.html",
		},
		{
			flow.CheckSecurityGroup,
			"A rule of any group of the interface admits the client: protocol, port, and CIDR block, prefix list or group. " +
				"A group admits only interfaces that are in it. Answers need no rule.",
			"A group, or the entries of a prefix list, isn't in the files, or the client's address isn't known.",
			user + "vpc-security-groups.html",
		},
		{
			flow.CheckNACLIn,
			"The network ACL of the interface's subnet lets the packets in: the lowest rule number that matches decides. " +
				"It doesn't apply within one subnet.",
			"The subnet's network ACL isn't in the files, or it denies and the client may be in the subnet itself.",
			user + "vpc-network-acls.html",
		},
		{
			flow.CheckNACLOut,
			"The same network ACL lets the answers out, to the port that the client really used.",
			"The client's port isn't known, and the rules treat ports differently.",
			user + "nacl-ephemeral-ports.html",
		},
		{
			flow.CheckRouteBack,
			"The route table of the interface's subnet, or else the VPC's main one, has a route to the client: the most specific one. " +
				"An internet or NAT gateway is no way to a private address, and a blackhole drops packets.",
			"The table, or the entries of a prefix list that it names, isn't in the files; " +
				"or a blackhole is within a route that works: AWS doesn't say which decides.",
			user + "VPC_Route_Tables.html",
		},
		{
			flow.CheckGateway,
			"What the route leads to works: a virtual private gateway is attached and has a way that is up, " +
				"and the route table of a transit gateway has a route to the client.",
			"The gateway's files are missing.",
			"https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNRoutingTypes.html",
		},
		{
			flow.CheckEndpointPolicy,
			"Of a call that was answered with 403: whether the endpoint's policy allows the action for everyone, or denies it.",
			"The policy decides by the principal, the resource or a condition, and the error doesn't name the policy.",
			link + "vpc-endpoints-access.html",
		},
	}
}

// Actions are the IAM actions that collecting needs, sorted.
func Actions() []string {
	var out []string
	for _, s := range shapes {
		if s.decides != "" || s.set == setLists || s.set == setZones {
			out = append(out, s.action())
		}
	}
	return sortedUnique(append(out, "ec2:DescribeVpcAttribute", "sts:GetCallerIdentity"))
}
