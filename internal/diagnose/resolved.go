package diagnose

import "detour/internal/flow"

// resolve marks a finding as resolved if each of its hosts has responded since, over a
// newer connection; where responses are the problem, if each call has succeeded since.
func (g group) resolve(f *flow.Finding, r Rule) {
	if r.tier == tierAnswer {
		g.resolveAnswers(f)
		return
	}
	if r.lasting || r.informational {
		return
	}
	last := make(map[*hostRecord]*flow.Flow)
	for _, x := range g.Set {
		last[g.all.hosts.of(x)] = x
	}
	for h, x := range last {
		ok := h.lastAnswer
		if ok == nil || ok.ID < x.ID || x.Conn != nil && ok.Conn.Start.Before(x.Conn.Start) {
			return
		}
	}
	f.Level, f.Resolved = flow.LevelNotice, true
	f.Because = append(f.Because, "each of these hosts has responded since")
}

func (g group) resolveAnswers(f *flow.Finding) {
	for _, x := range g.Set {
		if g.all.hosts.of(x).lastSuccess[operationOf(x)] < x.ID {
			return
		}
	}
	f.Level, f.Resolved = flow.LevelNotice, true
	f.Because = append(f.Because, "each of these calls has succeeded since")
}
