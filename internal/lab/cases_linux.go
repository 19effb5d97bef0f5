package lab

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
)

// SetCase changes the state of the network: one nft transaction, so no packet
// sees a state in between.
func (l *Lab) SetCase(c Case) error {
	rule := map[Case]string{
		CaseHealthy:    "counter accept",
		CaseSGDrop:     "counter drop", // a security group drops without a word
		CaseRST:        "counter reject with tcp reset",
		CaseProhibited: "counter reject with icmp type admin-prohibited",
		CaseOneDead:    "ip daddr 10.0.1.0/24 counter drop",
		CaseSilent:     "tcp flags & psh == psh counter drop", // the handshake of TCP, and nothing after it
		CaseBlackHole:  "meta length > 1200 counter drop",     // and no ICMP that says so
	}[c]
	switch c {
	case CaseShadow, CaseNoData, CaseServFail, CaseDNSSilent, CaseTruncated:
		rule = "counter accept" // the nameserver does it
	case CaseHealthy, CaseSGDrop, CaseRST, CaseProhibited, CaseOneDead, CaseSilent, CaseBlackHole:
	default:
		return fmt.Errorf("no such case: %q", c)
	}
	l.state.Store(c)
	var ips []string
	for _, list := range privateIPs() {
		ips = append(ips, list...)
	}
	rules := fmt.Sprintf(`table inet lab
delete table inet lab
table inet lab {
	chain input {
		type filter hook input priority 0; policy accept;
		ip daddr { %s } tcp dport 443 ip saddr != %s %s
	}
}
`, strings.Join(ips, ", "), VPCCIDR, rule)
	cmd := exec.Command("ip", "netns", "exec", l.vpc, "nft", "-f", "-") //nolint:noctx // it takes milliseconds
	cmd.Stdin = strings.NewReader(rules)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %w: %s", err, out)
	}
	return nil
}

// Packets is how many packets the case's rule has met since SetCase: for a drop,
// the SYNs that really arrived.
func (l *Lab) Packets() (int, error) {
	out, err := exec.Command("ip", "netns", "exec", l.vpc, "nft", "-j", "list", "table", "inet", "lab").Output() //nolint:noctx // it takes milliseconds
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
	for _, o := range list.Nftables {
		for _, e := range o.Rule.Expr {
			if e.Counter != nil {
				return e.Counter.Packets, nil
			}
		}
	}
	return 0, fmt.Errorf("nft: no counter in %s", out)
}
