// Package nextstep has what a finding proposes to do next: sentences, and commands for the system
// of the machine that recorded the flows, or for AWS.
//
// It is pure, and may be called concurrently.
package nextstep

import (
	"net/netip"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

// A Group is the flows that steps are about.
type Group struct {
	flowset.Set
	System System // of the machine that made their connections
}

// Of returns a group of flows. An imported one is of a machine of which nothing is known.
func Of(flows flowset.Set, s System) Group {
	if flows.Each(ending.FromHAR) {
		s = System{}
	}
	return Group{flows, s}
}

// LookUp queries DNS on the machine for the group's first host.
func (g Group) LookUp(text string) flow.NextStep {
	return g.System.query(g.there(text), g.Host(), "", "")
}

// LookUpIPv6 queries DNS on the machine for the IPv6 address of the group's first host.
func (g Group) LookUpIPv6(text string) flow.NextStep {
	return g.System.query(g.there(text), g.Host(), "AAAA", "")
}

// Resolve asks the machine's system for the first host's addresses, as programs do.
func (g Group) Resolve(text string) flow.NextStep { return g.System.resolve(text, g.Host()) }

func (g Group) there(text string) string {
	if g.Each(ending.FromHAR) {
		return text + " on that machine"
	}
	return text
}

// LookUpAtNameserver sends the query to the nameserver that was used, if it is known.
func (g Group) LookUpAtNameserver(text string) flow.NextStep {
	if ns := g.Nameservers(); len(ns) > 0 {
		if ap, err := netip.ParseAddrPort(ns[0]); err == nil {
			return g.System.query(text, g.Host(), "", ap.Addr().String())
		}
	}
	return g.LookUp(text)
}

// Route shows the route to the first address that was tried.
func (g Group) Route() []flow.NextStep {
	to := g.Addresses()
	if len(to) == 0 {
		return nil
	}
	return g.System.route("Show the route that "+g.Machine()+" uses", to[0])
}
