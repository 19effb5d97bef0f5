package detail

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
)

// dnsLines are the result of the lookup.
func dnsLines(p *pane.Page, f *flow.Flow, now time.Time) {
	if f.Conn == nil {
		return
	}
	r := f.Conn.Resolution
	if r == nil {
		if f.Conn.UpstreamProxy != "" {
			p.Head("DNS")
			p.Add("", "the upstream proxy "+f.Conn.UpstreamProxy+" resolves the name", pane.Plain)
		}
		return
	}
	p.Head("DNS")
	if r.Source == flow.SourceLiteral {
		p.Add("", "the host is an address: there was no DNS query", pane.Plain)
		for _, a := range r.Addrs {
			p.Add("address", strings.TrimRight(fmt.Sprintf("%-16s %s", a, flow.ScopeOf(a)), " "), pane.Plain)
		}
		return
	}
	p.AddHost("name", r.Name)
	if r.Outcome == flow.DNSPending {
		p.Add("outcome", "no response for "+wording.Running(now.Sub(r.Start)), pane.Warn)
	} else {
		t := pane.Plain
		if r.Outcome != flow.DNSOK {
			t = pane.Bad
		}
		p.Add("outcome", outcomeSentence(r.Outcome)+", in "+wording.Duration(r.Took), t)
		p.Add("message", r.Err, t)
	}
	p.Add("source", sourceSentence(r), pane.Plain)
	p.Add("chain", strings.Join(r.CNAMEs, " → "), pane.Plain)
	for i, a := range r.Addrs {
		p.Add("address", strings.TrimRight(fmt.Sprintf("%-16s %s  %s", a, flow.ScopeOf(a), rangeText(r, i)), " "), pane.Plain)
	}
	if r.TTL > 0 {
		p.Add("TTL", fmt.Sprintf("%d s", int(r.TTL.Seconds())), pane.Plain)
	}
	if r.Age > 0 {
		p.Add("age", wording.Duration(r.Age)+": a cached answer, within its TTL", pane.Plain)
	}
	p.Add("line", r.Hosts, pane.Plain)
	p.Add("zone", r.Zone, pane.Plain)
	if r.Validated {
		p.Add("DNSSEC", "validated, according to the nameserver", pane.Dim)
	}
	if b := r.Before; b != nil {
		p.Add("before", answerText(b.Outcome, b.Addrs)+", until "+b.Last.In(now.Location()).Format(time.DateTime), pane.Warn)
	}
	referenceLine(p, "reference", r.Reference, string(r.Verdict()))
	referenceLine(p, "on the wire", r.Wire, string(r.Explained()))
	for _, ref := range r.Each {
		referenceLine(p, "separately", ref, string(r.Compare(ref)))
	}
}

// queryLines list the queries of the lookup, a line each.
func queryLines(p *pane.Page, f *flow.Flow) {
	if f.Conn == nil || f.Conn.Resolution == nil {
		return
	}
	for _, q := range f.Conn.Resolution.Queries {
		p.Add("query", fmt.Sprintf("%s %s @%s %s", q.Name, q.Type, q.Server, queryText(q)), pane.Dim)
	}
}

// referenceLine is the answer of another resolver.
func referenceLine(p *pane.Page, label string, ref *flow.Reference, verdict string) {
	if ref == nil {
		return
	}
	text := fmt.Sprintf("%s returns %s, in %s", ref.Nameserver, answerText(ref.Outcome, ref.Addrs), wording.Duration(ref.Took))
	if verdict != "" {
		text += ": " + verdict
	}
	p.Add(label, text, pane.Plain)
	p.Add("", ref.Err, pane.Dim)
}

// rangeText is the published AWS range of an address; "" if it isn't known, or the address
// can't be in one.
func rangeText(r *flow.Resolution, i int) string {
	switch {
	case i >= len(r.Ranges) || flow.ScopeOf(r.Addrs[i]) != flow.ScopePublic:
		return ""
	case r.Ranges[i] == "":
		return "in none of AWS's ranges"
	}
	return "AWS " + r.Ranges[i]
}

// answerText is an answer on one line.
func answerText(o flow.DNSOutcome, addrs []netip.Addr) string {
	s := string(o)
	for _, a := range addrs {
		s += fmt.Sprintf(" %s (%s)", a, flow.ScopeOf(a))
	}
	return s
}

// queryText is the result of a query: "udp: NOERROR, 2 records, 1.7 ms".
func queryText(q flow.DNSQuery) string {
	s := q.Proto + ": no response"
	if q.RCode != "" {
		s = fmt.Sprintf("%s: %s, %s", q.Proto, q.RCode, wording.Count(q.Answers, "record"))
	}
	if q.EDE != "" {
		s += " (" + q.EDE + ")"
	}
	if q.Truncated {
		s += ", truncated"
	}
	return s + ", " + wording.Duration(q.Took)
}

// digLines list the queries of a lookup by nameserver, and the answer in the format of dig.
func digLines(p *pane.Page, r *flow.Resolution) {
	if r == nil || r.Source == flow.SourceLiteral {
		return
	}
	var servers []netip.AddrPort
	for _, q := range r.Queries {
		if !slices.Contains(servers, q.Server) {
			servers = append(servers, q.Server)
		}
	}
	for _, s := range servers {
		p.Head("Queries @" + s.String())
		for _, q := range r.Queries {
			if q.Server == s {
				t := pane.Plain
				if q.RCode != "NOERROR" {
					t = pane.Bad
				}
				p.Add(q.Type, q.Name+" "+queryText(q), t)
			}
		}
	}
	if r.Source != flow.SourceHosts && r.Source != flow.SourceMap { // these aren't DNS answers
		answerLines(p, "Answer", r.Name, r.CNAMEs, r.Addrs, r.HTTPS, int(r.TTL.Seconds()))
	}
	reference := func(head string, ref *flow.Reference) {
		if ref != nil {
			answerLines(p, head+" @"+ref.Nameserver, r.Name, nil, ref.Addrs, ref.HTTPS, 0)
		}
	}
	reference("Reference", r.Reference)
	reference("On the wire", r.Wire)
	for _, ref := range r.Each {
		reference("Separately", ref)
	}
}

// answerLines are records in the format of a zone file, with the kind of each address. ttl
// is the smallest TTL; with 0, the field is omitted.
func answerLines(p *pane.Page, head, name string, cnames []string, addrs []netip.Addr, https []string, ttl int) {
	if len(cnames)+len(addrs)+len(https) == 0 {
		return
	}
	p.Head(head)
	in := " IN "
	if ttl > 0 {
		in = fmt.Sprintf(" %d IN ", ttl)
	}
	owner := name
	for _, c := range cnames {
		p.AddBody(owner + "." + in + "CNAME " + c + ".")
		owner = c
	}
	for _, a := range addrs {
		kind := "A "
		if a.Is6() && !a.Is4In6() {
			kind = "AAAA "
		}
		p.AddBody(owner + "." + in + kind + a.String() + " ; " + string(flow.ScopeOf(a)))
	}
	for _, h := range https {
		p.AddBody(name + "." + in + "HTTPS " + h)
	}
}

// outcomeSentence explains the outcome of a lookup.
func outcomeSentence(o flow.DNSOutcome) string {
	switch o {
	case flow.DNSPending, flow.DNSOK, flow.DNSError:
		return string(o)
	case flow.DNSNXDomain:
		return "nxdomain: the name does not exist"
	case flow.DNSNoData:
		return "nodata: the name exists, but has no address"
	case flow.DNSServFail:
		return "servfail: the nameserver couldn't resolve the name"
	case flow.DNSRefused:
		return "refused: the nameserver refuses queries from this machine"
	case flow.DNSTimeout:
		return "timeout: no nameserver responded"
	}
	return string(o)
}

// sourceSentence explains where the addresses come from.
func sourceSentence(r *flow.Resolution) string {
	switch r.Source {
	case flow.SourceDNS:
		if r.Nameserver.IsValid() {
			return "nameserver " + r.Nameserver.String()
		}
		return "DNS"
	case flow.SourceHosts:
		return "this machine's hosts file"
	case flow.SourceSystem:
		return "the system's resolver, which doesn't report its nameserver"
	case flow.SourceMap:
		return "--map on the command line, not DNS"
	case flow.SourceLiteral:
		return "the host is an address"
	case flow.SourceProxied:
		return "the upstream proxy resolved the name"
	}
	return string(r.Source)
}
