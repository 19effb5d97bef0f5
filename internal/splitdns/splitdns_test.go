package splitdns

import (
	"fmt"
	"testing"
)

func TestFor_theLongestDomainDecides(t *testing.T) {
	rules := append(policy{[]string{".Corp.example", ".amazonaws.com"}, "10.0.0.2;fd00::53"}.rules(),
		policy{[]string{".vpce.amazonaws.com"}, "10.0.0.3"}.rules()...)
	rules = append(rules, policy{[]string{"logs.amazonaws.com"}, "10.0.0.4"}.rules()...)
	rules = append(rules, policy{[]string{".none.example"}, ""}.rules()...)          // DNSSEC alone
	rules = append(rules, policy{[]string{"10.0.0.0/8", ""}, "10.0.0.9"}.rules()...) // reverse lookups
	for name, want := range map[string]string{
		"A.corp.example.":           "[10.0.0.2:53 [fd00::53]:53]",
		"corp.example":              "[10.0.0.2:53 [fd00::53]:53]",
		"notcorp.example":           "[]",
		"x.none.example":            "[]",
		"sts.amazonaws.com":         "[10.0.0.2:53 [fd00::53]:53]",
		"a.b.vpce.amazonaws.com":    "[10.0.0.3:53]",
		"logs.amazonaws.com":        "[10.0.0.4:53]",
		"deeper.logs.amazonaws.com": "[10.0.0.2:53 [fd00::53]:53]",
		"example.com":               "[]",
	} {
		if got := fmt.Sprint(rules.For(name)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	every := append(rules, policy{[]string{"."}, "10.9.9.9"}.rules()...)
	if got := fmt.Sprint(every.For("example.com"), every.For("corp.example")); got != "[10.9.9.9:53] [10.0.0.2:53 [fd00::53]:53]" {
		t.Errorf("with a rule for every name: %s", got)
	}
}

// printed is what scutil --dns prints of a Mac whose VPN has a domain.
const printed = `DNS configuration

resolver #1
  search domain[0] : home
  nameserver[0] : 192.168.1.1
  nameserver[1] : fe80::1%en0
  if_index : 6 (en0)
  flags    : Request A records, Request AAAA records
  reach    : 0x00020002 (Reachable,Directly Reachable Address)

resolver #2
  domain   : corp.example
  nameserver[0] : 10.8.0.1
  nameserver[1] : fd00::1
  port     : 5353
  timeout  : 5
  if_index : 15 (utun3)
  flags    : Supplemental, Request A records
  reach    : 0x00000003 (Reachable,Transient Connection)
  order    : 102400

resolver #3
  domain   : local
  options  : mdns
  timeout  : 5
  flags    : Request A records, Request AAAA records
  reach    : 0x00000000 (Not Reachable)
  order    : 300000

resolver #4
  domain   : 254.169.in-addr.arpa
  options  : mdns
  nameserver[0] : 10.8.0.9

DNS configuration (for scoped queries)

resolver #1
  search domain[0] : home
  domain   : scoped.example
  nameserver[0] : 192.168.1.1
  if_index : 6 (en0)
  flags    : Scoped, Request A records
`

func TestScutilRules_areTheResolversWithADomain(t *testing.T) {
	if got := fmt.Sprint(scutilRules(printed)); got != "[{corp.example false [10.8.0.1:5353 [fd00::1]:5353]}]" {
		t.Error(got)
	}
	if got := scutilRules("No DNS configuration available\n"); got != nil {
		t.Error(got)
	}
}

func TestFileRule_isNamedAfterItsFile(t *testing.T) {
	for text, want := range map[string]string{
		"nameserver 10.0.0.2\nnameserver fd00::1\n":                "{corp.example false [10.0.0.2:53 [fd00::1]:53]}",
		"# x\ndomain Other.example.\nport 54\nnameserver 10.0.0.2": "{other.example false [10.0.0.2:54]}",
		"nameserver here\nport 99999\n":                            "{corp.example false []}",
	} {
		if got := fmt.Sprint(fileRule("corp.example", text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestRead_doesntFail(t *testing.T) {
	for _, r := range Read(t.Context()) {
		if len(r.Servers) > 0 && r.Servers[0].Port() == 0 {
			t.Errorf("%+v", r)
		}
	}
}
