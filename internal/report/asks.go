package report

import (
	"detour/internal/diagnose"
	"detour/internal/flow"
)

// asks are who has to act on each problem, and on what.
func (s survey) asks() part {
	p := part{ID: "next", Title: diagnose.HeadAsks}
	for _, f := range s.Findings[:min(len(s.Findings), maxFindings)] {
		if f.Level != flow.LevelProblem || f.Resolved {
			continue
		}
		f = bounded(f)
		if len(f.Asks) == 0 {
			f.Asks = []flow.Ask{{Of: flow.EndpointUser, What: "Look at the finding: " + f.Title + "."}}
		}
		for i, a := range f.Asks {
			b := block{Title: string(a.Of), Note: a.What}
			if i == 0 {
				b.Steps = diagnose.Steps(f.Try)
			}
			p.Blocks = append(p.Blocks, b)
		}
	}
	if len(p.Blocks) == 0 {
		p.Blocks = []block{{Note: "Nobody: there is no problem."}}
	}
	return p
}
