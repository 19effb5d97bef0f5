package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"detour/internal/account"
	"detour/internal/account/awscli"
)

// everything is what an account with every kind of object has.
func everything() account.Seen {
	return account.Seen{
		HasEndpoints: true, Interfaces: []string{"eni-1"}, SameAddress: []string{"10.0.0.1"}, ClientVPN: true, VPCs: []string{"vpc-1"},
		Groups: []string{"sg-1"}, Subnets: []string{"subnet-1"}, Inbound: []string{"rslvr-in-1"}, Lists: []string{"pl-1"},
		VirtualGateway: true, TransitGateway: true, TransitTables: []string{"tgw-rtb-1"},
	}
}

// all are the commands until nothing more can be asked for.
func all(t *testing.T, s account.Seen) (out []Command) {
	t.Helper()
	done := make(map[string]bool)
	for range 10 {
		next := Next(s, "eu-central-1", done)
		if len(next) == 0 {
			return out
		}
		for _, c := range next {
			if done[c.File] = true; !strings.Contains(c.String(), " --region eu-central-1 --output json") {
				t.Errorf("%s", c)
			}
		}
		out = append(out, next...)
	}
	t.Fatal("it doesn't end")
	return nil
}

// What AWS refuses stops no command that can do without it.
func TestNext_goesOnWithoutEndpoints(t *testing.T) {
	var text strings.Builder
	for _, c := range all(t, account.Seen{VPCs: []string{"vpc-1"}, Groups: []string{"sg-1"}, Subnets: []string{"subnet-1"}}) {
		text.WriteString(c.String() + "\n")
	}
	for _, want := range []string{
		"describe-vpc-endpoints", "describe-network-interfaces --filters Name=requester-managed,Values=true ", "describe-client-vpn-endpoints",
		"list-resolver-endpoints", "describe-security-groups --filters Name=group-id,Values=sg-1 ", "describe-subnets", "describe-route-tables",
		"describe-network-acls", "describe-vpcs", "describe-vpc-attribute", "list-hosted-zones-by-vpc", "describe-vpn-gateways",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%s isn't asked for:\n%s", want, text.String())
		}
	}
}

// More values than a filter takes are asked for in several commands.
func TestNext_splitsLongFilters(t *testing.T) {
	s := everything()
	for i := range 450 {
		s.Groups = append(s.Groups, fmt.Sprintf("sg-x%d", i))
	}
	n := 0
	for _, c := range all(t, s) {
		if i := slices.Index(c.Args, "--filters"); i > 0 && strings.Contains(c.Args[i+1], "group-id") {
			if n++; strings.Count(c.Args[i+1], "sg-") > chunk {
				t.Errorf("%s has more than %d", c.File, chunk)
			}
		}
	}
	if n != 3 {
		t.Errorf("%d commands, want 3", n)
	}
}

var called = regexp.MustCompile(`\b(ec2|route53|route53resolver|directconnect) ([a-z-]+)`)

// The policy in the documentation permits every command, of both ways.
func TestActions_permitEveryCommand(t *testing.T) {
	permitted := strings.ToLower(strings.Join(account.Actions(), " ")) + " "
	text := Script("account", "eu-central-1", "")
	for _, c := range all(t, everything()) {
		text += c.String() + "\n"
	}
	used := make(map[string]bool)
	for _, m := range called.FindAllStringSubmatch(text, -1) {
		action := m[1] + ":" + strings.ReplaceAll(m[2], "-", "")
		if used[action] = true; !strings.Contains(permitted, action+" ") {
			t.Errorf("%s isn't permitted", action)
		}
	}
	for _, a := range account.Actions() {
		if !used[strings.ToLower(a)] && a != "sts:GetCallerIdentity" {
			t.Errorf("%s is permitted, and not used", a)
		}
	}
}

// What the collector asks for is understood when it is read: as the same words, and as all of a
// set or of those that have a value.
func TestNext_isUnderstoodWhenItIsRead(t *testing.T) {
	for _, c := range all(t, everything()) {
		parsed, ok := awscli.Parse(c.String())
		if !ok || parsed.Service != c.Args[0] || parsed.Operation != c.Args[1] {
			t.Errorf("%s: %+v", c, parsed)
		}
		v := parsed.Coverage()
		if filtered := slices.Contains(c.Args, "--filters") && !slices.Contains(c.Args, awscli.EveryRoute); v.All == filtered {
			t.Errorf("%s: %+v", c, v)
		} else if filtered && (v.Filter == "" || len(v.Values) == 0) {
			t.Errorf("%s: %+v", c, v)
		}
	}
}

func TestScript_isQuotedForAShell(t *testing.T) {
	text := Script(`a'b; $(x)`, "eu-central-1", `p'; rm x`)
	if !strings.Contains(text, `'a'\''b; $(x)'`) || !strings.Contains(text, `--profile 'p'\''; rm x'`) {
		t.Error(text)
	}
}
