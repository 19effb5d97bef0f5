package account

import (
	"encoding/json"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/docgen"
	"detour/internal/flow"
)

var update = flag.Bool("update", false, "write the generated parts of docs/account.md anew")

func docsPage() string { return filepath.Join("..", "..", "docs", "account.md") }

func TestDocs_rulesAreOnTheirPage(t *testing.T) {
	var b strings.Builder
	for _, r := range ruleTexts() {
		fmt.Fprintf(&b, "- **`%s`**: %s\n  Unknown: %s\n  <%s>\n", r.check, r.decides, r.unknown, r.source)
	}
	docgen.Section(t, docsPage(), "rules", wrap(b.String()), *update)
}

func TestDocs_policyIsOnItsPage(t *testing.T) {
	doc := m{"Version": "2012-10-17", "Statement": l{m{"Effect": "Allow", "Action": Actions(), "Resource": "*"}}}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	docgen.Section(t, docsPage(), "policy", "```json\n"+string(text)+"\n```\n", *update)
}

// wrap breaks the lines of a list after 118 characters.
func wrap(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, "\n")
		for len(line) > 118 {
			i := strings.LastIndexByte(line[:118], ' ')
			out, line = append(out, line[:i]), "  "+line[i+1:]
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n") + "\n"
}

// A ruleText is what one check decides, for the documentation.
type ruleText struct {
	check   flow.CheckName
	decides string // a sentence
	unknown string // when it isn't decided
	source  string // AWS's page
}

// ruleTexts are all checks, in the order in which causes are named.
func ruleTexts() []ruleText {
	const user = "https://docs.aws.amazon.com/vpc/latest/userguide/"
	const link = "https://docs.aws.amazon.com/vpc/latest/privatelink/"
	return []ruleText{
		{
			flow.CheckEndpoint,
			"The address is that of a network interface of an interface endpoint for the host, and the endpoint's state is available.",
			"The endpoint is for another service, or the name is for another Availability Zone; an interface that the client may reach in " +
				"another VPC has the address; the interface is in a subnet that the endpoint hasn't; the endpoint is being changed; " +
				"or two files differ. If something responded whose interface may be missing from the files, nothing is proven.",
			link + "concepts.html",
		},
		{
			flow.CheckPrivateDNS,
			"The host's name leads to the endpoint: private DNS is on, with its hosted zone and the VPC's DNS attributes, or a private hosted " +
				"zone of the account has the name. It is never a cause: the name was resolved, and no file has the value of a record.",
			"The VPC's DNS attributes are off, no hosted zone that was listed has the name, or private DNS is for inbound resolver " +
				"endpoints alone and the client is in the VPC.",
			link + "privatelink-access-aws-services.html",
		},
		{
			flow.CheckResolver,
			"Of a lookup that no nameserver answered: whether the security groups of the inbound resolver endpoint admit the query, over UDP or " +
				"TCP. Network ACLs, the route back and the gateway are checked as for an endpoint. Of one that was answered: whether the " +
				"nameserver is in the endpoint's VPC, and whether a rule forwards the name; that is never a cause.",
			"A nameserver isn't an inbound endpoint in the files, another VPC may have its address, or the client's address isn't known: " +
				"no record has that of a query, so it is that of the connects to the same VPC, if they have the same.",
			"https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-forwarding-inbound-queries.html",
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
				"and the route table of a transit gateway has a route to the client. A VPN that is down is a cause only if no virtual " +
				"interface or Direct Connect gateway in the files may carry the route; one of another account may be missing from them.",
			"The gateway's files are missing, or something is in a state that AWS doesn't document, or that passes.",
			"https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNRoutingTypes.html",
		},
		{
			flow.CheckEndpointPolicy,
			"Of a call that was denied with 403: which statement of the endpoint's policy denies it, or that none allows it: by action, " +
				"principal, resource, and the conditions aws:PrincipalAccount, aws:PrincipalArn, aws:ResourceAccount, aws:SourceVpc, " +
				"aws:SourceVpce and aws:SourceIp. The service's message says who called, and which policy denied it.",
			"The policy decides by another key, as aws:PrincipalOrgID, another operator or a variable, by a role's path, by an account as " +
				"the principal, or by what the message doesn't say.",
			link + "vpc-endpoints-access.html",
		},
	}
}
