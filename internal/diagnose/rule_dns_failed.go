package diagnose

import (
	"fmt"
	"strings"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

func dnsFailed() Rule {
	return Rule{
		Code:     "dns-failed",
		Level:    flow.LevelProblem,
		Meaning:  "The name of an AWS host doesn't resolve.",
		HowKnown: "The nameserver's RCODE, or no response from it.",
		WhatElse: "NXDOMAIN and NODATA: a private hosted zone that hides the public name. " +
			"SERVFAIL and timeouts: a resolver that can't reach its forwarder, or a VPN's nameserver that is blocked.",
		Asks:     []flow.Ask{askNetworkTeam("Make %n resolve %h.")},
		Concepts: []string{conceptPrivateDNS, conceptResolverEndpoint},
		Source:   "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html",
		match: func(f *flow.Flow, now time.Time) bool {
			failed := ending.Is(f, flow.KindNameNotResolved, flow.KindDNSTimeout, flow.KindNameserverFailed)
			return (failed || ending.DNS(f, now) == flow.DNSTimeout) && !partlyAnswered(f, now)
		},
		explain: explainDNSFailed,
	}
}

func explainDNSFailed(g group) flow.Finding {
	if g.Each(ending.FromHAR) {
		return g.dnsInHAR()
	}
	f := flow.Finding{Confidence: flow.ConfidenceMedium}
	outcomes := make(map[flow.DNSOutcome]bool)
	f.Because = g.Distinct(func(f *flow.Flow) []string {
		o := ending.DNS(f, g.now)
		outcomes[o] = true
		return []string{dnsFailure(f, o)}
	})
	f.Because = append(f.Because, g.othersWork()...)
	zones := g.Distinct(func(f *flow.Flow) []string {
		if f.Conn.Resolution == nil {
			return nil
		}
		return []string{clean(f.Conn.Resolution.Zone)}
	})
	cause := "a nameserver that can't be reached: a network or VPN that is down, or no route to it"
	switch {
	case outcomes[flow.DNSServFail]:
		cause = "a nameserver that can't reach the one that it forwards to"
	case outcomes[flow.DNSRefused]:
		cause = "a nameserver that refuses queries from this network or for these names"
	case outcomes[flow.DNSTimeout]:
		cause = "a nameserver that can't be reached: a network or VPN that is down, or port 53 that is blocked"
	}
	if outcomes[flow.DNSNXDomain] || outcomes[flow.DNSNoData] {
		cause = "a private hosted zone that hides the public name and lacks this record"
		if len(zones) > 0 {
			cause += ": the answer comes from the zone " + list(zones, "")
		}
		f.Alternatives = append(f.Alternatives,
			"the service doesn't exist in this Region: a resolver outside the VPC then returns the same answer")
	}
	if dead := g.Distinct(deadAlias); len(dead) > 0 {
		f.Because = append(f.Because, dead...)
		f.Alternatives = append(f.Alternatives, cause)
		cause = "a record that points to an endpoint that was deleted"
		f.Asks = []flow.Ask{askAccountOwner("Remove or correct the record of %h: it is an alias of a name that doesn't exist any more.")}
	}
	if s := g.Distinct(withheld); len(s) > 0 {
		f.Confidence = flow.ConfidenceHigh
		f.Because = append(f.Because, s...)
		cause = "a resolver that strips private addresses from answers (DNS rebinding protection)"
	}
	if s := g.Distinct(filterError); len(s) > 0 {
		cause = "a DNS filter, as the nameserver reports (" + list(s, "") + ")"
	}
	if !outcomes[flow.DNSNXDomain] && !outcomes[flow.DNSNoData] && g.theseNamesOnly() {
		cause = "a forwarding rule for these names to a resolver that doesn't respond: the nameserver answers other names"
	}
	if outcomes[flow.DNSTimeout] || outcomes[flow.DNSServFail] || outcomes[flow.DNSRefused] {
		f.Alternatives = append(f.Alternatives,
			"port 53 to the nameserver is blocked, for UDP or TCP: try other names on the same server",
			"the nameserver can't reach the server that it forwards to")
	}
	f.Title = fmt.Sprintf("%s: name resolution fails: consistent with %s", g.HostList(), cause)
	f.Try = []flow.NextStep{
		g.LookUpAtNameserver("Repeat the query (the SOA record of a negative answer names the zone that hides the name)"),
		step("Query a resolver outside the VPC for the same name: if it has no address either, the name doesn't exist"),
	}
	g.ThroughProxy(&f)
	return f
}

// theseNamesOnly reports whether a nameserver that failed for the group's names resolved
// others.
func (g group) theseNamesOnly() bool {
	return !g.Each(func(f *flow.Flow) bool {
		r := f.Conn.Resolution
		if r == nil {
			return true
		}
		for _, q := range r.Queries {
			if g.all.resolvedBy[q.Server] {
				return false
			}
		}
		return !g.all.resolvedBy[r.Nameserver]
	})
}

// dnsInHAR is a lookup that failed as a browser tells it: without the nameserver and what
// it answered.
func (g group) dnsInHAR() flow.Finding {
	f := flow.Finding{
		Title:      g.HostList() + ": name resolution fails on " + g.Machine(),
		Because:    append(g.endings(), append(g.affected(), g.consoleWorks()...)...),
		Confidence: flow.ConfidenceMedium,
		Alternatives: []string{
			"a private hosted zone that hides the public name and lacks this record",
			"an alias (CNAME) of an interface endpoint that was deleted",
			"a DNS filter that blocks the name",
			"a nameserver of a VPN that is down, or that doesn't know the name",
		},
		Try: []flow.NextStep{
			shell("On that machine, resolve the names and see which nameserver answers what", "detour probe "+joinHosts(g.Hosts())),
			g.Resolve("Without detour"),
		},
	}
	if g.Each(func(f *flow.Flow) bool { return ending.Kind(f) == flow.KindDNSTimeout }) {
		f.Title = g.HostList() + ": no nameserver answered " + g.Machine()
	}
	if g.all.answered {
		f.Because = append(f.Because, "other names resolved: that speaks against a nameserver that is down for all names")
	}
	return f
}

// dnsFailure says how a flow's query failed.
func dnsFailure(f *flow.Flow, o flow.DNSOutcome) string {
	r := f.Conn.Resolution
	if r == nil {
		return flowset.HostOf(f) + ": " + endOf(f)
	}
	s := fmt.Sprintf("%s: %s", flowset.HostOf(f), o)
	if r.Nameserver.IsValid() {
		s += " from " + r.Nameserver.String()
	}
	if r.Err != "" && o == r.Outcome {
		s += " (" + clean(r.Err) + ")"
	}
	if r.Verdict() == flow.VerdictOnlyThere {
		s += fmt.Sprintf("; %s returns %s", clean(r.Reference.Nameserver), r.Reference.Addrs[0])
	}
	return s
}

// deadAlias is the name that a flow's host is an alias of, and that doesn't exist.
func deadAlias(f *flow.Flow) []string {
	to := f.Conn.Resolution.DeadAlias()
	if to == "" {
		return nil
	}
	return []string{fmt.Sprintf("%s is a CNAME for %s, which doesn't exist", flowset.HostOf(f), clean(to))}
}

// withheld are private addresses that other nameservers return for a name that has no
// address here.
func withheld(f *flow.Flow) (out []string) {
	r := f.Conn.Resolution
	if r == nil {
		return nil
	}
	for _, ref := range append([]*flow.Reference{r.Reference}, r.Each...) {
		if ref != nil && ref.Outcome == flow.DNSOK && (&flow.Resolution{Addrs: ref.Addrs}).AllInVPC() {
			out = append(out, fmt.Sprintf("%s returns the private address %s for %s; "+
				"this machine gets no address", clean(ref.Nameserver), ref.Addrs[0], flowset.HostOf(f)))
		}
	}
	return out
}

// filterError is a nameserver's extended error that says it blocks the name (RFC 8914,
// codes 15 to 18).
func filterError(f *flow.Flow) (out []string) {
	if f.Conn.Resolution == nil {
		return nil
	}
	for _, q := range f.Conn.Resolution.Queries {
		for _, word := range []string{"Blocked", "Censored", "Filtered", "Prohibited"} {
			if strings.HasPrefix(q.EDE, word) {
				out = append(out, clean(q.EDE))
			}
		}
	}
	return out
}
