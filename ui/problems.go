package ui

import (
	"detour/internal/flow"
	"detour/ui/pane"
)

// A problemCount tells problems that are new from those that were there. Titles and
// hosts of a finding change while it speaks, so what counts is how many there are of a code.
type problemCount map[string]int

// fresh returns the first problem that there weren't as many of before; ok is
// false if there is none. What the first look finds isn't new.
func (w *problemCount) fresh(fs []flow.Finding) (f flow.Finding, ok bool) {
	first := *w == nil
	if first {
		*w = problemCount{}
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

// watchFindings says that there is a new problem, for a while and until a key shows it. What
// the problem is, the banner says if it is the first one.
func (n *notices) watchFindings(fs []flow.Finding) {
	f, ok := n.known.fresh(fs)
	if !ok {
		return
	}
	text := "a new problem"
	if first := fs[0]; first.Code != f.Code || first.Title != f.Title {
		text += ": " + f.Title
	}
	n.news = notice{text, pane.Bad, n.now()}
}

// drawNews writes the news, if there are any. They wait for what covers the table: its
// keys are others there.
func (n *notices) drawNews(c pane.Canvas, covered, seen bool) bool {
	f := &n.news
	switch {
	case f.text == "":
		return false
	case covered:
		f.at = n.now()
		return false
	case n.now().Sub(f.at) >= noticeFor || seen:
		*f = notice{}
		return false
	}
	const how = "; ! shows it"
	x := c.Put(0, 0, c.W-len(how), "! "+f.text, f.tone)
	c.Put(x, 0, c.W-x, how, pane.Key)
	return true
}
