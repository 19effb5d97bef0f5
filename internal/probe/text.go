package probe

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// Text is a result for a terminal, as a block of lines. Nothing in it can move the
// cursor.
func Text(r Result) string {
	var b strings.Builder
	f := &r.Flow
	fmt.Fprintf(&b, "%s\n", flow.Printable(strings.TrimSuffix(strings.TrimPrefix(f.Request.URL, "https://"), "/")))
	line := func(label, format string, args ...any) {
		fmt.Fprintf(&b, "  %-5s %s\n", label, flow.Printable(fmt.Sprintf(format, args...)))
	}
	if a := f.AWS; a != nil {
		line("AWS", "%s", strings.Join(filled(a.ServiceName, a.Region, a.EndpointService), ", "))
	}
	dnsLines(line, f)
	for _, t := range r.Tries {
		tryLines(line, t)
	}
	if f.Conn != nil {
		for _, a := range f.Conn.Elsewhere {
			line("TCP", "public path: %s", attempt(a))
		}
	}
	return b.String()
}

func dnsLines(line func(label, format string, args ...any), f *flow.Flow) {
	if f.Conn == nil {
		line("DNS", "%s", f.Failure.Message)
		return
	}
	if p := f.Conn.UpstreamProxy; p != "" {
		line("DNS", "resolved by the upstream proxy %s", p)
	}
	r := f.Conn.Resolution
	if r == nil || r.Source == flow.SourceProxied {
		return
	}
	from := string(r.Source)
	if r.Nameserver.IsValid() {
		from = r.Nameserver.String()
	}
	answer := string(r.Outcome)
	if r.Err != "" {
		answer += ": " + r.Err
	}
	if r.Outcome == flow.DNSOK {
		answer = scoped(r.Addrs)
		if r.TTL > 0 {
			answer += fmt.Sprintf(" (TTL %d s)", int(r.TTL.Seconds()))
		}
	}
	line("DNS", "%s from %s in %s", answer, from, wording.Duration(r.Took))
	for _, c := range r.CNAMEs {
		line("", "→ %s", c)
	}
	rangeLines(line, r)
	for _, ref := range r.Each {
		if v := r.Compare(ref); v != flow.VerdictEqual && v != flow.VerdictOverlap {
			line("", "but %s", reference(ref, v))
		}
		for _, h := range ref.HTTPS {
			line("", "%s also returns an HTTPS record: %s", ref.Nameserver, h)
		}
	}
	if ref := r.Reference; ref != nil {
		line("", "%s", reference(ref, r.Verdict()))
	}
}

// rangeLines are AWS's published ranges for public addresses, each once.
func rangeLines(line func(label, format string, args ...any), r *flow.Resolution) {
	if r.OutsideAWS() {
		line("", "not in AWS's published ranges: a VPC can use addresses that look public")
		return
	}
	var ranges []string
	for _, s := range r.Ranges {
		if s != "" && !slices.Contains(ranges, s) {
			ranges = append(ranges, s)
		}
	}
	if len(ranges) > 0 {
		line("", "AWS range: %s", strings.Join(ranges, ", "))
	}
}

// reference is another resolver's answer.
func reference(ref *flow.Reference, v flow.Verdict) string {
	answer := scoped(ref.Addrs)
	if ref.Outcome != flow.DNSOK {
		answer = string(ref.Outcome) + ": " + ref.Err
	}
	return fmt.Sprintf("%s returns %s in %s: %s", ref.Nameserver, answer, wording.Duration(ref.Took), v)
}

// scoped lists addresses by scope.
func scoped(addrs []netip.Addr) string {
	var order []flow.Scope
	by := make(map[flow.Scope][]string)
	for _, a := range addrs {
		s := flow.ScopeOf(a)
		if by[s] == nil {
			order = append(order, s)
		}
		by[s] = append(by[s], a.String())
	}
	var out []string
	for _, s := range order {
		out = append(out, string(s)+" "+strings.Join(by[s], " "))
	}
	return strings.Join(out, ", ")
}

func tryLines(line func(label, format string, args ...any), t Try) {
	if t.Conn == nil {
		line("TCP", "%s", t.Err)
		return
	}
	for _, a := range t.Conn.Attempts {
		line("TCP", "%s", attempt(a))
	}
	if v := t.Conn.Via; v != nil && v.Err != "" {
		line("proxy", "%s", v.Err)
	}
	if i := t.Conn.TLS; i != nil {
		parts := []string{strings.TrimSpace(i.Version+" "+i.ALPN) + " in " + wording.Duration(i.Took)}
		if i.Outcome != flow.TLSOK {
			parts = []string{strings.ToUpper(string(i.Outcome)) + " after " + wording.Duration(i.Took) + ": " + i.Err}
		}
		if len(i.Chain) > 0 {
			parts = append(parts, "for "+wording.Some(i.Chain[0].Names, 3), "issued by "+i.Chain[0].Issuer)
		}
		if i.Issued == flow.IssuerPrivate {
			parts = append(parts, "which isn't a public CA")
		}
		line("TLS", "%s", strings.Join(parts, ", "))
		if i.SmallHello != "" {
			line("", "with a ClientHello that fits into one packet: %s", i.SmallHello)
		}
	}
	switch {
	case t.Answer != nil:
		line("HTTP", "%s", strings.Join(filled(
			fmt.Sprintf("%d in %s", t.Answer.Status, wording.Duration(t.Answer.Took)), prefixed("Server: ", t.Answer.Server),
			prefixed("request ID ", t.Answer.RequestID)), ", "))
	case t.Stage == flow.StageWait:
		line("HTTP", "no response: %s", t.Err)
	}
}

// attempt is the outcome of one connect.
func attempt(a flow.DialAttempt) string {
	s := fmt.Sprintf("%s %s ", a.Addr, flow.ScopeOf(a.Addr.Addr()))
	switch a.Outcome {
	case flow.DialConnected:
		s += "ok in " + wording.Duration(a.Took)
	case flow.DialTimeout:
		s += "TIMEOUT after " + wording.Duration(a.Took)
		if n := a.SYNs(); n > 0 {
			s += ", " + wording.Count(n, "SYN")
		}
	case flow.DialRefused, flow.DialUnreachable, flow.DialReset, flow.DialLost, flow.DialCanceled, flow.DialError, flow.DialPending:
		s += strings.ToUpper(string(a.Outcome)) + " after " + wording.Duration(a.Took)
	}
	if a.Local.IsValid() {
		s += ", from " + a.Local.Addr().String()
		if a.Interface != "" {
			s += " on " + a.Interface
			if a.Kind != "" {
				s += " (" + string(a.Kind) + ")"
			}
		}
	}
	if a.Err != "" && a.Outcome != flow.DialTimeout {
		s += ": " + a.Err
	}
	return s
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// filled are the words that aren't empty.
func filled(words ...string) []string {
	return slices.DeleteFunc(words, func(s string) bool { return s == "" })
}
