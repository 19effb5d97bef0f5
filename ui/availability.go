package ui

import "cmp"

// explained returns actions of which the nil ones have the general reason, unless they have their
// own.
func (act Actions) explained() Actions {
	for _, why := range []*string{
		&act.Probe.Unavailable, &act.Probe.NoCounterfactual, &act.Probe.NoReference,
		&act.Browse.Unavailable, &act.Account.Unavailable, &act.Share.Unavailable,
	} {
		*why = cmp.Or(*why, act.Unavailable)
	}
	return act
}

// unavailable says why an action is nil: the general reason, or what is true of this one.
func (s *screenState) unavailable(why string) string { return cmp.Or(s.act.Unavailable, why) }

func (s *screenState) noDetail() string {
	if s.panes.second != onDetail {
		return "no detail is open; Enter opens it"
	}
	return ""
}

func (s *screenState) noGroup() string {
	if len(s.m.groups) == 0 {
		return "there are no groups yet"
	}
	return ""
}

func (s *screenState) noRow() string {
	if s.shown() == nil {
		return "there are no rows yet"
	}
	return ""
}

func (s *screenState) noFinding() string {
	if len(s.m.findings) == 0 {
		return "there are no findings"
	}
	return ""
}

func (s *screenState) noPane() string {
	if s.panes.focus == onTable && s.panes.second == 0 {
		return s.noRow()
	}
	return ""
}

func (s *screenState) follows() string {
	if s.m.cursor.following() {
		return "already following the newest row"
	}
	return ""
}

func forRows() string { return "it works on one flow; Enter shows the flows of the group" }
