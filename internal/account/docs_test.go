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
