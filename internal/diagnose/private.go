package diagnose

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// privateUnreachable is the signature of an interface endpoint whose security
// group doesn't admit this machine: the name resolves to private addresses only,
// and none of them answers at all. AWS: "Troubleshoot interface VPC endpoint
// connectivity" (repost.aws/knowledge-center/vpc-fix-gateway-or-interface-endpoint).
func privateUnreachable() Rule {
	return Rule{
		Code:     "private-endpoint-unreachable",
		Level:    flow.LevelProblem,
		Meaning:  "An AWS name resolves to private addresses only, and not one of them answers a TCP connect.",
		HowKnown: "Every address of the answer is private, and every connect ended in a timeout, or has waited for 3 seconds: no accept, no reset, no ICMP error.",
		WhatElse: "A network ACL, a missing route there or back, a firewall on premises, a VPN or Direct Connect that is down, an endpoint that was deleted while its DNS records stayed.",
		Asks: []flow.Ask{
			askAccountOwner("In the security group of the interface endpoints for %e: an inbound rule for TCP port 443 from %f, or from what NAT makes of it on the way."),
			askNetworkTeam("If the security group admits it already: a way from %f to %a, TCP port 443, and back; firewalls and routes in between."),
		},
		Source: "https://repost.aws/knowledge-center/vpc-fix-gateway-or-interface-endpoint",
		match: func(f *flow.Flow, now time.Time) bool {
			return f.Conn.Resolution.AllInVPC() && unanswered(f.Conn, now)
		},
		explain: explainPrivate,
	}
}

// unanswered reports whether nothing came back from any address that was tried.
func unanswered(c *flow.Conn, now time.Time) bool {
	waited := false
	for _, a := range c.Attempts {
		switch {
		case a.Unanswered(now, Patience):
			waited = true
		case a.Outcome == flow.DialPending, a.Outcome == flow.DialLost, a.Outcome == flow.DialCanceled:
			// too young to say
		default:
			return false
		}
	}
	return waited
}

func explainPrivate(g group) flow.Finding {
	services := list(g.services(), "AWS")
	f := flow.Finding{
		Title: fmt.Sprintf("calls to %s go to private addresses that don't answer: consistent with an interface endpoint "+
			"whose security group doesn't admit this machine", services),
		Confidence: flow.ConfidenceMedium,
	}
	f.Because = append(f.Because, waits(g)...)
	if ns := g.nameservers(); len(ns) > 0 {
		f.Because = append(f.Because, fmt.Sprintf("nameserver %s gave private addresses: %s", list(ns, ""), list(g.addresses(), "")))
	}
	f.Because = append(f.Because, g.distinct(splitHorizon)...)
	f.Because = append(f.Because, g.distinct(contradictions)...)
	if es := g.endpointServices(); len(es) > 0 {
		f.Because = append(f.Because, "interface endpoints of a VPC that would carry them: "+list(es, ""))
	}
	if c := g.calls(); len(c) > 0 {
		f.Because = append(f.Because, "calls affected: "+list(c, ""))
	}
	if p := g.pages(); len(p) > 0 {
		f.Because = append(f.Because, "pages affected: "+list(p, ""))
	}
	f.Because = append(f.Because, elsewhere(g, &f)...)
	f.Because = append(f.Because, g.distinct(byHosts)...)
	if lostPreflight(g) {
		f.Because = append(f.Because, "preflights (OPTIONS) are among them: the browser then speaks of CORS, which is a symptom of the same")
	}
	f.Alternatives = []string{
		"a network ACL of the endpoint's subnets: the subnets' rules for this machine's address, both ways, tell",
		"no route from this network to the VPC's, or none back: another private address of the same VPC would not answer either",
		"a firewall on premises: its log for the addresses above tells",
		"the endpoint was deleted and its private hosted zone stayed: describe-vpc-endpoints shows none",
		"the endpoint isn't ready: describe-vpc-endpoints shows another state than available (pendingAcceptance, rejected)",
	}
	f.Try = texts(tryPrivate(g)...)
	g.wayIn(&f, services)
	g.counterfactual(&f)
	return f
}

// manyServices is from how many stuck services on one security group is the less
// likely cause: each endpoint may have its own.
const manyServices = 3

// wayIn weighs whether it is the endpoints or the way to them. A nameserver inside
// that answers proves the way; without one, and with nothing private that answers,
// many stuck services speak for the way.
func (g group) wayIn(f *flow.Finding, services string) {
	for _, ns := range g.nameservers() {
		if ap, err := netip.ParseAddrPort(ns); err == nil && flow.ScopeOf(ap.Addr()).InVPC() {
			f.Because = append(f.Because, fmt.Sprintf("nameserver %s, at a private address itself, answers: if it is in that VPC, the way there is open", ap.Addr()))
			return
		}
	}
	if len(g.all.privateHosts) > 0 || len(g.services()) < manyServices {
		return
	}
	f.Title = fmt.Sprintf("calls to %s go to private addresses, and nothing private answers: consistent with a VPN, Direct Connect or route that is down", services)
	f.Alternatives = append([]string{"one security group that all these endpoints share, and that doesn't admit this machine"}, f.Alternatives...)
}

// counterfactual adds what became of connects to the addresses that the rest of the
// world is given: that they answer while the private ones don't is the strongest
// evidence that there is.
func (g group) counterfactual(f *flow.Finding) {
	for _, x := range g.flows {
		for _, a := range x.Conn.Elsewhere {
			f.Because = append(f.Because, fmt.Sprintf("%s by the public road, at %s: %s after %.1f ms", hostOf(x), a.Addr.Addr(), a.Outcome, flow.MS(a.Took)))
			if a.Outcome == flow.DialConnected {
				f.Confidence = flow.ConfidenceHigh
				f.Because = append(f.Because, hostOf(x)+" works by the public road, and not by the private one")
				return
			}
		}
	}
}

// splitHorizon says what a resolver outside the VPC makes of the name.
func splitHorizon(f *flow.Flow) []string {
	r := f.Conn.Resolution
	if r.Verdict() != flow.VerdictPrivate {
		return nil
	}
	return []string{fmt.Sprintf("%s has public addresses to the rest of the world (%s says %s): the private ones come from a private hosted zone",
		hostOf(f), clean(r.Reference.Nameserver), r.Reference.Addrs[0])}
}

// waits says how long each host was waited for.
func waits(g group) []string {
	type tally struct {
		flows   int
		longest time.Duration
		pending bool
		syns    int
	}
	by := make(map[string]*tally)
	for _, f := range g.flows {
		t := by[hostOf(f)]
		if t == nil {
			t = &tally{}
			by[hostOf(f)] = t
		}
		t.flows++
		for _, a := range f.Conn.Attempts {
			t.longest = max(t.longest, a.Elapsed(g.now))
			t.pending = t.pending || a.Outcome == flow.DialPending
			if a.Kernel != nil {
				t.syns = max(t.syns, a.Kernel.SYNRetransmits+1)
			}
		}
	}
	var out []string
	for _, h := range g.hosts() {
		t := by[h]
		s := fmt.Sprintf("%s: %s, no answer from any address", h, wording.Count(t.flows, "request"))
		if t.longest >= untold {
			s += fmt.Sprintf(" within %.1f s", t.longest.Seconds())
		}
		if t.syns > 1 {
			s += fmt.Sprintf(" and %d SYNs", t.syns)
		}
		if t.pending {
			s += ", still waiting"
		}
		out = append(out, s)
	}
	return out
}

// elsewhere says what works at the same time: the judgement across flows.
func elsewhere(g group, f *flow.Finding) []string {
	var out []string
	a := g.all
	if a.answeredConsole > 0 {
		out = append(out, fmt.Sprintf("%s relayed by the console's servers got an answer", wording.Count(a.answeredConsole, "console-origin call")))
	}
	if n := len(a.publicHosts); n > 0 {
		out = append(out, fmt.Sprintf("%s at public addresses answered: %s", wording.Count(n, "AWS host"), list(a.publicHosts, "")))
	}
	if n := len(a.privateHosts); n > 0 {
		out = append(out, fmt.Sprintf("%s at private addresses answered: %s, so the way into the VPC is open", wording.Count(n, "AWS host"), list(a.privateHosts, "")))
	}
	if g.alone && a.answeredConsole > 0 && len(a.publicHosts) > 0 {
		f.Confidence = flow.ConfidenceHigh
		out = append(out, "only calls to private addresses get no answer: not your permissions; CloudTrail will show nothing, since these requests never reached AWS")
	}
	return out
}

// describeEndpoints is the command that shows members of the interface endpoints that
// would carry the calls; none if they aren't known, or not fit for a command.
func (g group) describeEndpoints(members string) []string {
	es := g.endpointServices()
	if len(es) == 0 || !safeWords(es) {
		return nil
	}
	return []string{"aws ec2 describe-vpc-endpoints" + g.inRegion() + " --filters Name=service-name,Values=" + strings.Join(es, ",") +
		" --query 'VpcEndpoints[].[" + members + "]'"}
}

// inRegion is the option of a command of the AWS CLI; "" if the Region isn't known.
func (g group) inRegion() string {
	if r := g.region(); safeWord(r) {
		return " --region " + r
	}
	return ""
}

func lostPreflight(g group) bool {
	for _, f := range g.flows {
		if f.Request.Method == "OPTIONS" {
			return true
		}
	}
	return false
}

func tryPrivate(g group) []string {
	var try []string
	region := g.inRegion()
	try = append(try, g.describeEndpoints("ServiceName,VpcEndpointId,PrivateDnsEnabled,Groups[].GroupId")...)
	try = append(try, "aws ec2 describe-security-groups"+region+" --group-ids SG_OF_THAT_ENDPOINT --query 'SecurityGroups[].IpPermissions'")
	for _, s := range g.sources() {
		if a, err := netip.ParseAddr(s); err == nil {
			try = append(try, fmt.Sprintf("if port 443 isn't open to %s (or to what NAT makes of it on the way): aws ec2 authorize-security-group-ingress%s "+
				"--group-id SG_OF_THAT_ENDPOINT --protocol tcp --port 443 --cidr %s/%d", a, region, a, a.BitLen()))
		}
	}
	if ns := g.nameservers(); len(ns) > 0 {
		if ap, err := netip.ParseAddrPort(ns[0]); err == nil {
			try = append(try, fmt.Sprintf("dig @%s %s", ap.Addr(), g.hosts()[0]))
		}
	}
	return append(try, "the VPC's flow logs for the addresses above: REJECT names the endpoint's network interface, no line at all a hop before it")
}
