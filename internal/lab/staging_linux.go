package lab

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"detour/internal/demo"
	"detour/internal/lab/netns"
)

// A staging is what a case does to the network. What it does to nameservers is in
// answerDNS, to TLS in greeter, and to answers in answerAs.
type staging struct {
	rule   string   // nftables' verdict on packets to the endpoints from outside the VPC
	six    string   // … at their IPv6 addresses
	public string   // … on packets to the public addresses that the endpoints' names may have
	all    string   // … on every packet from this machine
	thrown []string // networks to which this machine has no route
	hosts  bool     // its hosts file has the endpoints' names
	ipv6   bool     // IPv6 is on between it and the VPC
}

// stage returns the staging of a case.
func stage(c Case) (s staging, ok bool) {
	s = staging{rule: "counter accept", six: "accept", public: "accept", all: "continue"}
	switch c {
	case CaseHealthy, CaseShadow, CaseNoData, CaseServFail, CaseDNSSilent, CaseTruncated, CaseDisagree,
		CaseWrongEndpoint, CaseBrief, CasePublic, CasePortal, CasePortalRedirect, CaseSNIReset, CaseFake,
		CaseSinkZero, CaseSinkLoopback, CaseSinkNobody, CaseDeadAlias, CaseNSRefused, CaseNoEDNS, CaseNoAAAA,
		CaseExpired, CaseNoCORSPreflight, CaseNoCORSAnswer, CaseGatewayRedirect, CaseGatewayHTML, CaseGatewayJSON,
		CaseEmpty, CaseSlow, CaseUnhurried:
	case CaseSGDrop:
		s.rule = "counter drop" // a security group drops without an answer
	case CaseRST:
		s.rule = "counter reject with tcp reset"
	case CaseProhibited:
		s.rule = "counter reject with icmpx type admin-prohibited"
	case CaseOneDead, CaseOneOfThree:
		s.rule = "ip daddr 10.0.1.0/24 counter drop"
	case CaseSilent:
		s.rule = "tcp flags & psh == psh counter drop" // only the TCP handshake passes
	case CaseResetData:
		s.rule = "tcp flags & psh == psh counter reject with tcp reset"
	case CaseBlackHole:
		s.rule = "meta length > 1200 counter drop" // without ICMP
	case CaseDeadAAAA:
		s.rule, s.six, s.ipv6 = "accept", "counter drop", true
	case CaseLate:
		s.rule = "counter jump late"
	case CaseLater:
		s.rule = "counter jump later"
	case CasePublicDrop, CaseFakeDead:
		s.public = "drop"
	case CaseVPNDeath:
		s.all = "drop"
	case CaseNoRoute:
		s.thrown = []string{"10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"}
	case CaseNSNoRoute:
		s.thrown = []string{demo.Resolver + "/32", Second + "/32"}
	case CaseOffline: // more specific than each of the routes
		s.thrown = []string{"0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/17", "10.0.128.0/17"}
	case CaseHosts:
		s.hosts = true
	default:
		return s, false
	}
	if c == CaseNSRefused {
		s.all = "udp dport 53 reject"
	}
	return s, true
}

// thirdIPs are interfaces in a third zone, which CaseOneOfThree adds.
func thirdIPs() map[string][]string {
	return map[string][]string{demo.MetricsHost: {"10.0.3.23"}, demo.LogsHost: {"10.0.3.24"}}
}

// sixIPs are the addresses that CaseDeadAAAA adds.
func sixIPs() map[string][]string {
	return map[string][]string{demo.MetricsHost: {"fd00:10:1::23"}, demo.LogsHost: {"fd00:10:1::24"}}
}

// SetCase changes the state of the network. The rules change in one nft transaction, so no
// packet meets a state in between.
func (l *Lab) SetCase(c Case) error {
	s, ok := stage(c)
	if !ok {
		return fmt.Errorf("no such case: %q", c)
	}
	if err := l.setHosts(s.hosts); err != nil {
		return err
	}
	if err := l.setRoutes(s.thrown); err != nil {
		return err
	}
	if err := l.setIPv6(s.ipv6); err != nil {
		return err
	}
	l.state.Store(c)
	vpc := fmt.Sprintf(`		iifname "dx0" %s
		tcp dport 443 ip daddr { %s } ip saddr != %s %s
		tcp dport 443 ip6 daddr { %s } %s`, s.all, joined(demo.PrivateIPs(), thirdIPs()), VPCCIDR, s.rule, joined(sixIPs()), s.six)
	aws := fmt.Sprintf(`		iifname "wan0" %s
		tcp dport 443 ip daddr { %s, %s } %s`, s.all, demo.OtherIP, Fake, s.public)
	if err := setRules(l.vpc, vpc); err != nil {
		return err
	}
	return setRules(l.aws, aws)
}

// setRules replaces a namespace's rules for what arrives there. The chains late and later
// drop a connection's SYNs until it is 2.5 or 5.5 s old. Depending on the kernel, its next
// one comes at 3 s, and at 6 or 7 s.
func setRules(ns, input string) error {
	rules := fmt.Sprintf(`table inet lab
delete table inet lab
table inet lab {
	set known { type ipv4_addr . inet_service; flags dynamic,timeout; timeout 60s; }
	set young { type ipv4_addr . inet_service; flags dynamic,timeout; timeout 2500ms; }
	set youngish { type ipv4_addr . inet_service; flags dynamic,timeout; timeout 5500ms; }
	chain late {
		tcp flags & (syn | ack) != syn accept
		ip daddr . tcp sport @young drop
		ip daddr . tcp sport @known accept
		add @known { ip daddr . tcp sport } add @young { ip daddr . tcp sport } drop
	}
	chain later {
		tcp flags & (syn | ack) != syn accept
		ip daddr . tcp sport @youngish drop
		ip daddr . tcp sport @known accept
		add @known { ip daddr . tcp sport } add @youngish { ip daddr . tcp sport } drop
	}
	chain input {
		type filter hook input priority 0; policy accept;
%s
	}
}
`, input)
	cmd := exec.Command("ip", "netns", "exec", ns, "nft", "-f", "-") //nolint:noctx // it takes milliseconds
	cmd.Stdin = strings.NewReader(rules)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %w: %s", err, out)
	}
	return nil
}

func joined(of ...map[string][]string) string {
	var all []string
	for _, m := range of {
		for _, ips := range m {
			all = append(all, ips...)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// setHosts writes the client's hosts file, which ip-netns(8) mounts for the commands that
// start from then on.
func (l *Lab) setHosts(override bool) error {
	path := filepath.Join("/etc/netns", l.Client, "hosts")
	text := "127.0.0.1 localhost\n"
	if override {
		text += demo.OtherIP + " " + demo.MetricsHost + " " + demo.LogsHost + "\n"
	}
	return os.WriteFile(path, []byte(text), 0o644) //nolint:gosec // as the system's own
}

// setRoutes removes the client's routes to these networks, and restores those to others. A
// throw route acts as no route (ip-route(8)).
func (l *Lab) setRoutes(thrown []string) error {
	for _, net := range l.thrown {
		if err := netns.IP("-n", l.Client, "route", "del", "throw", net); err != nil {
			return err
		}
	}
	l.thrown = nil
	for _, net := range thrown {
		if err := netns.IP("-n", l.Client, "route", "add", "throw", net); err != nil {
			return err
		}
		l.thrown = append(l.thrown, net)
	}
	return nil
}

// setIPv6 turns on IPv6 between the client and the VPC. It is off otherwise: link-local
// addresses that appear make Chromium drop its requests (ERR_NETWORK_CHANGED).
func (l *Lab) setIPv6(on bool) error {
	if !on || l.ipv6 {
		return nil // later cases work with it, too
	}
	for _, ns := range []string{l.Client, l.vpc} {
		if err := netns.In(ns, func() error { return switchIPv6(true) }); err != nil {
			return err
		}
	}
	for _, args := range [][]string{
		{"-n", l.Client, "addr", "add", "fd00:10:8::5/64", "dev", "dx0", "nodad"},
		{"-n", l.vpc, "addr", "add", "fd00:10:8::1/64", "dev", "dx0", "nodad"},
		{"-n", l.Client, "route", "add", "fd00:10::/32", "via", "fd00:10:8::1"},
	} {
		if err := netns.IP(args...); err != nil {
			return err
		}
	}
	for _, ips := range sixIPs() {
		for _, a := range ips {
			if err := netns.IP("-n", l.vpc, "addr", "add", a+"/128", "dev", "lo", "nodad"); err != nil {
				return err
			}
		}
	}
	l.ipv6 = true
	return nil
}

// Packets returns how many packets have matched the case's rule since SetCase: for a drop,
// the SYNs that arrived.
func (l *Lab) Packets() (int, error) {
	//nolint:noctx // it takes milliseconds
	out, err := exec.Command("ip", "netns", "exec", l.vpc, "nft", "-j", "list", "table", "inet", "lab").Output()
	if err != nil {
		return 0, fmt.Errorf("nft: %w", err)
	}
	var list struct {
		Nftables []struct {
			Rule struct {
				Expr []struct {
					Counter *struct{ Packets int }
				}
			}
		}
	}
	if err := json.Unmarshal(out, &list); err != nil {
		return 0, fmt.Errorf("nft: %w", err)
	}
	n, counted := 0, false
	for _, o := range list.Nftables {
		for _, e := range o.Rule.Expr {
			if e.Counter != nil {
				n, counted = n+e.Counter.Packets, true
			}
		}
	}
	if !counted {
		return 0, fmt.Errorf("nft: no counter in %s", out)
	}
	return n, nil
}
