package diagnose

import (
	"cmp"
	"strings"

	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
	"detour/internal/wording"
)

func askNetworkTeam(what string) flow.Ask  { return flow.Ask{Of: flow.NetworkTeam, What: what} }
func askAccountOwner(what string) flow.Ask { return flow.Ask{Of: flow.AccountOwner, What: what} }
func askEndpointUser(what string) flow.Ask { return flow.Ask{Of: flow.EndpointUser, What: what} }

// A placeholder of an ask: its verb, the facts that it stands for, and what stands
// there if none is known.
type placeholder struct {
	verb    string
	facts   func(g group) []string
	unknown string
}

func placeholders() []placeholder {
	return []placeholder{
		{"%h", group.Hosts, "the hosts"},
		{"%a", group.Addresses, "address unknown"},
		{"%f", group.Sources, ""},
		{"%t", group.Ports, "443"},
		{"%n", group.Nameservers, "the nameserver"},
		{"%e", group.EndpointServices, "that service"},
		{"%p", group.Proxies, "in use"},
		{"%o", group.Operations, "the operation"},
		{"%i", group.actions, "the action that the error names"},
		{"%r", group.RequestIDs, "none known"},
	}
}

// asks are a rule's or a finding's, with the facts of the group in them.
func (g group) asks(asks []flow.Ask) []flow.Ask {
	out := make([]flow.Ask, len(asks))
	for i, a := range asks {
		if len(g.Addresses()) == 0 {
			a.What = strings.ReplaceAll(a.What, " (%a)", "")
		}
		pairs := []string{"%m", g.Machine()}
		for _, p := range placeholders() {
			if strings.Contains(a.What, p.verb) {
				pairs = append(pairs, p.verb, clean(cmp.Or(wording.Some(p.facts(g), flowset.MaxNamed), p.unknown, g.Machine())))
			}
		}
		out[i] = flow.Ask{Of: a.Of, What: strings.NewReplacer(pairs...).Replace(a.What)}
	}
	return out
}
