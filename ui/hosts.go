package ui

import "detour/internal/flow"

// hosts counts, for each AWS host, how its finished flows ended. It is kept up to date flow
// by flow, since counting anew would touch every flow at every frame.
type hosts map[string]hostCount

type hostCount struct{ works, fails int }

// count adds f, or takes it away again with n = -1.
func (h hosts) count(f *flow.Flow, n int) {
	if !f.Final() || f.Origin == flow.OriginOther || f.Origin == "" {
		return
	}
	var d hostCount
	switch {
	case broken(f) && f.Failure.Stage != flow.StageProxy:
		d.fails = n
	case f.Response != nil && inAPI(f.Origin):
		d.works = n
	default:
		return
	}
	host := hostOf(f)
	c := h[host]
	c.works, c.fails = c.works+d.works, c.fails+d.fails
	if c == (hostCount{}) {
		delete(h, host)
		return
	}
	h[host] = c
}

// inAPI reports whether calls of AWS APIs have this origin.
func inAPI(o flow.Origin) bool { return o == flow.OriginConsole || o == flow.OriginDirect }

// verdict counts the hosts that answered and those that failed at least once,
// or keep a connection waiting now.
func (m *model) verdict() (works, fails int) {
	waiting := make(map[string]bool)
	for _, i := range m.pending {
		if f := m.flows[i]; stuck(f, m.now) && f.Origin != flow.OriginOther {
			waiting[hostOf(f)] = true
		}
	}
	for host, c := range m.hosts {
		switch {
		case c.fails > 0 || waiting[host]:
			waiting[host] = true
		default:
			works++
		}
	}
	return works, len(waiting)
}
