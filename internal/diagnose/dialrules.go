package diagnose

import (
	"fmt"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// allAttempts reports whether every attempt that ended by itself ended as o.
func allAttempts(c *flow.Conn, o flow.DialOutcome) bool {
	n := 0
	for _, a := range c.Attempts {
		switch a.Outcome {
		case o:
			n++
		case flow.DialLost, flow.DialCanceled:
		case flow.DialPending, flow.DialConnected, flow.DialRefused, flow.DialTimeout,
			flow.DialUnreachable, flow.DialReset, flow.DialError:
			return false
		}
	}
	return n > 0
}

// timedOut is a connect without an answer that isn't to private addresses only.
func timedOut() Rule {
	return Rule{
		Code:     "connect-timeout",
		Level:    flow.LevelProblem,
		Meaning:  "No address of an AWS host answers a TCP connect.",
		HowKnown: "Every connect ended in a timeout, or has waited for 3 seconds, and at least one address is public.",
		WhatElse: "A network without a way to the internet, a firewall that drops, a corporate proxy that has to be used.",
		Asks:     []flow.Ask{askNetworkTeam("Let %f reach %h (%a), TCP port 443, and the answers come back.")},
		Source:   "https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/console-private-access.html",
		match: func(f *flow.Flow, now time.Time) bool {
			return !reached(f) && unanswered(f.Conn, now)
		},
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title:      fmt.Sprintf("%s: no answer to any connect: consistent with a network that doesn't let it out", list(g.hosts(), "")),
				Because:    append(waits(g), g.tried()...),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"this network reaches AWS through interface endpoints only, and has none for this service",
					"a corporate proxy has to be used for public addresses",
				},
				Try: texts("dig "+g.hosts()[0], "curl -v --connect-timeout 5 https://"+g.hosts()[0]+"/"),
			}
			if len(g.all.privateHosts) > 0 && len(g.all.publicHosts) == 0 {
				f.Title = fmt.Sprintf("%s: no answer at public addresses, while private ones answer: consistent with a network without a way out that has no interface endpoint for this service", list(g.hosts(), ""))
				f.Alternatives = append(f.Alternatives, "there is an endpoint, and its private DNS is off: then the name stays public")
			}
			f.Because = append(f.Because, g.distinct(outsideAWS)...)
			f.Because = append(f.Because, g.distinct(byHosts)...)
			f.Because = append(f.Because, elsewhereFacts(g)...)
			return f
		},
	}
}

// refused is an RST in answer to the SYN.
func refused() Rule {
	return Rule{
		Code:     "connect-refused",
		Level:    flow.LevelProblem,
		Meaning:  "Every address of an AWS host refuses the TCP connect.",
		HowKnown: "Every connect was answered with a reset.",
		WhatElse: "For private addresses: a stale record in a private hosted zone, or a local network that overlaps with the VPC's. A firewall that rejects.",
		Asks:     []flow.Ask{askNetworkTeam("Find what answers %f with a reset on the way to %h (%a), TCP port 443, and have it let the connect through.")},
		Source:   "https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/split-tunnel-vpn.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return !reached(f) && allAttempts(f.Conn, flow.DialRefused)
		},
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title:      fmt.Sprintf("%s: the connection is refused: consistent with an address where no endpoint lives", list(g.hosts(), "")),
				Because:    append(append(g.tried(), g.distinct(onLink)...), append(g.distinct(byHosts), elsewhereFacts(g)...)...),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"a firewall that rejects instead of dropping: the reset then comes sooner than a round trip to the VPC",
					"a local network with the same addresses as the VPC: `ip route get ADDRESS` shows the way that was taken",
					"a record that outlived its endpoint in a private hosted zone",
				},
				Try: texts("dig " + g.hosts()[0]),
			}
			return f
		},
	}
}

// unreachable is a connect that the network itself turned down.
func unreachable() Rule {
	return Rule{
		Code:     "connect-unreachable",
		Level:    flow.LevelProblem,
		Meaning:  "There is no way to any address of an AWS host.",
		HowKnown: "Every connect ended at once: no route, an ICMP unreachable, or a policy of this machine.",
		WhatElse: "A VPN that has just dropped, a split tunnel without the VPC's prefix, a firewall that rejects with ICMP.",
		Asks:     []flow.Ask{askNetworkTeam("A route from %f to %h (%a).")},
		Source:   "https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/split-tunnel-vpn.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return !reached(f) && allAttempts(f.Conn, flow.DialUnreachable)
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:      fmt.Sprintf("%s: no way there: consistent with a missing route", list(g.hosts(), "")),
				Because:    append(g.tried(), elsewhereFacts(g)...),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"a VPN that has just gone down: its interface is missing",
					"a firewall that rejects with ICMP: over IPv4 it looks like a missing route, so its own log has to tell",
				},
				Try: texts("ip route get " + g.addresses()[0]),
			}
		},
	}
}

// outsideAWS says that an address looks public and isn't AWS's.
func outsideAWS(f *flow.Flow) []string {
	if f.Conn.Resolution == nil || !f.Conn.Resolution.OutsideAWS() {
		return nil
	}
	return []string{fmt.Sprintf("%s has addresses in none of the ranges that AWS publishes: they may be of a VPC all the same", hostOf(f))}
}

// onLink says that an address that was tried is in this machine's own network.
func onLink(f *flow.Flow) (out []string) {
	for _, a := range f.Conn.Attempts {
		to, from := a.Addr.Addr(), a.Local.Addr()
		if !from.IsValid() || !to.Is4() || !from.Is4() || to == from {
			continue
		}
		if near, err := from.Prefix(24); err == nil && near.Contains(to) && flow.ScopeOf(to).InVPC() {
			out = append(out, fmt.Sprintf("%s is next to this machine's own %s: a local network with the VPC's addresses", to, from))
		}
	}
	return out
}

// tried lists what became of the attempts, one line an address.
func (g group) tried() []string {
	return g.distinct(func(f *flow.Flow) []string {
		var out []string
		for _, a := range f.Conn.Attempts {
			s := fmt.Sprintf("%s at %s (%s): ", hostOf(f), a.Addr, flow.ScopeOf(a.Addr.Addr()))
			switch a.Outcome {
			case flow.DialRefused, flow.DialUnreachable, flow.DialReset, flow.DialError:
				out = append(out, s+string(a.Outcome)+", "+clean(a.Err))
			case flow.DialPending, flow.DialConnected, flow.DialTimeout, flow.DialLost, flow.DialCanceled:
			}
		}
		return out
	})
}

// elsewhereFacts is what works at the same time, without the judgement.
func elsewhereFacts(g group) []string {
	if n := len(g.all.publicHosts) + len(g.all.privateHosts); n > 0 {
		return []string{fmt.Sprintf("%s answered at the same time", wording.Count(n, "other AWS host"))}
	}
	return nil
}
