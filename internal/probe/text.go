package probe

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
)

// Text is a result for a terminal, a block of lines. Nothing in it can move the cursor.
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
			line("else", "by the public road: %s", attempt(a))
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
		line("DNS", "left to the upstream proxy %s", p)
	}
	r := f.Conn.Resolution
	if r == nil || r.Source == flow.SourceProxied {
		return
	}
	from := string(r.Source)
	if r.Nameserver.IsValid() {
		from = r.Nameserver.String()
	}
	said := string(r.Outcome)
	if r.Err != "" {
		said += ": " + r.Err
	}
	if r.Outcome == flow.DNSOK {
		said = scoped(r.Addrs)
		if r.TTL > 0 {
			said += fmt.Sprintf(" (TTL %d s)", int(r.TTL.Seconds()))
		}
	}
	line("DNS", "%s from %s in %s", said, from, ms(r.Took))
	for _, c := range r.CNAMEs {
		line("", "→ %s", c)
	}
	rangeLines(line, r)
	for _, ref := range r.Each {
		if v := r.Compare(ref); v != flow.VerdictEqual && v != flow.VerdictOverlap {
			line("", "but %s", reference(ref, v))
		}
		for _, h := range ref.HTTPS {
			line("", "%s also says HTTPS %s", ref.Nameserver, h)
		}
	}
	if ref := r.Reference; ref != nil {
		line("", "%s", reference(ref, r.Verdict()))
	}
}

// rangeLines say what AWS publishes of public addresses, each thing once.
func rangeLines(line func(label, format string, args ...any), r *flow.Resolution) {
	if r.OutsideAWS() {
		line("", "in none of the ranges that AWS publishes: an address of a VPC may look public, too")
		return
	}
	var said []string
	for _, s := range r.Ranges {
		if s != "" && !slices.Contains(said, s) {
			said = append(said, s)
		}
	}
	if len(said) > 0 {
		line("", "AWS publishes: %s", strings.Join(said, ", "))
	}
}

// reference is another resolver's word.
func reference(ref *flow.Reference, v flow.Verdict) string {
	said := scoped(ref.Addrs)
	if ref.Outcome != flow.DNSOK {
		said = string(ref.Outcome) + ": " + ref.Err
	}
	return fmt.Sprintf("%s says %s in %s: %s", ref.Nameserver, said, ms(ref.Took), v)
}

// scoped lists addresses by their reach.
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
		said := []string{strings.TrimSpace(i.Version+" "+i.ALPN) + " in " + ms(i.Took)}
		if i.Outcome != flow.TLSOK {
			said = []string{strings.ToUpper(string(i.Outcome)) + " after " + ms(i.Took) + ": " + i.Err}
		}
		if len(i.Chain) > 0 {
			said = append(said, "for "+names(i.Chain[0].Names), "issued by "+i.Chain[0].Issuer)
		}
		if i.Issued == flow.IssuerPrivate {
			said = append(said, "which is no public CA")
		}
		line("TLS", "%s", strings.Join(said, ", "))
		if i.SmallHello != "" {
			line("", "with a hello that fits into one packet: %s", i.SmallHello)
		}
	}
	switch {
	case t.Answer != nil:
		line("HTTP", "%s", strings.Join(filled(
			fmt.Sprintf("%d in %s", t.Answer.Status, ms(t.Answer.Took)), prefixed("Server: ", t.Answer.Server), prefixed("request ID ", t.Answer.RequestID)), ", "))
	case t.Stage == flow.StageWait:
		line("HTTP", "no answer: %s", t.Err)
	}
}

// attempt says what became of one connect.
func attempt(a flow.DialAttempt) string {
	s := fmt.Sprintf("%s %s ", a.Addr, flow.ScopeOf(a.Addr.Addr()))
	switch a.Outcome {
	case flow.DialConnected:
		s += "ok in " + ms(a.Took)
	case flow.DialTimeout:
		s += "TIMEOUT after " + ms(a.Took)
		if a.Kernel != nil {
			s += fmt.Sprintf(", %d SYNs", a.Kernel.SYNRetransmits+1)
		}
	case flow.DialRefused, flow.DialUnreachable, flow.DialReset, flow.DialLost, flow.DialCanceled, flow.DialError, flow.DialPending:
		s += strings.ToUpper(string(a.Outcome)) + " after " + ms(a.Took)
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

// names are the first few of a certificate's.
func names(all []string) string {
	const few = 3
	if len(all) <= few {
		return strings.Join(all, " ")
	}
	return strings.Join(all[:few], " ") + fmt.Sprintf(" and %d more", len(all)-few)
}

func ms(d time.Duration) string {
	if d >= time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f ms", flow.MS(d))
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
