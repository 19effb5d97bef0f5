package account

import (
	"fmt"
	"strings"
)

// Script is a POSIX shell script that fills a folder, without knowing what the account has: it
// asks for all of a Region. Nothing in it changes anything.
func Script(dir, region, profile string) string {
	var b strings.Builder
	aws := "aws"
	if profile != "" {
		aws += " --profile " + quote(profile)
	}
	fmt.Fprintf(&b, "# Read-only: describes the interface endpoints of a Region, and what decides who can reach them.\n"+
		"mkdir -p -- %s && cd -- %s || exit 1\numask 077\n"+
		"export AWS_PAGER= AWS_DEFAULT_REGION=%s AWS_REGION=%s\n", quote(dir), quote(dir), region, region)
	b.WriteString("# A command that fails leaves its error in the file, and the next ones run.\nget() { f=$1; shift; " + aws +
		" \"$@\" --output json > \"$f\" 2>&1 || echo \"failed: $*\" >&2; }\n" +
		"ids() { " + aws + " \"$@\" --output text 2>/dev/null; }\n\n")
	for _, name := range []string{
		"vpc-endpoints", "network-interfaces", "security-groups", "subnets", "route-tables", "network-acls", "vpcs", "managed-prefix-lists",
		"vpn-gateways", "transit-gateway-attachments", "client-vpn-endpoints",
	} {
		fmt.Fprintf(&b, "get describe-%s.json ec2 describe-%s\n", name, name)
	}
	for _, c := range secretive() {
		fmt.Fprintf(&b, "get %s %s\n", c.File, quoteAll(c.Args))
	}
	b.WriteString("get list-resolver-endpoints.json route53resolver list-resolver-endpoints\n\n")
	loop := func(list, id string, gets ...string) {
		fmt.Fprintf(&b, "for i in $(ids %s); do\n", list)
		for _, g := range gets {
			b.WriteString("  get " + strings.ReplaceAll(g, "ID", id) + "\n")
		}
		b.WriteString("done\n")
	}
	loop("ec2 describe-vpc-endpoints --query 'VpcEndpoints[].VpcId'", `"$i"`,
		`"describe-vpc-attribute-dns-support_$i.json" ec2 describe-vpc-attribute --vpc-id ID --attribute enableDnsSupport`,
		`"describe-vpc-attribute-dns-hostnames_$i.json" ec2 describe-vpc-attribute --vpc-id ID --attribute enableDnsHostnames`,
		`"list-hosted-zones-by-vpc_$i.json" route53 list-hosted-zones-by-vpc --vpc-id ID --vpc-region `+region)
	loop("ec2 describe-managed-prefix-lists --query 'PrefixLists[].PrefixListId'", `"$i"`,
		`"get-managed-prefix-list-entries_$i.json" ec2 get-managed-prefix-list-entries --prefix-list-id ID`)
	loop("route53resolver list-resolver-endpoints --query 'ResolverEndpoints[].Id'", `"$i"`,
		`"list-resolver-endpoint-ip-addresses_$i.json" route53resolver list-resolver-endpoint-ip-addresses --resolver-endpoint-id ID`)
	loop("ec2 describe-transit-gateway-route-tables --query 'TransitGatewayRouteTables[].TransitGatewayRouteTableId'", `"$i"`,
		`"search-transit-gateway-routes_$i.json" ec2 search-transit-gateway-routes --transit-gateway-route-table-id ID `+
			`--filters Name=state,Values=active,blackhole`)
	return b.String()
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func quoteAll(args []string) string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = a
		if strings.ContainsAny(a, " '{}[]*") {
			out[i] = quote(a)
		}
	}
	return strings.Join(out, " ")
}
