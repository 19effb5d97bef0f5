package diagnose

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"detour/internal/flow"
)

// dnsFailed is a name without an address.
func dnsFailed() Rule {
	return Rule{
		Code:     "dns-failed",
		Level:    flow.LevelProblem,
		Meaning:  "The name of an AWS host could not be resolved.",
		HowKnown: "The nameserver's RCODE, or its silence.",
		WhatElse: "For NXDOMAIN and NODATA: a private hosted zone that shadows the public name. For SERVFAIL and silence: a resolver that can't reach the next one, a VPN's DNS that is blocked.",
		Asks:     []flow.Ask{askNetworkTeam("Have %n give an address for %h.")},
		Source:   "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html",
		match: func(f *flow.Flow, now time.Time) bool {
			r := f.Conn.Resolution
			return f.Final() && r != nil && r.Outcome != flow.DNSOK && r.Outcome != flow.DNSPending &&
				f.Failure != nil && f.Failure.Stage == flow.StageDNS || dnsOutcome(f, now) == flow.DNSTimeout
		},
		explain: explainDNS,
	}
}

// stripped says who has private addresses for a name that has none here.
func stripped(f *flow.Flow) (out []string) {
	r := f.Conn.Resolution
	for _, ref := range append([]*flow.Reference{r.Reference}, r.Each...) {
		if ref != nil && ref.Outcome == flow.DNSOK && (&flow.Resolution{Addrs: ref.Addrs}).AllInVPC() {
			out = append(out, fmt.Sprintf("%s has %s for %s, which is private, and no address comes through here", clean(ref.Nameserver), ref.Addrs[0], hostOf(f)))
		}
	}
	return out
}

// filtered is a nameserver's own word that it blocks a name (RFC 8914, codes 15 to 18).
func filtered(f *flow.Flow) (out []string) {
	for _, q := range f.Conn.Resolution.Queries {
		for _, word := range []string{"Blocked", "Censored", "Filtered", "Prohibited"} {
			if strings.HasPrefix(q.EDE, word) {
				out = append(out, clean(q.EDE))
			}
		}
	}
	return out
}

func explainDNS(g group) flow.Finding {
	f := flow.Finding{Confidence: flow.ConfidenceMedium}
	outcomes := make(map[flow.DNSOutcome]bool)
	f.Because = g.distinct(func(f *flow.Flow) []string {
		r := f.Conn.Resolution
		o := dnsOutcome(f, g.now)
		outcomes[o] = true
		s := fmt.Sprintf("%s: %s", hostOf(f), o)
		if r.Nameserver.IsValid() {
			s += " from " + r.Nameserver.String()
		}
		if r.Err != "" && o == r.Outcome {
			s += " (" + clean(r.Err) + ")"
		}
		if r.Verdict() == flow.VerdictOnlyThere {
			s += fmt.Sprintf("; %s has %s for it", clean(r.Reference.Nameserver), r.Reference.Addrs[0])
		}
		return []string{s}
	})
	f.Because = append(f.Because, elsewhereFacts(g)...)
	zones := g.distinct(func(f *flow.Flow) []string { return []string{clean(f.Conn.Resolution.Zone)} })
	cause := "a nameserver that doesn't do its work"
	if outcomes[flow.DNSNXDomain] || outcomes[flow.DNSNoData] {
		cause = "a private hosted zone that shadows the public name and lacks this record"
		if len(zones) > 0 {
			cause += ": the answer comes from the zone " + list(zones, "")
		}
		f.Alternatives = append(f.Alternatives, "the service doesn't exist in this Region: a resolver outside the VPC says the same then")
	}
	if s := g.distinct(stripped); len(s) > 0 {
		f.Confidence = flow.ConfidenceHigh
		f.Because = append(f.Because, s...)
		cause = "a resolver that strips private addresses from answers (protection against DNS rebinding)"
	}
	if s := g.distinct(filtered); len(s) > 0 {
		cause = "a DNS filter: the nameserver says so itself (" + list(s, "") + ")"
	}
	if outcomes[flow.DNSTimeout] || outcomes[flow.DNSServFail] || outcomes[flow.DNSRefused] {
		f.Alternatives = append(f.Alternatives,
			"port 53 to the nameserver is closed, for UDP or for TCP: other names from the same server tell",
			"the nameserver forwards to one that it can't reach")
	}
	f.Title = fmt.Sprintf("%s: the name doesn't resolve: consistent with %s", list(g.hosts(), ""), cause)
	server := ""
	if ns := g.nameservers(); len(ns) > 0 {
		if ap, err := netip.ParseAddrPort(ns[0]); err == nil {
			server = " @" + ap.Addr().String()
		}
	}
	f.Try = texts(
		"dig"+server+" "+g.hosts()[0]+": the SOA in a negative answer names the zone that shadows",
		"the same question to a resolver outside the VPC",
	)
	return f
}
