package diagnose

import (
	"cmp"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// maxNamed is how many hosts, addresses or operations an ask names.
const maxNamed = 12

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
		{"%h", group.hosts, "the hosts"},
		{"%a", group.addresses, "address unknown"},
		{"%f", group.sources, ""},
		{"%t", group.ports, "443"},
		{"%n", group.nameservers, "the nameserver"},
		{"%e", group.endpointServices, "that service"},
		{"%p", group.proxies, "in use"},
		{"%o", group.operations, "the operation"},
		{"%i", group.actions, "the action that the error names"},
		{"%r", group.requestIDs, "none known"},
	}
}

// asks are a rule's or a finding's, with the facts of the group in them.
func (g group) asks(asks []flow.Ask) []flow.Ask {
	out := make([]flow.Ask, len(asks))
	for i, a := range asks {
		if len(g.addresses()) == 0 {
			a.What = strings.ReplaceAll(a.What, " (%a)", "")
		}
		pairs := []string{"%m", g.machine()}
		for _, p := range placeholders() {
			if strings.Contains(a.What, p.verb) {
				pairs = append(pairs, p.verb, clean(cmp.Or(wording.Some(p.facts(g), maxNamed), p.unknown, g.machine())))
			}
		}
		out[i] = flow.Ask{Of: a.Of, What: strings.NewReplacer(pairs...).Replace(a.What)}
	}
	return out
}

func (g group) proxies() []string {
	return g.distinct(func(f *flow.Flow) []string {
		if f.Conn == nil {
			return nil
		}
		return []string{f.Conn.UpstreamProxy}
	})
}

// operations are the calls with their services: "monitoring:GetMetricData".
func (g group) operations() []string {
	return g.distinct(func(f *flow.Flow) []string {
		if f.AWS == nil || f.AWS.Operation == "" {
			return nil
		}
		return []string{f.AWS.Service + ":" + f.AWS.Operation}
	})
}

func (g group) requestIDs() []string {
	return g.distinct(func(f *flow.Flow) []string {
		if f.AWS == nil {
			return nil
		}
		return []string{f.AWS.RequestID}
	})
}
