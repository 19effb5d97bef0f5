package resolve

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"

	"detour/internal/flow"
)

// A trace collects the packets of one lookup. Go's resolver queries A and AAAA at the same
// time, each over its own connection.
type trace struct {
	nameservers []netip.AddrPort // configured; empty: the resolver's choice
	dial        func(ctx context.Context, network, address string) (net.Conn, error)
	plain       *plainServers // to which the queries have no EDNS

	name     string // what is looked up, since start
	start    time.Time
	progress func(*flow.Resolution)

	mu      sync.Mutex
	queries []*query    // in order of sending, or of failing to send
	delay   *time.Timer // until the IPv4 addresses are enough
	enough  bool        // they are
	over    bool        // the lookup has ended
}

// open opens a connection to a nameserver for net.Resolver.
func (t *trace) open(ctx context.Context, network, address string) (net.Conn, error) {
	q := &query{proto: network}
	if len(t.nameservers) > 0 {
		address = t.choose(network).String()
	}
	q.server, _ = netip.ParseAddrPort(address) // resolv.conf has addresses only
	q.start = time.Now()
	conn, err := t.dial(ctx, network, address)
	if err != nil {
		t.unsent(q, err)
		return nil, err
	}
	return newTap(ctx, conn, t, q), nil
}

// choose returns the nameserver for a question: for a truncated answer the same one again,
// or else the first of those that failed least often in this lookup.
func (t *trace) choose(network string) netip.AddrPort {
	t.mu.Lock()
	defer t.mu.Unlock()
	fails := make(map[netip.AddrPort]int)
	for _, q := range t.queries {
		if network == "tcp" && q.truncated() && !q.repeated {
			q.repeated = true
			return q.server
		}
		if q.failed() {
			fails[q.server]++
		}
	}
	return slices.MinFunc(t.nameservers, func(a, b netip.AddrPort) int { return cmp.Compare(fails[a], fails[b]) })
}

// sent records that a query was sent.
func (t *trace) sent(q *query, m *dns.Msg, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if q.asked == nil {
		q.asked, q.start = m, now
		t.queries = append(t.queries, q)
		t.report() // another may have been answered already
	}
}

// asksPlainly reports whether to send a query without EDNS: the nameserver refused EDNS
// before, or didn't respond in this lookup.
func (t *trace) asksPlainly(q *query) bool {
	if t.plain.has(q.server) {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.ContainsFunc(t.queries, func(other *query) bool {
		return other != q && other.server == q.server && other.took > 0 && other.reply == nil && timedOut(other.err)
	})
}

// own returns those of addrs, which the resolver found, that are addresses of the name:
// the resolver also takes those of other names in an answer.
func (t *trace) own(addrs []netip.Addr) []netip.Addr {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine, foreign := make(map[netip.Addr]bool), make(map[netip.Addr]bool)
	for _, q := range t.queries {
		if !q.answered() || q.torn {
			continue
		}
		for _, a := range addresses(q.reply) {
			mine[a] = true
		}
		for _, a := range addressesOf(q.reply.Answer) {
			foreign[a] = true
		}
	}
	return slices.DeleteFunc(addrs, func(a netip.Addr) bool { return foreign[a] && !mine[a] })
}

// unsent records a query that couldn't be sent.
func (t *trace) unsent(q *query, err error) {
	t.mu.Lock()
	t.queries = append(t.queries, q)
	t.mu.Unlock()
	t.settle(q, ending{err: err})
}

// settle ends a query. Only the first call counts.
func (t *trace) settle(q *query, e ending) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if q.took == 0 {
		q.took, q.ending = max(1, time.Since(q.start)), e
		t.countDown(q)
		t.report()
	}
}

// worthMore reports whether a failed lookup should continue: a question wasn't answered, a
// configured nameserver wasn't asked it, and none said that there is no address.
func (t *trace) worthMore(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o, _ := t.verdict(name); o == flow.DNSNXDomain || o == flow.DNSNoData || len(t.queries) == 0 {
		return false
	}
	return t.unasked(dns.TypeA) || t.unasked(dns.TypeAAAA)
}

// unasked reports whether no nameserver has answered a type of question, and a configured
// one wasn't asked.
func (t *trace) unasked(kind uint16) bool {
	asked := make(map[netip.AddrPort]bool)
	for _, q := range t.queries {
		if q.asked != nil && q.asked.Question[0].Qtype != kind {
			continue
		}
		if q.took > 0 && q.answered() && !q.failed() {
			return false
		}
		asked[q.server] = true
	}
	return slices.ContainsFunc(t.nameservers, func(s netip.AddrPort) bool { return !asked[s] })
}

// describe records in res, which has the addresses, what the packets say. err is the
// resolver's error.
func (t *trace) describe(res *flow.Resolution, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	res.Source = flow.SourceDNS
	for _, q := range t.queries {
		if q.asked != nil {
			res.Queries = append(res.Queries, q.public())
		}
	}
	if err != nil {
		t.explain(res, err)
		return
	}
	from := t.supplier(res.Addrs)
	if from == nil {
		res.Source = flow.SourceHosts // no nameserver supplied it
		res.Hosts = hostsLine(HostsFile(), res.Name)
		return
	}
	res.Nameserver, res.CNAMEs, res.TTL = from.server, from.cnames(), t.ttl()
	res.Validated = from.reply.AuthenticatedData
}

// supplier returns the query whose answer has the address that is dialed first.
func (t *trace) supplier(addrs []netip.Addr) *query {
	var torn *query
	for _, q := range t.queries {
		switch {
		case !q.answered():
		case q.torn:
			torn = q // the resolver got addresses from it, but which isn't known
		case len(addrs) > 0 && slices.Contains(addresses(q.reply), addrs[0]):
			return q
		}
	}
	return torn
}

// ttl returns the smallest TTL of the records that led to addresses.
func (t *trace) ttl() time.Duration {
	least, found := uint32(0), false
	for _, q := range t.queries {
		if !q.answered() || len(addresses(q.reply)) == 0 {
			continue
		}
		for _, rr := range recordsOf(q.reply) {
			if t := ttl(rr); !found || t < least {
				least, found = t, true
			}
		}
	}
	return time.Duration(least) * time.Second
}
