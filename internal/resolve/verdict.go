package resolve

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/miekg/dns"

	"detour/internal/flow"
	"detour/internal/shortage"
)

// rank returns the rank of a question's outcome, the most significant first: that the name
// doesn't exist is valid for both families; that there is no address has to be the answer
// for both, because the one that failed may have had some.
func rank(o flow.DNSOutcome) int {
	return slices.Index([]flow.DNSOutcome{
		flow.DNSNXDomain, flow.DNSServFail, flow.DNSRefused, flow.DNSTimeout, flow.DNSError, flow.DNSNoData,
	}, o)
}

// verdict returns the outcome of a lookup without an address, and the query that it is
// based on, if any. It considers the name itself, not names with a search suffix, and the
// last answer for each type.
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
		if q := last[kind]; q != nil && (worst == nil || rank(q.outcome()) < rank(worst.outcome())) {
			worst = q
		}
	}
	if worst == nil {
		return flow.DNSError, nil
	}
	return worst.outcome(), worst
}

// explain records in res why there is no address. It doesn't use the resolver's text, which
// always names the server in resolv.conf.
func (t *trace) explain(res *flow.Resolution, err error) {
	o, q := t.verdict(res.Name)
	res.Outcome = o
	if q != nil && q.answered() {
		res.Nameserver, res.CNAMEs, res.Zone, res.Validated = q.server, q.cnames(), zone(q.reply), q.reply.AuthenticatedData
	}
	if q == nil || q.reply == nil {
		cause := err
		if q != nil && q.err != nil {
			cause = q.err
		}
		if res.Shortage = shortage.Connecting(cause, q == nil || q.server.Addr().Is4()); res.Shortage != "" {
			res.Outcome, res.Err = flow.DNSError, plain(cause)+" ("+res.Shortage.Sentence()+")"
			return
		}
	}
	switch {
	case q == nil:
		res.Err = plain(err)
	case o == flow.DNSTimeout:
		res.Err = "no response from " + strings.Join(t.silent(res.Name), ", ")
	case q.reply == nil && len(t.nameservers) == 0 && unconfigured() != "":
		res.Err = unconfigured() + ", and none responds at " + q.server.String()
	default:
		res.Err = q.words()
	}
}

// unconfigured says why the system's resolver asks a nameserver on this machine
// (resolv.conf(5)): none is configured, or the configuration can't be read. It is "" if one
// is configured.
func unconfigured() string {
	asked, _, err := Servers()
	switch {
	case err != nil:
		return "can't read the system's nameservers (" + err.Error() + ")"
	case len(asked) == 0:
		return "no nameserver is configured"
	}
	return ""
}

// words returns a sentence about a query that failed.
func (q *query) words() string {
	switch {
	case q.truncated():
		return "the answer was truncated, and the query over TCP failed"
	case q.reply == nil:
		return q.server.String() + ": " + cause(q.err)
	case q.torn:
		return "malformed answer"
	}
	s := "the nameserver answered " + rcode(q.reply)
	switch q.outcome() {
	case flow.DNSNXDomain:
		s = "no such name" + inZone(q.reply)
		if last := q.cnames(); len(last) > 0 { // RFC 6604, 3: the code is about the last name
			s = "it is an alias of " + last[len(last)-1] + ", which doesn't exist" + inZone(q.reply)
		}
	case flow.DNSNoData:
		s = q.noAddress()
	case flow.DNSServFail:
		s = "the nameserver failed to resolve the name"
	case flow.DNSRefused:
		s = "the nameserver refused to answer"
	case flow.DNSError:
		switch {
		case q.lame():
			s = "the nameserver isn't authoritative and doesn't recurse"
		case q.reply.Truncated:
			s = "the answer was truncated, over TCP as well"
		}
	case flow.DNSPending, flow.DNSOK, flow.DNSTimeout:
	}
	return s + extended(q.reply)
}

// noAddress says why an answer has no address of the name.
func (q *query) noAddress() string {
	names := q.cnames()
	if len(names) == 0 {
		if len(addressesOf(q.reply.Answer)) > 0 {
			return errOtherNames.Error()
		}
		return "no A or AAAA record" + inZone(q.reply)
	}
	last := names[len(names)-1]
	switch before := append([]string{normal(q.name())}, names[:len(names)-1]...); {
	case slices.Contains(before, last):
		return "its aliases form a loop"
	case len(names) == maxAliases:
		return fmt.Sprintf("it leads to %d aliases or more, and no address", maxAliases)
	}
	return "it is an alias of " + last + ", which has no A or AAAA record" + inZone(q.reply)
}

// cause returns the system's error for a connection that failed, without the ports.
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

// zone returns the zone of a negative answer (RFC 2308, 3), which may be a private one that
// hides the public one.
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

// maxExplanation limits the server's explanation.
const maxExplanation = 200

// extended returns the server's explanation, if there is one (RFC 8914).
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

// silent returns the nameservers that didn't answer a question for name.
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

// plain returns the resolver's error, or the system's, without the name and the server.
func plain(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	var de *net.DNSError
	if errors.As(err, &de) {
		return de.Err
	}
	return err.Error()
}
