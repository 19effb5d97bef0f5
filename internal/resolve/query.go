package resolve

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"detour/internal/flow"
)

// errUnrelated is the error of a connection over which only messages came that the resolver
// ignored.
var errUnrelated = errors.New("the reply doesn't match the query")

// A query is one question on its connection. The trace's lock guards it.
type query struct {
	server   netip.AddrPort
	proto    string   // "udp" or "tcp"
	asked    *dns.Msg // nil if it wasn't sent
	start    time.Time
	took     time.Duration // 0 while in progress
	repeated bool          // the answer was truncated, and the query repeated
	hangUp   func()        // closes the connection
	ending
}

// An ending is the result of a query.
type ending struct {
	reply *dns.Msg // nil if none came
	plain bool     // it answers the question that was sent without EDNS
	torn  bool     // only header and question of the reply are valid
	err   error    // why there is no reply
}

// answeredBy reports whether m answers the question.
func (q *query) answeredBy(m *dns.Msg) bool { return answersTo(q.asked, m) }

// asks reports whether the question is of a type.
func (q *query) asks(kind uint16) bool { return q.asked != nil && q.asked.Question[0].Qtype == kind }

// truncated reports whether the query has to be repeated over TCP. The resolver doesn't use
// a truncated answer (RFC 2181, 9).
func (q *query) truncated() bool { return q.reply != nil && q.reply.Truncated && q.proto == "udp" }

// answered reports whether the resolver had an answer to use.
func (q *query) answered() bool { return q.reply != nil && !q.truncated() }

// failed reports whether the server was no help, and the next one has to be asked.
func (q *query) failed() bool {
	if q.took == 0 || q.truncated() {
		return false
	}
	o := q.outcome()
	return o != flow.DNSNXDomain && o != flow.DNSNoData
}

// outcome returns what the query says about a name for which no address was found.
func (q *query) outcome() flow.DNSOutcome {
	if !q.answered() {
		if q.took == 0 || timedOut(q.err) {
			return flow.DNSTimeout
		}
		return flow.DNSError
	}
	switch q.reply.Rcode {
	case dns.RcodeNameError:
		return flow.DNSNXDomain
	case dns.RcodeServerFailure:
		return flow.DNSServFail
	case dns.RcodeRefused:
		return flow.DNSRefused
	case dns.RcodeSuccess:
		if !q.torn && !q.lame() && !q.reply.Truncated {
			return flow.DNSNoData
		}
	}
	return flow.DNSError
}

// lame reports whether the answer is a referral, from a server that isn't authoritative and
// doesn't recurse. The resolver then asks the next one.
func (q *query) lame() bool {
	m := q.reply
	return m.Rcode == dns.RcodeSuccess && len(m.Answer) == 0 && len(m.Extra) == 0 && !m.Authoritative && !m.RecursionAvailable
}

func timedOut(err error) bool {
	var te interface{ Timeout() bool }
	return errors.As(err, &te) && te.Timeout()
}

// name returns the name in the question, without the final dot; "" if it wasn't sent.
func (q *query) name() string {
	if q.asked == nil {
		return ""
	}
	return strings.TrimSuffix(q.asked.Question[0].Name, ".")
}

// public returns the query for the flow.
func (q *query) public() flow.DNSQuery {
	p := flow.DNSQuery{Server: q.server, Proto: q.proto, Name: q.name(), Took: q.took}
	if p.Took == 0 { // no longer awaited
		p.Took = max(1, time.Since(q.start))
	}
	p.NoEDNS = q.plain
	p.Type = dns.Type(q.asked.Question[0].Qtype).String()
	if q.reply != nil {
		p.RCode, p.Truncated, p.Answers = rcode(q.reply), q.reply.Truncated, len(q.reply.Answer)
		p.EDE = strings.TrimPrefix(extended(q.reply), ": ")
	}
	return p
}

// rcode returns the name of a reply's code; it is never empty.
func rcode(m *dns.Msg) string {
	if s := dns.RcodeToString[m.Rcode]; s != "" {
		return s
	}
	return fmt.Sprintf("RCODE%d", m.Rcode)
}

// maxAliases is how many aliases are followed. Names have a few; more is a mistake, or a
// loop.
const maxAliases = 16

// aliases follows the aliases in a reply, starting with the question, in whatever order
// they are. It returns each at most once, and at most maxAliases, so a loop ends.
func aliases(m *dns.Msg) (chain []*dns.CNAME) {
	if len(m.Question) != 1 {
		return nil
	}
	name := m.Question[0].Name
	for range min(maxAliases, len(m.Answer)) {
		at := slices.IndexFunc(m.Answer, func(rr dns.RR) bool {
			_, ok := rr.(*dns.CNAME)
			return ok && strings.EqualFold(rr.Header().Name, name)
		})
		if at < 0 {
			break
		}
		c := m.Answer[at].(*dns.CNAME)
		chain = append(chain, c)
		name = c.Target
	}
	return chain
}

// cnames returns the names that the aliases in the reply lead to.
func (q *query) cnames() (names []string) {
	if q.reply == nil {
		return nil
	}
	for _, c := range aliases(q.reply) {
		names = append(names, normal(c.Target))
	}
	return names
}

// recordsOf returns the records of a reply that lead to addresses of the name in the
// question: its aliases, and the addresses of the last one. Records of other names prove
// nothing (RFC 2181, 5.4.1).
func recordsOf(m *dns.Msg) (out []dns.RR) {
	if len(m.Question) != 1 {
		return nil
	}
	owner := m.Question[0].Name
	for _, c := range aliases(m) {
		out = append(out, c)
		owner = c.Target
	}
	for _, rr := range m.Answer {
		switch rr.(type) {
		case *dns.A, *dns.AAAA:
			if strings.EqualFold(rr.Header().Name, owner) {
				out = append(out, rr)
			}
		}
	}
	return out
}

// addresses returns the addresses of the name in a reply's question.
func addresses(m *dns.Msg) []netip.Addr { return addressesOf(recordsOf(m)) }

// addressesOf returns the addresses in records.
func addressesOf(rrs []dns.RR) (out []netip.Addr) {
	for _, rr := range rrs {
		switch rr := rr.(type) {
		case *dns.A:
			if a, ok := netip.AddrFromSlice(rr.A); ok {
				out = append(out, a.Unmap())
			}
		case *dns.AAAA:
			if a, ok := netip.AddrFromSlice(rr.AAAA); ok {
				out = append(out, a.Unmap())
			}
		}
	}
	return out
}

// ttl returns a record's TTL. One with the top bit set is 0 (RFC 2181, 8).
func ttl(rr dns.RR) uint32 {
	if t := rr.Header().Ttl; t < 1<<31 {
		return t
	}
	return 0
}
