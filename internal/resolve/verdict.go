package resolve

import (
	"errors"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"detour/internal/flow"
)

// telling are the outcomes of a question, the most telling first: that the name
// doesn't exist holds for both families; that there is no address needs both to
// say so, for the one that failed may have had some.
func telling(o flow.DNSOutcome) int {
	return slices.Index([]flow.DNSOutcome{
		flow.DNSNXDomain, flow.DNSServFail, flow.DNSRefused, flow.DNSTimeout, flow.DNSError, flow.DNSNoData,
	}, o)
}

// verdict is what a lookup of name without result came to, and the query that
// says so, if there is one. It goes by what was said of the name itself and not
// of what the search list made of it, and for each type by the last answer.
func (t *trace) verdict(name string) (flow.DNSOutcome, *query) {
	last := make(map[uint16]*query)
	for _, q := range t.queries {
		if q.asked == nil || !strings.EqualFold(q.name(), name) {
			continue
		}
		kind := q.asked.Question[0].Qtype
		if have := last[kind]; have == nil || q.answered() || !have.answered() {
			last[kind] = q
		}
	}
	if len(last) == 0 {
		if n := len(t.queries); n > 0 {
			return flow.DNSError, t.queries[n-1]
		}
		return flow.DNSError, nil
	}
	var worst *query
	for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		if q := last[kind]; q != nil && (worst == nil || telling(q.outcome()) < telling(worst.outcome())) {
			worst = q
		}
	}
	if worst == nil {
		return flow.DNSError, nil
	}
	return worst.outcome(), worst
}

// explain writes into res why there is no address. Its words are ours: those of
// the resolver name the server in resolv.conf, whoever was asked.
func (t *trace) explain(res *flow.Resolution, err error) {
	o, q := t.verdict(res.Name)
	res.Outcome = o
	if q != nil && q.answered() {
		res.Nameserver, res.CNAMEs, res.Zone, res.Validated = q.server, q.cnames(), zone(q.reply), q.reply.AuthenticatedData
	}
	switch {
	case q == nil:
		res.Err = plain(err)
	case o == flow.DNSTimeout:
		res.Err = "no answer from " + strings.Join(t.silent(res.Name), ", ")
	case q.reply == nil && len(t.nameservers) == 0 && unconfigured():
		res.Err = "no nameserver is configured, and none answers at " + q.server.String()
	default:
		res.Err = q.words()
	}
}

// unconfigured reports whether the system names no nameserver, and its resolver asks
// one on this machine for want of another (resolv.conf(5)).
func unconfigured() bool {
	asked, _ := Servers()
	return len(asked) == 0
}

// words are the query's account of a failure.
func (q *query) words() string {
	switch {
	case q.truncated():
		return "the answer came truncated, and couldn't be had over TCP"
	case q.reply == nil:
		return q.server.String() + ": " + cause(q.err)
	case q.torn:
		return "malformed answer"
	}
	s := "the nameserver answers " + rcode(q.reply)
	switch q.outcome() {
	case flow.DNSNXDomain:
		s = "no such name" + inZone(q.reply)
	case flow.DNSNoData:
		s = "no A or AAAA record" + inZone(q.reply)
	case flow.DNSServFail:
		s = "the nameserver couldn't find out"
	case flow.DNSRefused:
		s = "the nameserver won't answer"
	case flow.DNSError:
		if q.lame() {
			s = "the nameserver neither knows the name nor asks others"
		}
	case flow.DNSPending, flow.DNSOK, flow.DNSTimeout:
	}
	return s + extended(q.reply)
}

// cause is the system's word on a connection that failed, without the ports.
func cause(err error) string {
	var oe *net.OpError
	var se *os.SyscallError
	switch {
	case errors.As(err, &se):
		return se.Err.Error()
	case errors.As(err, &oe):
		return oe.Err.Error()
	}
	return err.Error()
}

// zone is the zone that a negative answer comes from (RFC 2308, 3): it may be a
// private one that hides the public one.
func zone(m *dns.Msg) string {
	for _, rr := range m.Ns {
		if soa, ok := rr.(*dns.SOA); ok {
			return normal(soa.Hdr.Name)
		}
	}
	return ""
}

func inZone(m *dns.Msg) string {
	if z := zone(m); z != "" {
		return " in zone " + z
	}
	return ""
}

// maxExplanation bounds what a server may say of its answer.
const maxExplanation = 200

// extended is the server's own explanation, if it gives one (RFC 8914).
func extended(m *dns.Msg) string {
	opt := m.IsEdns0()
	if opt == nil {
		return ""
	}
	for _, o := range opt.Option {
		if e, ok := o.(*dns.EDNS0_EDE); ok {
			what := dns.ExtendedErrorCodeToString[e.InfoCode]
			s := strings.TrimRight(": "+what+" "+e.ExtraText, " ")
			return strings.ToValidUTF8(s[:min(len(s), maxExplanation)], "")
		}
	}
	return ""
}

// silent are the nameservers that left a question for name unanswered.
func (t *trace) silent(name string) []string {
	var out []string
	for _, q := range t.queries {
		if q.reply != nil || !strings.EqualFold(q.name(), name) {
			continue
		}
		s := q.server.String()
		if q.proto == "tcp" {
			s += " over TCP"
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// plain is an error of the resolver's without the name and the server.
func plain(err error) string {
	var de *net.DNSError
	if errors.As(err, &de) {
		return de.Err
	}
	return err.Error()
}
