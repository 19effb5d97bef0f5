package ui

import "detour/internal/flow"

// A watch tells problems that are new from those that were there. Titles and
// hosts of a finding change while it speaks, so what counts is how many there are of a code.
type watch map[string]int

// fresh returns the first problem that there weren't as many of before; ok is
// false if there is none. What the first look finds isn't new.
func (w *watch) fresh(fs []flow.Finding) (f flow.Finding, ok bool) {
	first := *w == nil
	if first {
		*w = watch{}
	}
	count := map[string]int{}
	for _, x := range fs {
		if x.Level != flow.LevelProblem || x.Resolved {
			continue
		}
		if count[x.Code]++; count[x.Code] > (*w)[x.Code] {
			(*w)[x.Code] = count[x.Code]
			if !ok && !first {
				f, ok = x, true
			}
		}
	}
	return f, ok
}

// tellNews says that there is a new problem, for a while and until a key shows it.
func (a *app) tellNews() {
	if f, ok := a.watch.fresh(a.m.findings); ok {
		a.news = flash{"new problem: " + f.Title, toneBad, a.opt.Now()}
	}
}
