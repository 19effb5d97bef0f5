package ui

import (
	"detour/internal/flow"
	"detour/ui/pane"
)

// problemCounts tells new problems from known ones. Titles and hosts of a finding may
// change, so it counts the findings of each code.
type problemCounts map[string]int

// fresh returns the first problem that is new, if there is one. At the first call, nothing
// is new.
func (w *problemCounts) fresh(fs []flow.Finding) (f flow.Finding, ok bool) {
	first := *w == nil
	if first {
		*w = problemCounts{}
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

// watch reports a new problem. The notice stays for a while, or until a key shows
// the findings. It doesn't repeat the title that the banner shows.
func (n *notifier) watch(fs []flow.Finding) {
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

// draw draws the notice of a new problem, if there is one. It waits while something
// covers the table, whose keys differ.
func (n *notifier) draw(c pane.Canvas, covered, seen bool) bool {
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
