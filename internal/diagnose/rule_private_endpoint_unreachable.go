package diagnose

import (
	"fmt"
	"net/netip"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
	"detour/internal/wording"
)

// privateEndpointUnreachable is the signature of an interface endpoint whose security
// group doesn't allow this machine. AWS: "Troubleshoot interface VPC endpoint
// connectivity" (repost.aws/knowledge-center/vpc-fix-gateway-or-interface-endpoint).
func privateEndpointUnreachable() Rule {
	return Rule{
		Code:     "private-endpoint-unreachable",
		Level:    flow.LevelProblem,
		connects: true,
		Meaning:  "An AWS name resolves to private addresses only, and none of them responds to a TCP connect.",
		HowKnown: "Every address in the answer is private, and every connect timed out or is still pending after 3 seconds: " +
			"not accepted, not reset, no ICMP error.",
		WhatElse: "A network ACL, a missing route in either direction, an on-premises firewall, a VPN or Direct Connect that is down, " +
			"a deleted endpoint whose DNS records remain.",
		Asks: []flow.Ask{
			askAccountOwner("In the security group of the interface endpoints for %e, add an inbound rule for TCP port %t from %f, " +
				"or from its address after NAT."),
			askNetworkTeam("If the security group already allows it: check the firewalls and routes from %f to %a (TCP port %t), and back."),
		},
		Concepts: []string{conceptInterfaceEndpoint, conceptPrivateDNS, conceptSecurityGroup},
		Source:   "https://repost.aws/knowledge-center/vpc-fix-gateway-or-interface-endpoint",
		match: func(f *flow.Flow, now time.Time) bool {
			return f.Conn.Resolution.AllInVPC() && ending.Unanswered(f.Conn, now)
		},
		explain: explainPrivate,
	}
}

func explainPrivate(g group) flow.Finding {
	f := flow.Finding{
		Title: fmt.Sprintf("calls to %s go to private addresses that don't respond: "+
			"consistent with an interface endpoint whose security group doesn't allow %s", g.ServiceList(), g.Machine()),
		Confidence: flow.ConfidenceMedium,
	}
	f.Because = append(f.Because, g.waits()...)
	if ns := g.Nameservers(); len(ns) > 0 {
		f.Because = append(f.Because, fmt.Sprintf("nameserver %s returned private addresses: %s", list(ns, ""), list(g.Addresses(), "")))
	}
	f.Because = append(f.Because, g.Distinct(splitHorizon)...)
	f.Because = append(f.Because, g.Distinct(contradictions)...)
	f.Because = append(f.Because, g.affected()...)
	f.Because = append(f.Because, g.whatWorks(&f)...)
	f.Because = append(f.Because, g.Distinct(fromHostsFile)...)
	f.Because = append(f.Because, g.preflights()...)
	f.Alternatives = []string{
		"a network ACL of the endpoint's subnets: check its rules for " + g.Machine() + "'s address, in both directions",
		"no route to the VPC, or none back: then no other private address in the VPC responds either",
		"an on-premises firewall: check its log for the addresses above",
		"the endpoint was deleted and its private hosted zone remains: describe-vpc-endpoints lists none",
		"the endpoint isn't available yet: describe-vpc-endpoints shows its state (pendingAcceptance, rejected)",
	}
	f.Alternatives = append(f.Alternatives, g.madeUp()...)
	f.Try = g.Endpoints()
	g.weighThePath(&f)
	g.weighPublicAddresses(&f)
	return f
}

// manyServices is how many unreachable services make one security group the less
// likely cause: each endpoint may have its own.
const manyServices = 3

// weighThePath decides between the endpoints and the path to them. A nameserver in the
// VPC that responds proves the path; without one, and if nothing private responds, many
// unreachable services suggest that the path is down.
func (g group) weighThePath(f *flow.Finding) {
	for _, ns := range g.Nameservers() {
		if ap, err := netip.ParseAddrPort(ns); err == nil && flow.ScopeOf(ap.Addr()).InVPC() {
			f.Because = append(f.Because, fmt.Sprintf("nameserver %s has a private address and responds: "+
				"if it is in that VPC, the path there works", ap.Addr()))
			return
		}
	}
	if _, private, _ := g.around(); len(private) > 0 || len(g.Services()) < manyServices {
		return
	}
	f.Title = fmt.Sprintf("calls to %s go to private addresses, and nothing private responds: "+
		"consistent with a VPN, Direct Connect or route that is down", g.ServiceList())
	f.Alternatives = append([]string{"one security group that all these endpoints share, " +
		"and that doesn't allow " + g.Machine()}, f.Alternatives...)
}

// weighPublicAddresses adds the connects to the host's public addresses. If these
// work and the private ones don't, that is the strongest evidence.
func (g group) weighPublicAddresses(f *flow.Finding) {
	lines, works := g.publicChecks()
	f.Because = append(f.Because, lines...)
	if works {
		f.Confidence = flow.ConfidenceHigh
		f.Because = append(f.Because, "the public path works, and the private one doesn't")
	}
	for _, x := range g.Set {
		for _, a := range x.Conn.Elsewhere {
			f.Because = append(f.Because, fmt.Sprintf("%s at its public "+
				"address %s: %s after %s", flowset.HostOf(x), a.Addr.Addr(), a.Outcome, wording.Duration(a.Took)))
			if a.Outcome == flow.DialConnected {
				f.Confidence = flow.ConfidenceHigh
				f.Because = append(f.Because, flowset.HostOf(x)+" works over the public path, and not over the private one")
				return
			}
		}
	}
}

// splitHorizon is what a resolver outside the VPC returns for the name.
func splitHorizon(f *flow.Flow) []string {
	r := f.Conn.Resolution
	if r.Verdict() != flow.VerdictPrivate {
		return nil
	}
	return []string{fmt.Sprintf("%s has public addresses elsewhere (%s returns %s): the private ones come from a private hosted zone",
		flowset.HostOf(f), clean(r.Reference.Nameserver), r.Reference.Addrs[0])}
}

// preflights say what the preflights among the flows mean, and how it is known for which calls
// they were.
func (g group) preflights() (out []string) {
	n, told := 0, make(map[flow.PreflightSource]int)
	for _, f := range g.Set {
		if f.Request.Method != "OPTIONS" {
			continue
		}
		if n++; f.AWS != nil && f.AWS.PreflightOf != nil {
			told[f.AWS.PreflightOf.By]++
		}
	}
	if n == 0 {
		return nil
	}
	out = append(out, fmt.Sprintf("%d of these requests are preflights (OPTIONS): without a response, the browser doesn't send the call, "+
		"and reports a CORS error, a symptom of the same problem", n))
	if told[flow.PreflightByBeacon] > 0 {
		out = append(out, fmt.Sprintf("the calls of %s are known from the page's beacons, which report calls that took as long",
			wording.Count(told[flow.PreflightByBeacon], "preflight")))
	}
	if told[flow.PreflightByPage] > 0 {
		out = append(out, fmt.Sprintf("the calls of %s are known from the page's other calls to the same URL",
			wording.Count(told[flow.PreflightByPage], "preflight")))
	}
	return out
}
