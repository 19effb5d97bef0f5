package ui

import (
	"detour/internal/flow"
	"detour/ui/pane"
)

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

// tellNews says that there is a new problem, for a while and until a key shows it. What
// the problem is, the banner says if it is the first one.
func (a *app) tellNews() {
	f, ok := a.watch.fresh(a.m.findings)
	if !ok {
		return
	}
	text := "a new problem"
	if first := a.m.findings[0]; first.Code != f.Code || first.Title != f.Title {
		text += ": " + f.Title
	}
	a.news = flash{text, pane.Bad, a.opt.Now()}
}

// tellsNews writes the news, if there are any. They wait for what covers the table: its
// keys are others there.
func (a *app) tellsNews(c pane.Canvas) bool {
	f := &a.news
	switch {
	case f.text == "":
		return false
	case a.covered():
		f.at = a.opt.Now()
		return false
	case a.opt.Now().Sub(f.at) >= flashFor || a.focus == onFindings:
		*f = flash{}
		return false
	}
	const how = "; ! shows it"
	x := c.Put(0, 0, c.W-len(how), "! "+f.text, f.tone)
	c.Put(x, 0, c.W-x, how, pane.Key)
	return true
}
