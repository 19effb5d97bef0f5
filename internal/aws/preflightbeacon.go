package aws

import (
	"slices"

	"detour/internal/flow"
)

// byBeacon returns the preflights that beacons are about. A measure that a call explains which
// was sent is about that call. Preflights and the measures that may be about them make groups:
// where each preflight of a group has a measure, the operations of the group are named.
func (p *Preflights) byBeacon() map[*asked]*flow.PreflightOf {
	about := make(map[*asked][]int) // the measures that may be about a preflight
	of := make([][]*asked, len(p.measures))
	for i, m := range p.measures {
		if p.explained(m) {
			continue
		}
		of[i] = p.candidates(m)
		for _, a := range of[i] {
			about[a] = append(about[a], i)
		}
	}
	out := make(map[*asked]*flow.PreflightOf)
	seen := make(map[*asked]bool)
	for _, first := range p.asked {
		if seen[first] || len(about[first]) == 0 {
			continue
		}
		group, measures := []*asked{first}, map[int]bool{}
		seen[first] = true
		for i := 0; i < len(group); i++ {
			for _, m := range about[group[i]] {
				measures[m] = true
				for _, a := range of[m] {
					if !seen[a] {
						seen[a] = true
						group = append(group, a)
					}
				}
			}
		}
		if len(measures) < len(group) { // some of them are about no preflight of these
			continue
		}
		named := &flow.PreflightOf{By: flow.PreflightByBeacon}
		for m := range measures {
			if op := p.measures[m].operation; !slices.Contains(named.Operations, op) {
				named.Operations = append(named.Operations, op)
			}
		}
		slices.Sort(named.Operations)
		for _, a := range group {
			out[a] = named
		}
	}
	return out
}

// explained reports whether a measure may be about a call that was sent, or about a preflight
// whose call is known.
func (p *Preflights) explained(m reported) bool {
	for _, c := range p.calls {
		if c.operation == m.operation && m.mayBe(c.span) {
			return true
		}
	}
	for _, a := range p.asked {
		if a.of == m.operation && m.mayBe(a.span) {
			return true
		}
	}
	return false
}

// candidates are the preflights without a response that a measure may be about.
func (p *Preflights) candidates(m reported) (out []*asked) {
	atOnce := false
	for _, a := range p.asked {
		if !a.unanswered() || a.of != "" || a.site != m.site || !m.mayBe(a.span) || !haveOperation(p.tables, a.services, m.operation) {
			continue
		}
		out = append(out, a)
		atOnce = atOnce || m.at.Sub(a.span.end) <= beaconAtOnce
	}
	if atOnce {
		out = slices.DeleteFunc(out, func(a *asked) bool { return m.at.Sub(a.span.end) > beaconAtOnce })
	}
	return out
}

// mayBe reports whether a measure may be about what took this time: it was reported after its
// end, and as long. The page measures from before the request is sent until it is told of the
// end.
func (m reported) mayBe(s span) bool {
	if s.end.IsZero() {
		return false
	}
	after, longer := m.at.Sub(s.end), m.took-s.end.Sub(s.start)
	return after >= -clockSlack && after <= beaconWithin && longer >= -clockSlack && longer <= max(beforeSent, m.took/20)
}
