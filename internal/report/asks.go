package report

import (
	"detour/internal/finding"
	"detour/internal/flow"
)

// asks are who has to act on each problem, and on what.
func (s survey) asks() part {
	p := part{ID: "next", Title: finding.HeadAsks}
	for _, f := range s.Findings[:min(len(s.Findings), maxFindings)] {
		if f.Level != flow.LevelProblem || f.Resolved {
			continue
		}
		f = bounded(f)
		if len(f.Asks) == 0 {
			f.Asks = []flow.Ask{{Of: flow.EndpointUser, What: "Look at the finding: " + f.Title + "."}}
		}
		for _, a := range f.Asks {
			p.Blocks = append(p.Blocks, block{Title: string(a.Of), Note: a.What})
		}
		if len(f.Try) > 0 { // not each is for each of them
			p.Blocks = append(p.Blocks, block{Title: finding.HeadNextSteps, Steps: finding.Steps(f.Try)})
		}
	}
	if len(p.Blocks) == 0 {
		p.Blocks = []block{{Note: "Nobody: there is no problem."}}
	}
	return p
}
