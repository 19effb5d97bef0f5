package resolve

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"detour/internal/flow"
)

// A trace gathers the packets of one lookup. Go's resolver asks for A and AAAA
// at the same time, each question over a connection of its own.
type trace struct {
	nameservers []netip.AddrPort
	dial        func(ctx context.Context, network, address string) (net.Conn, error)

	mu      sync.Mutex
	queries []*query // by start
}

// A query is one question on its connection, and its answer if one came.
type query struct {
	server netip.AddrPort
	proto  string
	start  time.Time
	took   time.Duration
	asked  *dns.Msg
	reply  *dns.Msg
}

// failed reports whether the server was of no use, so that the next one is due.
func (q *query) failed() bool {
	return q.took > 0 && (q.reply == nil || q.reply.Rcode == dns.RcodeServerFailure || q.reply.Rcode == dns.RcodeRefused)
}

// open is the net.Resolver's way to a nameserver.
func (t *trace) open(ctx context.Context, network, address string) (net.Conn, error) {
	if len(t.nameservers) > 0 {
		address = t.next().String()
	}
	server, _ := netip.ParseAddrPort(address) // resolv.conf has addresses only
	q := &query{server: server, proto: network[:3], start: time.Now()}
	conn, err := t.dial(ctx, network, address)
	if err != nil {
		t.add(q)
		t.settle(q, nil)
		return nil, err
	}
	return newTap(ctx, conn, t, q), nil
}

// next is the first nameserver of ours that hasn't failed yet in this lookup, or
// in turn the first again.
func (t *trace) next() netip.AddrPort {
	t.mu.Lock()
	defer t.mu.Unlock()
	fails := make(map[netip.AddrPort]int)
	for _, q := range t.queries {
		if q.failed() {
			fails[q.server]++
		}
	}
	best := t.nameservers[0]
	for _, s := range t.nameservers {
		if fails[s] < fails[best] {
			best = s
		}
	}
	return best
}

func (t *trace) add(q *query) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.queries = append(t.queries, q)
}

// settle ends a query, once.
func (t *trace) settle(q *query, reply *dns.Msg) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if q.took == 0 {
		q.took, q.reply = max(1, time.Since(q.start)), reply
	}
}

// describe writes what the packets say into res: the queries, and, from the
// replies with addresses, the nameserver, the chain and the TTL.
func (t *trace) describe(res *flow.Resolution) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, q := range t.queries {
		if q.asked == nil && q.took == 0 {
			continue // opened, but nothing was asked before the lookup ended
		}
		res.Queries = append(res.Queries, q.public())
		if q.reply == nil || !hasAddress(q.reply) {
			continue
		}
		if !res.Nameserver.IsValid() {
			res.Nameserver = q.server
		}
		if chain := cnames(q.reply); len(chain) > len(res.CNAMEs) {
			res.CNAMEs = chain
		}
		for _, rr := range q.reply.Answer {
			if ttl := time.Duration(rr.Header().Ttl) * time.Second; res.TTL == 0 || ttl < res.TTL {
				res.TTL = ttl
			}
		}
	}
	for _, q := range t.queries { // whoever said that there is nothing
		if !res.Nameserver.IsValid() && q.reply != nil {
			res.Nameserver = q.server
		}
	}
}

func (q *query) public() flow.DNSQuery {
	p := flow.DNSQuery{Server: q.server, Proto: q.proto, Took: q.took}
	if q.asked != nil {
		p.Name = strings.TrimSuffix(q.asked.Question[0].Name, ".")
		p.Type = dns.TypeToString[q.asked.Question[0].Qtype]
	}
	if r := q.reply; r != nil {
		p.RCode, p.Truncated, p.Answers = dns.RcodeToString[r.Rcode], r.Truncated, len(r.Answer)
	}
	return p
}

// outcome is why the lookup of name came to nothing, by what was said of the
// name itself and not of what the search list made of it.
func (t *trace) outcome(name string) flow.DNSOutcome {
	t.mu.Lock()
	defer t.mu.Unlock()
	seen := make(map[flow.DNSOutcome]bool)
	for _, q := range t.queries {
		if q.asked != nil && !strings.EqualFold(strings.TrimSuffix(q.asked.Question[0].Name, "."), name) {
			continue
		}
		seen[q.outcome()] = true
	}
	for _, o := range []flow.DNSOutcome{
		flow.DNSNXDomain, flow.DNSServFail, flow.DNSRefused, flow.DNSNoData, flow.DNSTimeout,
	} {
		if seen[o] {
			return o
		}
	}
	return flow.DNSError
}

func (q *query) outcome() flow.DNSOutcome {
	switch {
	case q.reply == nil && q.asked == nil:
		return flow.DNSError // no way to the server
	case q.reply == nil:
		return flow.DNSTimeout
	case q.reply.Rcode == dns.RcodeNameError:
		return flow.DNSNXDomain
	case q.reply.Rcode == dns.RcodeServerFailure:
		return flow.DNSServFail
	case q.reply.Rcode == dns.RcodeRefused:
		return flow.DNSRefused
	case q.reply.Rcode == dns.RcodeSuccess:
		return flow.DNSNoData
	}
	return flow.DNSError
}

func hasAddress(m *dns.Msg) bool {
	for _, rr := range m.Answer {
		switch rr.(type) {
		case *dns.A, *dns.AAAA:
			return true
		}
	}
	return false
}

// cnames walks the aliases from the question on. Each record is used once, so a
// loop ends.
func cnames(m *dns.Msg) []string {
	var chain []string
	name := m.Question[0].Name
	for range m.Answer {
		target := ""
		for _, rr := range m.Answer {
			if c, ok := rr.(*dns.CNAME); ok && strings.EqualFold(c.Hdr.Name, name) {
				target = c.Target
				break
			}
		}
		if target == "" {
			break
		}
		chain = append(chain, strings.ToLower(strings.TrimSuffix(target, ".")))
		name = target
	}
	return chain
}
