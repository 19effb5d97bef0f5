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
	if slices.Contains([]Case{CaseServFail, CaseShadow, CaseNoData, CaseDNSSilent, CaseTruncated, CaseNoEDNS, CaseNoAAAA}, c) {
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
	if c == CaseNoEDNS && q.IsEdns0() != nil {
		_ = w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeFormatError))
		return
	}
	if c == CaseNoAAAA && len(q.Question) == 1 && q.Question[0].Qtype == dns.TypeAAAA {
		return
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
	if c == CaseShadow || c == CaseDeadAlias {
		m.Rcode = dns.RcodeNameError
	}
	if c == CaseDeadAlias {
		gone := "vpce-0dead0dead0dead00-abcdefgh." + strings.SplitN(name, ".", 2)[0] + "." + demo.Region + ".vpce.amazonaws.com."
		m.Answer = []dns.RR{&dns.CNAME{
			Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: demo.TTL}, Target: gone,
		}}
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
	if c == CaseShadow || c == CaseNoData || c == CaseDeadAlias {
		return []netip.Addr{}
	}
	if instead := addressIn()[c]; instead != "" {
		return []netip.Addr{netip.MustParseAddr(instead)}
	}
	return addrs
}

// addressIn is the one address that both endpoints' names have in some cases.
func addressIn() map[Case]string {
	return map[Case]string{
		CasePublic: demo.OtherIP, CasePublicDrop: demo.OtherIP, CaseSNIReset: demo.OtherIP,
		CaseFake: Fake, CaseFakeDead: Fake,
		CaseSinkZero: "0.0.0.0", CaseSinkLoopback: "127.0.0.1", CaseSinkNobody: "10.0.200.7",
	}
}

// ttlOf is the TTL of a case's answers, in seconds.
func ttlOf(c Case) uint32 {
	if c == CaseBrief || c == CasePublic {
		return 1
	}
	return demo.TTL
}
