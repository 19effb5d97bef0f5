package ui

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"detour/internal/flow"
)

// dnsLines are the lookup as dig would tell it.
func dnsLines(p *page, f *flow.Flow, now time.Time) {
	if f.Conn == nil {
		return
	}
	r := f.Conn.Resolution
	if r == nil {
		if f.Conn.UpstreamProxy != "" {
			p.head("DNS")
			p.add("", "the upstream proxy "+f.Conn.UpstreamProxy+" resolves the name", tonePlain)
		}
		return
	}
	p.head("DNS")
	p.add("name", r.Name, tonePlain)
	if r.Outcome == flow.DNSPending {
		p.add("outcome", "asked, no answer for "+clock(now.Sub(r.Start)), toneWarn)
	} else {
		t := tonePlain
		if r.Outcome != flow.DNSOK {
			t = toneBad
		}
		p.add("outcome", outcomeSentence(r.Outcome)+", in "+exact(r.Took), t)
		p.add("message", r.Err, t)
	}
	p.add("source", sourceSentence(r), tonePlain)
	p.add("chain", strings.Join(r.CNAMEs, " → "), tonePlain)
	for _, a := range r.Addrs {
		p.add("address", fmt.Sprintf("%-16s %s", a, flow.ScopeOf(a)), tonePlain)
	}
	if r.TTL > 0 {
		p.add("TTL", fmt.Sprintf("%d s", int(r.TTL.Seconds())), tonePlain)
	}
	p.add("line", r.Hosts, tonePlain)
	p.add("zone", r.Zone, tonePlain)
	if r.Validated {
		p.add("DNSSEC", "the nameserver says that it has validated the answer", toneDim)
	}
	if b := r.Before; b != nil {
		p.add("before", answerText(b.Outcome, b.Addrs)+", until "+b.Last.Local().Format(time.TimeOnly), toneWarn)
	}
	if ref := r.Reference; ref != nil {
		p.add("reference", fmt.Sprintf("%s says %s, in %s: %s", ref.Nameserver, answerText(ref.Outcome, ref.Addrs), exact(ref.Took), r.Verdict()), tonePlain)
		p.add("", ref.Err, toneDim)
	}
	for _, q := range r.Queries {
		p.add("query", queryText(q), toneDim)
	}
}

// answerText is an answer on one line.
func answerText(o flow.DNSOutcome, addrs []netip.Addr) string {
	s := string(o)
	for _, a := range addrs {
		s += fmt.Sprintf(" %s (%s)", a, flow.ScopeOf(a))
	}
	return s
}

// outcomeSentence says what a lookup came to.
func outcomeSentence(o flow.DNSOutcome) string {
	switch o {
	case flow.DNSPending, flow.DNSOK, flow.DNSError:
		return string(o)
	case flow.DNSNXDomain:
		return "nxdomain: the name does not exist"
	case flow.DNSNoData:
		return "nodata: the name exists, but has no address"
	case flow.DNSServFail:
		return "servfail: the nameserver could not find out"
	case flow.DNSRefused:
		return "refused: the nameserver won't answer this machine"
	case flow.DNSTimeout:
		return "timeout: no nameserver answered"
	}
	return string(o)
}

// sourceSentence says what the addresses rest on.
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
		return "the system's resolver, which doesn't say whom it asked"
	case flow.SourceMap:
		return "--map on the command line, not DNS"
	case flow.SourceLiteral:
		return "the host is an address"
	case flow.SourceProxied:
		return "the upstream proxy resolved the name"
	}
	return string(r.Source)
}

func queryText(q flow.DNSQuery) string {
	answer := q.RCode
	if answer == "" {
		answer = "no answer"
	}
	s := fmt.Sprintf("%s %s @%s %s: %s", q.Name, q.Type, q.Server, q.Proto, answer)
	if q.RCode != "" {
		s += fmt.Sprintf(", %s", count(q.Answers, "record"))
	}
	if q.Truncated {
		s += ", truncated"
	}
	return s + ", " + exact(q.Took)
}

// connLines list every attempt to connect, the lost ones included.
func connLines(p *page, f *flow.Flow, now time.Time) {
	c := f.Conn
	if c == nil {
		return
	}
	p.head("Connection")
	carried := fmt.Sprintf("#%d to %s", c.ID, c.Authority)
	if f.Reused {
		carried += ", open already: its DNS, TCP and TLS were another flow's"
	}
	p.add("connection", carried, tonePlain)
	if c.UpstreamProxy != "" {
		p.add("by way of", "upstream proxy "+c.UpstreamProxy, tonePlain)
	}
	viaLines(p, c.Via)
	attemptLines(p, c, now)
}

func attemptLines(p *page, c *flow.Conn, now time.Time) {
	for i, a := range c.Attempts {
		text, t := attemptText(a, now)
		p.add(fmt.Sprintf("attempt %d", i+1), text, t)
		p.add("", attemptFacts(a), toneDim)
	}
}

// unusedLines are dials that another connection forestalled.
func unusedLines(p *page, f *flow.Flow, now time.Time) {
	for _, c := range f.Unused {
		p.head(fmt.Sprintf("Set off, not used: #%d to %s", c.ID, c.Authority))
		attemptLines(p, c, now)
	}
}

// viaLines are what the upstream proxy answered.
func viaLines(p *page, v *flow.Via) {
	if v == nil {
		return
	}
	if r := v.Resolution; r != nil && r.Outcome != flow.DNSPending {
		p.add("", "its name: "+outcomeSentence(r.Outcome)+", in "+exact(r.Took), toneDim)
	}
	if v.Err == "" {
		if v.Took > 0 {
			p.add("it answered", "connected, after "+exact(v.Took), toneGood)
		}
		return
	}
	p.add("it answered", v.Err, toneBad)
	for _, h := range v.Headers {
		p.add("", h.Name+": "+h.Value, toneDim)
	}
	p.add("its page", v.Body, toneDim)
}

func attemptText(a flow.DialAttempt, now time.Time) (string, tone) {
	where := fmt.Sprintf("%s (%s) ", a.Addr, flow.ScopeOf(a.Addr.Addr()))
	took := span(a.Elapsed(now))
	switch a.Outcome {
	case flow.DialPending:
		return where + "no answer for " + clock(a.Elapsed(now)) + ", still waiting", toneWarn
	case flow.DialConnected:
		return where + "ok in " + exact(a.Took), toneGood
	case flow.DialTimeout:
		return where + "TIMEOUT: no answer within " + took, toneBad
	case flow.DialRefused:
		return where + "RST: refused after " + exact(a.Took), toneBad
	case flow.DialUnreachable:
		return where + "UNREACH: no way there, known after " + exact(a.Took), toneBad
	case flow.DialReset:
		return where + "RESET: accepted, then reset, after " + took, toneBad
	case flow.DialLost:
		return where + "lost: another address was faster; given up after " + took, toneDim
	case flow.DialCanceled:
		return where + "canceled: the client left after " + took, toneDim
	case flow.DialError:
		return where + "ERROR after " + took, toneBad
	}
	return where + string(a.Outcome), tonePlain
}

func attemptFacts(a flow.DialAttempt) string {
	var facts []string
	if a.Local.IsValid() {
		facts = append(facts, "from "+a.Local.String())
	}
	if a.Interface != "" {
		on := "on " + a.Interface
		if a.Kind != "" {
			on += " (" + string(a.Kind) + ")"
		}
		facts = append(facts, on)
	}
	if a.Kernel != nil {
		facts = append(facts, count(a.Kernel.SYNRetransmits+1, "SYN")+" sent")
	}
	if a.Err != "" {
		facts = append(facts, a.Err)
	}
	return strings.Join(facts, ", ")
}

func tlsLines(p *page, f *flow.Flow, now time.Time) {
	if f.Conn == nil || f.Conn.TLS == nil {
		return
	}
	t := f.Conn.TLS
	p.head("TLS")
	switch t.Outcome {
	case flow.TLSPending:
		p.add("outcome", "hello sent, no handshake for "+clock(now.Sub(t.Start)), toneWarn)
	case flow.TLSOK:
		p.add("outcome", strings.TrimSpace(t.Version+" "+t.ALPN)+" in "+exact(t.Took), toneGood)
	case flow.TLSUntrusted, flow.TLSExpired, flow.TLSNameMismatch, flow.TLSAlert, flow.TLSTimeout, flow.TLSReset, flow.TLSError:
		p.add("outcome", tlsSentence(t.Outcome)+", after "+exact(t.Took), toneBad)
	}
	p.add("message", t.Err, toneBad)
	p.add("SNI", t.ServerName, tonePlain)
	switch t.ClientCert {
	case flow.ClientCertSent:
		p.add("client cert", "the server asked for one and got it", tonePlain)
	case flow.ClientCertMissing:
		p.add("client cert", "the server asked for one; there is none to show (--client-cert)", toneWarn)
	}
	for _, c := range t.Chain {
		p.add("certificate", c.Subject, tonePlain)
		p.add("", "issued by "+c.Issuer+", ends "+c.NotAfter.UTC().Format(time.DateOnly), toneDim)
		p.add("", names(c.Names), toneDim)
	}
}

func names(ns []string) string {
	if len(ns) == 0 {
		return ""
	}
	return "for " + strings.Join(ns, ", ")
}

func tlsSentence(o flow.TLSOutcome) string {
	switch o {
	case flow.TLSUntrusted:
		return "untrusted: the chain ends in a root that this machine doesn't trust"
	case flow.TLSExpired:
		return "expired: outside the certificate's time of validity, by this machine's clock"
	case flow.TLSNameMismatch:
		return "name-mismatch: the certificate is for other names"
	case flow.TLSAlert:
		return "alert: the server refused"
	case flow.TLSTimeout:
		return "timeout: silence after the hello"
	case flow.TLSReset:
		return "reset: the connection was cut in the handshake"
	case flow.TLSPending, flow.TLSOK, flow.TLSError:
	}
	return string(o)
}
