package resolve

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// A nameserver that doesn't implement EDNS refuses a query that has it, or drops it
// (RFC 6891, 7). It is asked again without.
const (
	// plainAfter is how long an answer is awaited before the question is also sent without
	// EDNS: longer than a nameserver usually takes, and less than half of the 5 s after
	// which resolvers ask again (resolv.conf(5)).
	plainAfter = 1500 * time.Millisecond
	// plainFor is how long a nameserver is asked without EDNS only.
	plainFor        = 10 * time.Minute
	maxPlainServers = 64
)

// plainServers are the nameservers that are asked without EDNS. The zero value is ready to
// use; it may be used concurrently.
type plainServers struct {
	mu    sync.Mutex
	until map[netip.AddrPort]time.Time
}

func (p *plainServers) has(server netip.AddrPort) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Before(p.until[server])
}

func (p *plainServers) add(server netip.AddrPort) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.until[server]; !known && len(p.until) >= maxPlainServers {
		return
	}
	if p.until == nil {
		p.until = make(map[netip.AddrPort]time.Time)
	}
	p.until[server] = time.Now().Add(plainFor)
}

// withoutEDNS returns m without its OPT record.
func withoutEDNS(m *dns.Msg) *dns.Msg {
	plain := *m
	plain.Extra = slices.DeleteFunc(slices.Clone(m.Extra), func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeOPT })
	return &plain
}

// refusesEDNS reports whether m is the reply of a nameserver that refuses a query because
// of its OPT record. Such a reply may lack the question.
func refusesEDNS(asked, m *dns.Msg) bool {
	if asked == nil || asked.IsEdns0() == nil || !m.Response || m.Id != asked.Id || len(m.Question) > 0 && !answersTo(asked, m) {
		return false
	}
	return m.Rcode == dns.RcodeFormatError || m.Rcode == dns.RcodeNotImplemented || m.Rcode == dns.RcodeBadVers
}

// answersTo reports whether m is a reply to the question that was asked. Names are compared
// without regard to case (RFC 4343).
func answersTo(asked, m *dns.Msg) bool {
	if asked == nil || !m.Response || m.Id != asked.Id || len(m.Question) != 1 || len(asked.Question) != 1 {
		return false
	}
	r, a := m.Question[0], asked.Question[0]
	return r.Qtype == a.Qtype && r.Qclass == a.Qclass && normal(r.Name) == normal(a.Name)
}
