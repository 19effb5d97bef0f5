package plan

import (
	"fmt"
	"strings"

	"detour/internal/account/awscli"
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
		"export AWS_PAGER= AWS_CLI_ERROR_FORMAT=legacy AWS_DEFAULT_REGION=%s AWS_REGION=%s\n", quote(dir), quote(dir), region, region)
	b.WriteString("# A command that fails leaves its error in the file, and the next ones run.\n" +
		"get() {\n  f=$1; shift\n  if " + aws + " \"$@\" --output json > \"$f\" 2> \"$f.error\"; then rm -f -- \"$f.error\"\n" +
		"  else mv -f -- \"$f.error\" \"$f\"; echo \"failed: $*\" >&2; fi\n}\n" +
		"ids() { x=$(" + aws + " \"$@\" --output text 2>/dev/null) && printf '%s\\n' $x | sort -u; }\n\n")
	for _, name := range []string{
		"vpc-endpoints", "network-interfaces", "security-groups", "subnets", "route-tables", "network-acls", "vpcs", "managed-prefix-lists",
		"vpn-gateways", "transit-gateway-attachments", "client-vpn-endpoints",
	} {
		fmt.Fprintf(&b, "get describe-%s.json ec2 describe-%s\n", name, name)
	}
	for _, c := range secretive() {
		fmt.Fprintf(&b, "get %s %s\n", c.File, quoteAll(c.Args))
	}
	for _, name := range []string{"endpoints", "rules", "rule-associations"} {
		fmt.Fprintf(&b, "get list-resolver-%s.json route53resolver list-resolver-%s\n", name, name)
	}
	b.WriteByte('\n')
	loop := func(list, id string, gets ...string) {
		fmt.Fprintf(&b, "for i in $(ids %s); do\n", list)
		for _, g := range gets {
			b.WriteString("  get " + strings.ReplaceAll(g, "ID", id) + "\n")
		}
		b.WriteString("done\n")
	}
	loop("ec2 describe-vpc-endpoints --query 'VpcEndpoints[].VpcId' || ids ec2 describe-vpcs --query 'Vpcs[].VpcId'", `"$i"`,
		`"describe-vpc-attribute-dns-support_$i.json" ec2 describe-vpc-attribute --vpc-id ID --attribute enableDnsSupport`,
		`"describe-vpc-attribute-dns-hostnames_$i.json" ec2 describe-vpc-attribute --vpc-id ID --attribute enableDnsHostnames`,
		`"list-hosted-zones-by-vpc_$i.json" route53 list-hosted-zones-by-vpc --vpc-id ID --vpc-region `+region)
	loop("ec2 describe-managed-prefix-lists --query 'PrefixLists[].PrefixListId'", `"$i"`,
		`"get-managed-prefix-list-entries_$i.json" ec2 get-managed-prefix-list-entries --prefix-list-id ID`)
	loop("route53resolver list-resolver-endpoints --query 'ResolverEndpoints[].Id'", `"$i"`,
		`"list-resolver-endpoint-ip-addresses_$i.json" route53resolver list-resolver-endpoint-ip-addresses --resolver-endpoint-id ID`)
	loop("ec2 describe-transit-gateway-attachments --query 'TransitGatewayAttachments[].Association.TransitGatewayRouteTableId'", `"$i"`,
		`"search-transit-gateway-routes_$i.json" ec2 search-transit-gateway-routes --transit-gateway-route-table-id ID `+
			`--filters `+awscli.EveryRoute)
	return b.String()
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func quoteAll(args []string) string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = a
		if a == "" || strings.ContainsAny(a, " *'\"$`\\;&|<>(){}[]?~#") {
			out[i] = quote(a)
		}
	}
	return strings.Join(out, " ")
}
