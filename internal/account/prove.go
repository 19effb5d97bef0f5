package account

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/account/awscli"
	"detour/internal/account/retell"
	"detour/internal/flow"
)

// A Part is a finding, or a part of it, with one proof. A finding whose addresses have
// different causes has a part for each.
type Part struct {
	Proof flow.Proof
	Hosts []string  // sorted
	Flows []flow.ID // increasing
}

// Prove returns what the configuration says of a finding; none if the finding has no address
// that could be an interface endpoint's.
func (s *Study) Prove(f flow.Finding) []Part {
	var silent, rejected []packet
	of := make(map[packet][]flow.ID)
	for _, id := range f.Flows {
		x := s.flows[id]
		if x == nil {
			continue
		}
		a, b := s.silent(x)
		if !f.Connects && (x.Conn.Winner() != nil || x.Response != nil) {
			continue // the finding is about what came after the connect
		}
		silent, rejected = append(silent, a...), append(rejected, b...)
		for _, p := range append(a, b...) {
			of[p] = append(of[p], id)
		}
	}
	here := func(p packet) bool { return s.mayBeHere(p.To.Addr()) }
	whole := func(p flow.Proof) []Part {
		p.Caveats = append(p.Caveats, s.caveats(p)...)
		return []Part{{p, f.Hosts, f.Flows}}
	}
	switch {
	case len(silent) == 0 && len(rejected) == 0:
		if p, found := s.policies(f); found {
			return whole(p)
		}
		if parts, found := s.names(f); found {
			return parts
		}
		if p, found := s.byHost(f); found {
			return whole(p)
		}
		return nil
	case !slices.ContainsFunc(silent, here) && !slices.ContainsFunc(rejected, here):
		return nil
	case s.client.Strict:
		return whole(flow.Proof{
			Verdict: flow.Unknown,
			Says:    strictly,
		})
	case len(silent) == 0:
		return whole(s.rejected(rejected))
	}
	addrs, by := byAddress(silent)
	var all []*address
	for _, a := range addrs {
		all = append(all, s.address(a, by[a]))
	}
	if len(s.against.all) > 0 {
		return whole(s.contradicted(all, s.against.all[0].text))
	}
	if slices.ContainsFunc(rejected, func(p packet) bool { return s.follow(p).denied() }) {
		return whole(s.rejected(rejected))
	}
	if n := slices.IndexFunc(all, func(a *address) bool { return a.verdict != flow.Proven }); n >= 0 {
		return whole(s.unproven(all))
	}
	if len(s.unseen) > 0 {
		return whole(s.unexplained(all))
	}
	return s.proven(f, all, of)
}

// unexplained is the proof if something responded of which the files may lack the interface: a
// configuration must explain what responds, too.
func (s *Study) unexplained(all []*address) flow.Proof {
	p := s.unseen[0]
	c := s.config
	missing := cmp.Or(c.missingInterface(func(e *endpoint) bool { return serves(e, p) }),
		c.missingInterface(func(*endpoint) bool { return true }))
	need := c.need(setInterfaces, c.regionOf(p), "--filters Name="+awscli.AddressFilter+",Values="+p.To.Addr().String())
	if missing != "" {
		need = c.need(setInterfaces, c.regionOf(p), "--network-interface-ids "+missing)
	}
	return flow.Proof{
		Verdict: flow.Unknown, Checks: checks(all), Needs: distinct(append(needs(all), need...)),
		Says: fmt.Sprintf("%s responded at %s, which may be %s: what these files deny can't be compared with it",
			hostOr(p.Host, "something"), p.To.Addr(), cmp.Or(missing, "an interface on another page")),
	}
}

// strictly says why nothing is joined with flows that have stand-ins.
const strictly = "the flows were written under strict privacy: their addresses are stand-ins, so the account's can't be joined with them"

// An address is what the configuration says of all packets to it.
type address struct {
	to      netip.AddrPort
	tracks  []*track
	verdict flow.ProofVerdict // Proven if each packet is denied, by the same object
	cause   result            // if it is proven
}

// address evaluates the packets to one address that weren't answered.
func (s *Study) address(to netip.AddrPort, all []packet) *address {
	a := &address{to: to}
	verdicts := make(map[flow.ProofVerdict]int)
	for i, p := range all {
		t := s.follow(p)
		a.tracks = append(a.tracks, t)
		d, denied := t.first(flow.CheckDenies)
		switch {
		case denied && i > 0 && a.cause.check != "" && (a.cause.check != d.check || a.cause.object != d.object):
			verdicts[flow.Unknown]++
		case denied:
			verdicts[flow.Proven]++
			a.cause = d
		case t.eni == nil && t.Host != resolverHost && len(s.config.byAddress[to.Addr()]) == 0 && s.config.hasEndpointInterfaces():
			verdicts[flow.NotHere]++
		case slices.ContainsFunc(t.results, t.undecided):
			verdicts[flow.Unknown]++
		default:
			verdicts[flow.Admitted]++
		}
	}
	if a.verdict = flow.Unknown; len(verdicts) == 1 {
		for v := range verdicts {
			a.verdict = v
		}
	}
	return a
}

// undecided reports whether a result leaves open what becomes of the packet. How its address was
// resolved doesn't.
func (t *track) undecided(r result) bool {
	return r.verdict == flow.CheckUnknown && r.check != flow.CheckPrivateDNS && (r.check != flow.CheckResolver || t.Host == resolverHost)
}

// proven is the proof of a finding all of whose addresses are denied, one part for each cause.
func (s *Study) proven(f flow.Finding, all []*address, of map[packet][]flow.ID) (out []Part) {
	type key struct {
		check  flow.CheckName
		object string
	}
	var keys []key
	by := make(map[key][]*address)
	for _, a := range all {
		k := key{a.cause.check, a.cause.object}
		if by[k] == nil {
			keys = append(keys, k)
		}
		by[k] = append(by[k], a)
	}
	slices.SortStableFunc(keys, func(a, b key) int { return order(a.check) - order(b.check) })
	for _, k := range keys {
		part := Part{Proof: s.proof(by[k]), Hosts: f.Hosts, Flows: f.Flows}
		if len(keys) > 1 {
			part.Hosts, part.Flows = nil, nil
			for _, a := range by[k] {
				for _, t := range a.tracks {
					part.Hosts = append(part.Hosts, t.Host)
					part.Flows = append(part.Flows, of[t.packet]...)
				}
			}
			slices.Sort(part.Hosts)
			slices.Sort(part.Flows)
			part.Hosts, part.Flows = slices.Compact(part.Hosts), slices.Compact(part.Flows)
		}
		part.Proof.Caveats = append(part.Proof.Caveats, s.caveats(part.Proof)...)
		out = append(out, part)
	}
	return out
}

// proof is that of addresses with one cause.
func (s *Study) proof(all []*address) flow.Proof {
	p := flow.Proof{Verdict: flow.Proven, Checks: checks(all), Needs: needs(all)}
	first := all[0].tracks[0]
	cause := causeOf(all[0].cause, first)
	p.Cause = &cause
	for _, a := range all {
		for _, t := range a.tracks {
			for _, r := range t.results {
				for _, x := range append([]result{r}, r.more...) {
					if x.verdict != flow.CheckDenies || x.check == cause.Check && x.object == cause.Object ||
						slices.ContainsFunc(p.Also, func(c flow.ProofCause) bool { return c.Check == x.check && c.Object == x.object }) {
						continue
					}
					p.Also = append(p.Also, causeOf(x, t))
				}
			}
		}
	}
	slices.SortStableFunc(p.Also, func(a, b flow.ProofCause) int { return order(a.Check) - order(b.Check) })
	p.Says = fmt.Sprintf("%s stops it: %s", cause.Check.Of(cause.Object), retell.Sentence(cause.Says))
	if x := all[0].cause.caveat; x != "" {
		p.Says += "; " + x
		p.Caveats = append(p.Caveats, x)
	}
	p.Fix = s.fix(all, p.Also)
	return p
}

func causeOf(r result, t *track) flow.ProofCause {
	c := flow.ProofCause{Check: r.check, Object: r.object, Says: r.says}
	if t.endpoint != nil {
		c.Of = t.endpoint.ID
	}
	switch {
	case t.Host == resolverHost && t.eni != nil:
		c.Of = t.eni.ID
	case t.eni != nil:
		c.Interface = t.eni.ID
	}
	return c
}

// unproven is the proof of a finding some of whose addresses aren't denied.
func (s *Study) unproven(all []*address) flow.Proof {
	n := make(map[flow.ProofVerdict]int)
	for _, a := range all {
		n[a.verdict]++
	}
	p := flow.Proof{Checks: checks(all)}
	switch {
	case n[flow.Admitted] == len(all):
		p.Verdict = flow.Admitted
		p.Says = "nothing in these files stops the packets: look at what they don't hold, as a firewall, a VPN, or a NAT on the way"
	case n[flow.NotHere] == len(all):
		p.Verdict, p.Needs = flow.NotHere, needs(all)
		p.Says = "no network interface in these files has " + list(all) +
			": it may be another account's, or deleted with its DNS records left"
	default:
		p.Verdict, p.Needs = flow.Unknown, needs(all)
		p.Says = s.whyUnknown(all, n)
	}
	return p
}

// whyUnknown says why nothing is proven.
func (s *Study) whyUnknown(all []*address, n map[flow.ProofVerdict]int) string {
	if n[flow.Proven] > 0 && n[flow.Unknown] == 0 {
		return fmt.Sprintf("these files explain only %d of %d addresses that don't respond, so they don't explain the pattern",
			n[flow.Proven], len(all))
	}
	for _, a := range all {
		if a.verdict != flow.Unknown {
			continue
		}
		for _, t := range a.tracks {
			for _, r := range t.results {
				if t.undecided(r) {
					if r.object == "" { // what is missing is which object it is
						return "not decided: " + r.says
					}
					return fmt.Sprintf("not decided: %s: %s", r.check.Of(r.object), r.says)
				}
			}
		}
	}
	return "these files explain the packets to one address differently, so they don't explain the pattern"
}

// contradicted is the proof if the files deny what responded.
func (s *Study) contradicted(all []*address, what string) flow.Proof {
	out := flow.Proof{Verdict: flow.Contradiction, Says: "the files deny what responded, so no cause is named: " + what}
	var notDenied []*address
	for _, a := range all {
		if a.verdict != flow.Proven {
			notDenied = append(notDenied, a)
		}
	}
	out.Checks = checks(notDenied)
	return out
}

// rejected is the proof of addresses that answered with a reset or an ICMP error. A security
// group or a network ACL never answers: it drops.
func (s *Study) rejected(all []packet) flow.Proof {
	addrs, by := byAddress(all)
	var as []*address
	for _, a := range addrs {
		as = append(as, s.address(a, by[a]))
	}
	p := s.unproven(as)
	denied := slices.ContainsFunc(as, func(a *address) bool { return a.verdict == flow.Proven })
	if !slices.ContainsFunc(all, func(p packet) bool { return s.arrived[p] }) {
		if denied {
			p = flow.Proof{Verdict: flow.Unknown, Checks: checks(as)}
			p.Says = "so the packets didn't come as far as what the files deny"
		}
		p.Says = "this machine, or a router on the way, said that there is no way to " + list(as) + "; " + p.Says
		return p
	}
	for _, a := range as {
		if a.verdict == flow.Proven {
			return flow.Proof{
				Verdict: flow.Contradiction,
				Says: "something answered with a rejection, and a security group, a network ACL or a missing route " +
					"never answers: they drop packets",
			}
		}
	}
	p.Says = "something answered with a rejection, which no security group does; " + p.Says
	return p
}

// caveats are what the files can't show.
func (s *Study) caveats(p flow.Proof) (out []string) {
	if slices.Contains([]flow.ProofVerdict{flow.Proven, flow.Admitted, flow.Contradiction}, p.Verdict) {
		out = append(out, "a NAT between the client and the VPC, as an office's or a VPN's, can't be seen in these files")
	}
	if p.Verdict == flow.Admitted {
		out = append(out, "AWS Network Firewall and the firewalls of other networks aren't in these files")
	}
	if !s.config.Collected.IsZero() {
		out = append(out, "the files are of "+s.config.Collected.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if s.byHand {
		out = append(out, "the client's address, "+s.client.From.String()+", was given by hand")
	}
	return out
}

// checks are the results of all packets, each once, in the order of a packet's way.
func checks(all []*address) (out []flow.ProofCheck) {
	for _, a := range all {
		for _, t := range a.tracks {
			for _, r := range t.results {
				for _, x := range append([]result{r}, r.more...) {
					c := flow.ProofCheck{Check: x.check, Verdict: x.verdict, Object: x.object, Says: x.says, File: x.at.File, Path: x.at.Path}
					if !slices.Contains(out, c) {
						out = append(out, c)
					}
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b flow.ProofCheck) int { return onTheWay(a.Check) - onTheWay(b.Check) })
	return out
}

// needs are the commands whose outputs would decide, each once.
func needs(all []*address) (out []string) {
	for _, a := range all {
		for _, t := range a.tracks {
			if !t.From.IsValid() && !t.denied() {
				out = append(out, "detour diagnose FILE --account DIR --from CLIENT_ADDRESS")
			}
			for _, r := range t.results {
				if r.verdict == flow.CheckUnknown {
					out = append(out, r.needs...)
				}
			}
		}
	}
	return distinct(out)
}

func distinct(all []string) (out []string) {
	for _, s := range all {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func list(all []*address) string {
	var out []string
	for _, a := range all {
		out = append(out, a.to.Addr().String())
	}
	return strings.Join(distinct(out), ", ")
}

// causes is the order in which causes are named.
var causes = []flow.CheckName{
	flow.CheckEndpoint, flow.CheckPrivateDNS, flow.CheckResolver, flow.CheckSecurityGroup, flow.CheckNACLIn,
	flow.CheckNACLOut, flow.CheckRouteBack, flow.CheckGateway, flow.CheckEndpointPolicy,
}

func order(c flow.CheckName) int { return slices.Index(causes, c) }

// onTheWay is the order in which a packet and its answer pass what is checked.
func onTheWay(c flow.CheckName) int {
	return slices.Index([]flow.CheckName{
		flow.CheckPrivateDNS, flow.CheckResolver, flow.CheckNACLIn, flow.CheckSecurityGroup, flow.CheckEndpoint,
		flow.CheckEndpointPolicy, flow.CheckNACLOut, flow.CheckRouteBack, flow.CheckGateway,
	}, c)
}
