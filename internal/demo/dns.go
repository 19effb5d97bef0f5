package demo

import (
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// TTL of answers in seconds, as Route 53 gives for interface endpoints.
const TTL = 60

// Reply returns the response to a query: NXDOMAIN if addrs is nil, NODATA if none of them
// has the type of the question. The console's name is an alias, as it is in AWS.
func Reply(q *dns.Msg, addrs []netip.Addr, ttl uint32) *dns.Msg {
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable = true
	if len(q.Question) != 1 {
		m.Rcode = dns.RcodeFormatError
		return m
	}
	if addrs == nil {
		m.Rcode = dns.RcodeNameError
		return m
	}
	name := q.Question[0].Name
	owner := name
	header := func(name string, kind uint16) dns.RR_Header {
		return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: ttl}
	}
	if strings.EqualFold(name, ConsoleHost+".") {
		owner = "console-lb.example."
		m.Answer = append(m.Answer, &dns.CNAME{Hdr: header(name, dns.TypeCNAME), Target: owner})
	}
	for _, a := range addrs {
		switch kind := q.Question[0].Qtype; {
		case kind == dns.TypeA && a.Is4():
			m.Answer = append(m.Answer, &dns.A{Hdr: header(owner, kind), A: a.AsSlice()})
		case kind == dns.TypeAAAA && a.Is6():
			m.Answer = append(m.Answer, &dns.AAAA{Hdr: header(owner, kind), AAAA: a.AsSlice()})
		}
	}
	return m
}
