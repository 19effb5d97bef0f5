package lab

import (
	"strings"

	"github.com/miekg/dns"
)

// ttl of the lab's answers, as Route 53 gives for interface endpoints.
const ttl = 60

// answerDNS is the VPC's resolver in a case.
func answerDNS(w dns.ResponseWriter, q *dns.Msg, c Case) {
	endpoint := len(q.Question) == 1 && privateIPs()[strings.ToLower(strings.TrimSuffix(q.Question[0].Name, "."))] != nil
	if !endpoint {
		c = CaseHealthy
	}
	switch c {
	case CaseDNSSilent:
		return
	case CaseShadow, CaseNoData:
		m := new(dns.Msg).SetReply(q)
		m.RecursionAvailable = true
		if c == CaseShadow {
			m.Rcode = dns.RcodeNameError
		}
		zone, _ := dns.NewRR(Region + ".amazonaws.com. 900 IN SOA ns-1536.awsdns-00.co.uk. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400")
		m.Ns = append(m.Ns, zone)
		_ = w.WriteMsg(m)
	case CaseServFail:
		_ = w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeServerFailure))
	case CaseTruncated:
		m := reply(q)
		if w.LocalAddr().Network() == "udp" {
			m.Answer, m.Truncated = nil, true
		}
		_ = w.WriteMsg(m)
	case CaseHealthy, CaseSGDrop, CaseRST, CaseProhibited, CaseOneDead, CaseSilent, CaseBlackHole:
		_ = w.WriteMsg(reply(q))
	}
}

// reply is the answer to a question. The console's name is an alias, as in life.
func reply(q *dns.Msg) *dns.Msg {
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable = true
	if len(q.Question) != 1 {
		m.Rcode = dns.RcodeFormatError
		return m
	}
	name := q.Question[0].Name
	addrs := Resolve(name)
	if addrs == nil {
		m.Rcode = dns.RcodeNameError
		return m
	}
	owner := name
	if strings.EqualFold(name, ConsoleHost+".") {
		owner = "console-lb.example."
		m.Answer = append(m.Answer, &dns.CNAME{Hdr: header(name, dns.TypeCNAME), Target: owner})
	}
	if q.Question[0].Qtype == dns.TypeA {
		for _, a := range addrs {
			m.Answer = append(m.Answer, &dns.A{Hdr: header(owner, dns.TypeA), A: a.AsSlice()})
		}
	}
	return m
}

func header(name string, rrtype uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: rrtype, Class: dns.ClassINET, Ttl: ttl}
}
