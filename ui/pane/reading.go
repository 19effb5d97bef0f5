package pane

import (
	"detour/ui/mask"
	"detour/ui/text"
)

// A Reading is how the text panes are read. The zero value wraps lines, searches for
// nothing and masks nothing.
type Reading struct {
	Find string       // what is searched for; "": nothing
	Cut  bool         // lines are cut at the edge instead of wrapped
	Mask *mask.Masker // nil: nothing is masked
}

// Clean returns s masked and cleaned, as it may be shown.
func (r Reading) Clean(s string) string { return text.Clean(r.Mask.Text(s)) }

// text is the text of a line as it may be shown.
func (r Reading) text(l Line) string {
	s := l.Text
	if l.host {
		s = r.Mask.Host(s)
	}
	if l.cut > 0 {
		s = r.Mask.Cut(s)
	}
	return text.Clean(l.whole(r.Mask.Text(s)))
}
