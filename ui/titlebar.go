package ui

import (
	"cmp"
	"fmt"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/detail"
	"detour/ui/pane"
	"detour/ui/text"
	"detour/ui/views"
)

// drawHeader draws the top two lines: the run and the view. first and last are said around the facts;
// "": nothing.
func drawHeader(state *screenState, c pane.Canvas, first, last string) {
	x := c.Put(0, 0, c.W, "detour", pane.Head) + 1
	if state.opt.Badge != "" {
		x += c.Put(x, 0, c.W-x, " "+state.opt.Badge+" ", pane.Badge) + 1
	}
	if state.frozen.Load() {
		x += c.Put(x, 0, c.W-x, " FROZEN ", pane.Badge) + 1
	}
	if state.panes.reading.Mask.Hides() {
		x += c.Put(x, 0, c.W-x, " PRESENTER ", pane.Badge) + 1
	}
	place, t := positionText(state.m, state.opt.Recorded != nil && state.opt.Recorded())
	c.PutRight(x, 0, c.W-x, place, c.Theme[t])
	room := c.W - x - text.Width(place) - 1
	var facts []Fact
	if state.opt.Facts != nil {
		facts = state.opt.Facts()
	}
	var parts []segment
	if shared, t := state.act.Share.Head(); shared != "" {
		parts = append(parts, segment{shared, t})
	}
	if first != "" {
		parts = append(parts, segment{first, pane.Key})
	}
	for _, f := range facts {
		value, _ := text.Head(f.Value, text.MaxCell)
		parts = append(parts, segment{f.Name + " " + value, pane.Dim})
	}
	if last != "" {
		parts = append(parts, segment{last, pane.Key})
	}
	drawSegments(c.Part(x, 0, room, 1), 0, parts)
	drawSegments(c, 1, viewSegments(state))
}

// positionText is the position in the table. still says that nothing is added to it.
func positionText(m *model, still bool) (string, pane.Tone) {
	switch n := len(m.rows); {
	case m.view.group != "":
		if len(m.groups) == 0 {
			return "", pane.Plain
		}
		return fmt.Sprintf("%d of %s", m.group.at(m.groups)+1, wording.Count(len(m.groups), "group")), pane.Plain
	case still && n == 0:
		return "", pane.Plain
	case still && m.cursor.following():
		return fmt.Sprintf("row %d of %[1]d", n), pane.Plain
	case m.cursor.following():
		return "following", pane.Good
	default:
		i := m.find(m.cursor.id)
		if i == n || m.rows[i].ID != m.cursor.id {
			return fmt.Sprintf("#%d not shown · %s", m.cursor.id, wording.Count(n, "row")), pane.Warn
		}
		return fmt.Sprintf("row %d of %d", i+1, n), pane.Plain
	}
}

// A segment is a part of a line that is shown whole or not at all.
type segment struct {
	text string
	tone pane.Tone
}

// drawSegments draws the parts that fit, in their order, with dots between them. The first
// one is cut rather than omitted.
func drawSegments(c pane.Canvas, y int, parts []segment) {
	x := 0
	for i, s := range parts {
		gap := 0
		if x > 0 {
			gap = 3
		}
		if i > 0 && x+gap+text.Width(text.Clean(s.text)) > c.W {
			continue
		}
		if gap > 0 {
			x += c.Put(x, y, gap, " · ", pane.Dim)
		}
		x += c.Put(x, y, c.W-x, s.text, s.tone)
	}
}

// viewSegments says which flows are shown, and how the hosts do.
func viewSegments(state *screenState) []segment {
	m := state.m
	if len(m.flows) == 0 {
		return nil
	}
	what := m.view.noun
	var out []segment
	if !m.filter.Empty() {
		typed := state.panes.reading.Mask.Typed(m.filter.Text())
		out = append(out, segment{fmt.Sprintf("/%s: %d of %s", typed, len(m.rows), wording.Count(m.viewed, what)), pane.Warn})
	} else {
		out = append(out, segment{wording.Count(m.viewed, what), pane.Head})
	}
	if hidden := len(m.flows) - m.viewed; hidden > 0 {
		out[0].text += fmt.Sprintf(", %d hidden (a: all)", hidden)
	} else if m.view.name == views.Every {
		out[0].text += " (a: AWS calls)"
	}
	switch {
	case m.view.set != "":
		out = append(out, segment{m.view.set + " (Esc: back)", pane.Warn})
	case m.within != nil:
		out = append(out, segment{withinText(state) + " (Esc: all)", pane.Warn})
	case m.view.group != "":
		out = append(out, segment{"by " + m.view.group, pane.Head})
	}
	if o := m.shownOrder(); o.Column != "" {
		out = append(out, segment{"sorted by " + o.Column + o.Arrow(), pane.Warn})
	}
	if m.undecoded > 0 {
		out = append(out, segment{wording.Count(m.undecoded, "call") + " undecoded", pane.Dim})
	}
	works, fails := m.verdict()
	if fails.All > 0 { // first, in case there isn't room for both
		out = append(out, segment{"fails: " + fails.String(), pane.Bad})
	}
	if works.All > 0 {
		out = append(out, segment{"works: " + works.String(), pane.Good})
	}
	if n := len(m.pending); n > 0 {
		out = append(out, segment{fmt.Sprintf("%d pending", n), pane.Dim})
	}
	if n := m.elsewhere; n > 0 && m.view.leavesOut {
		out = append(out, segment{wording.Count(n, "request") + " to other hosts failed", pane.Dim})
	}
	return out
}

// withinText names the group whose flows are shown, short enough for a narrow screen.
func withinText(state *screenState) string {
	const most = 36 // cells
	by := state.m.within.by
	key, _ := text.Head(state.m.within.key, text.MaxCell)
	key = by.Short(state.panes.reading.Mask, state.domains, key, most)
	return by.Name + " " + cmp.Or(key, "(none)")
}

// banner is the most important finding, in one to three lines. On a small screen it leaves
// the room to whatever takes the table's place.
func (a *app) banner(w, h int) []pane.Line {
	fs := a.m.findings
	covered := a.covered() || a.panes.focus != onTable
	if len(fs) == 0 || h < 12 || covered && placeOf(w, h) == inPlace {
		return nil
	}
	f := fs[0]
	sign, t := "i ", pane.Warn
	if f.Level == flow.LevelProblem {
		sign, t = "! ", pane.Bad
	}
	word := detail.LevelWord(f)
	if len(fs) > 1 {
		word += fmt.Sprintf(" (first of %d findings)", len(fs))
	}
	most := 2
	if w < 120 && h >= 20 {
		most = 3
	}
	title, _ := text.Head(f.Title, text.MaxCell)
	texts := text.Wrap(a.panes.reading.Clean(sign+word+": "+title), w-2)
	if len(texts) > most {
		texts[most-1] = text.Fit(texts[most-1]+" "+texts[most], w-2)
		texts = texts[:most]
	}
	var out []pane.Line
	for i, s := range texts {
		if i > 0 {
			s = "  " + s
		}
		out = append(out, pane.Line{Text: s, Tone: t})
	}
	return out
}
