package lab

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"detour/internal/demo"
)

// ofSecond is the second nameserver's case.
func ofSecond(c Case) Case {
	if c == CaseDisagree {
		return CasePublic
	}
	if slices.Contains([]Case{CaseServFail, CaseShadow, CaseNoData, CaseDNSSilent, CaseTruncated}, c) {
		return CaseHealthy
	}
	return c
}

// answerDNS answers as the VPC's resolver in a case.
func answerDNS(w dns.ResponseWriter, q *dns.Msg, c Case) {
	name := ""
	if len(q.Question) == 1 {
		name = strings.ToLower(strings.TrimSuffix(q.Question[0].Name, "."))
	}
	if demo.PrivateIPs()[name] == nil {
		c = CaseHealthy
	}
	if c == CaseDNSSilent {
		return
	}
	m := demo.Reply(q, answers(name, c), ttlOf(c))
	if c == CaseServFail {
		m = new(dns.Msg).SetRcode(q, dns.RcodeServerFailure)
	}
	if c == CaseTruncated && w.LocalAddr().Network() == "udp" {
		m.Answer, m.Truncated = nil, true
	}
	if c == CaseShadow {
		m.Rcode = dns.RcodeNameError
	}
	if c == CaseShadow || c == CaseNoData {
		zone, _ := dns.NewRR(demo.Region +
			".amazonaws.com. 900 IN SOA ns-1536.awsdns-00.co.uk. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400")
		m.Ns = append(m.Ns, zone)
	}
	_ = w.WriteMsg(m)
}

// answers are the addresses of a name in a case; empty if it has none, nil if the name
// doesn't exist.
func answers(name string, c Case) []netip.Addr {
	addrs := demo.Resolve(name)
	more := map[Case]map[string][]string{CaseOneOfThree: thirdIPs(), CaseDeadAAAA: sixIPs()}[c]
	for _, ip := range more[name] {
		addrs = append(addrs, netip.MustParseAddr(ip))
	}
	if c == CaseShadow || c == CaseNoData {
		return []netip.Addr{}
	}
	if c == CasePublic {
		return []netip.Addr{netip.MustParseAddr(demo.OtherIP)}
	}
	return addrs
}

// ttlOf is the TTL of a case's answers, in seconds.
func ttlOf(c Case) uint32 {
	if c == CaseBrief || c == CasePublic {
		return 1
	}
	return demo.TTL
}
