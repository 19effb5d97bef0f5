package ui

import (
	"fmt"
	"strconv"

	"detour/internal/flow"
	"detour/ui/mask"
	"detour/ui/text"
)

// draw lays the screen out and draws it. From the top: what runs, what is
// shown, the first finding, the table and the pane beside it, the outcome of
// the last key, and the keys that work now.
func (a *app) draw(c canvas) {
	a.screen.HideCursor()
	a.areas = a.areas[:0]
	if c.w < 24 || c.h < 6 {
		c.put(0, 0, c.w, "detour: window too small", tonePlain)
		return
	}
	a.header(c.part(0, 0, c.w, 2))
	y := 2
	for _, l := range a.banner(c.w, c.h) {
		c.bare().put(0, y, c.w, l.text, l.tone)
		y++
	}
	asked := a.question(c.w)
	lines := max(1, min(len(asked), c.h-y-2)) // of the status
	a.body(c.part(0, y, c.w, c.h-y-1-lines))
	a.status(c.part(0, c.h-1-lines, c.w, lines), asked)
	a.footer(c.part(0, c.h-1, c.w, 1))
	a.animate.Store(!a.frozen.Load() && a.m.running() || a.flash.text != "" || a.news.text != "" || a.errand != nil)
}

// body draws the table and the second pane, or the help.
func (a *app) body(c canvas) {
	if a.help {
		a.textArea(c, &a.helping, 0)
		a.pane(c, 1, "keys", lay(a.helpLines(), c.w, reading{mask: a.reading.mask}), &a.helping, true)
		return
	}
	if a.form != nil {
		a.pane(c, 1, "export", lay(a.formLines(), c.w, reading{mask: a.reading.mask}), &a.form.scroll, true)
		return
	}
	table, beside := a.split(c)
	if a.chooser != nil {
		table, beside = a.splitChooser(c)
		a.pane(beside, 1, "columns", lay(a.chooserLines(), beside.w, reading{cut: true}), &a.chooser.scroll, true)
	}
	if table.h > 0 && table.w > 0 {
		switch {
		case len(a.m.rows) == 0:
			a.empty(table)
		case a.m.view.group != "":
			table.groups(a.m)
		default:
			a.learnRows(table.h)
			table.grid(a.m, a.columns().columns(a.layouts, table.w))
		}
		a.tableArea(table)
	}
	if a.chooser != nil {
		return
	}
	switch a.beside {
	case onDetail:
		f := a.shown()
		if f == nil {
			a.pane(beside, 1, "detail", lay([]line{{text: "no row is selected", tone: toneDim}}, beside.w, a.reading), &a.detail, a.focus == onDetail)
			return
		}
		a.textArea(beside, &a.detail, onDetail)
		a.pane(beside, 2, a.detailTitle(f), a.detailLines(f, beside.w), &a.detail, a.focus == onDetail)
		a.tabBar(beside.part(0, 1, beside.w, 1))
	case onFindings:
		a.textArea(beside, &a.finds, onFindings)
		a.pane(beside, 1, "findings", lay(findingsPage(a.m.findings, a.finding), beside.w, a.reading), &a.finds, a.focus == onFindings)
	case onCompared:
		x := a.diff
		a.textArea(beside, &x.scroll, onCompared)
		a.pane(beside, 1, "compared with "+x.file, x.lines(beside.w, a.reading), &x.scroll, a.focus == onCompared)
	case onTable, onGroups:
	}
}

// A placement is where the second pane is.
type placement uint8

const (
	below   placement = iota // a high screen: the table keeps all its columns
	atRight                  // a wide one
	inPlace                  // a small one: instead of the table, while it has the keys
)

// placeOf chooses by the size of the whole screen, so that nothing jumps when a finding comes up.
func placeOf(w, h int) placement {
	switch {
	case h >= 30:
		return below
	case w >= 170:
		return atRight
	}
	return inPlace
}

// split divides the body between the table and the second pane; either may get nothing.
func (a *app) split(c canvas) (table, beside canvas) {
	nothing := c.part(0, 0, 0, 0)
	if a.beside == 0 {
		return c, nothing
	}
	switch placeOf(a.screen.Size()) {
	case below:
		h := c.h * 2 / 5
		return c.part(0, 0, c.w, h), c.part(0, h, c.w, c.h-h)
	case atRight:
		w := c.w * 3 / 5
		return c.part(0, 0, w-1, c.h), c.part(w, 0, c.w-w, c.h)
	case inPlace:
		if a.focus != onTable {
			return nothing, c
		}
	}
	return c, nothing
}

// A laidDetail is a page of the detail as it was made and laid out last. One that is
// over looks the same at the next frame, and scrolling or searching needn't make it anew.
type laidDetail struct {
	flow     *flow.Flow
	tab      int
	findings []flow.Finding // all, not just those about the flow
	mask     *mask.Masker
	rev      int // of the veil
	step     string
	probed   *probed
	page     page
	width    int
	reading  reading
	lines    []laidLine
}

func (a *app) detailLines(f *flow.Flow, w int) []laidLine {
	l, t, x, step := &a.laid, a.tabs[a.tab], a.probed[hostOf(f)], a.m.stepOf(f)
	if l.flow != f || l.tab != a.tab || t.moves && !f.Final() || l.mask != a.reading.mask || l.step != step || l.probed != x || !sameFindings(l.findings, a.m.findings) {
		*l = laidDetail{flow: f, tab: a.tab, findings: a.m.findings, mask: a.reading.mask, step: step, probed: x}
		whole := a.whole(f)
		a.reading.mask.Learn(whole)
		l.page = t.page(subject{whole, a.m.about(f), a.m.now, l.mask != nil, step, x})
	}
	if rev := a.reading.mask.Revision(); l.lines == nil || l.width != w || l.reading != a.reading || l.rev != rev {
		l.width, l.reading, l.rev, l.lines = w, a.reading, rev, lay(l.page, w, a.reading)
	}
	return l.lines
}

// tabBar draws the names of the tabs, the chosen one in brackets. Digits choose them
// while the pane has the keys; where names don't fit, the others have their digits alone.
func (a *app) tabBar(c canvas) {
	digits := a.focus == onDetail
	all := 0
	for _, t := range a.tabs {
		all += len("[1 ") + text.Width(t.name) + len("]")
	}
	x := 0
	for i, t := range a.tabs {
		name := t.name
		switch digit := strconv.Itoa(i + 1); {
		case i != a.tab && all > c.w:
			name = digit
		case digits:
			name = digit + " " + name
		}
		text, tone, from := " "+name+" ", toneDim, x
		if i == a.tab {
			text, tone = "["+name+"]", toneHead
		}
		x += c.put(x, 0, c.w-x, text, tone)
		a.area(c.part(from, 0, x-from, 1), func(int) {
			a.focus = onDetail
			a.turn(i - a.tab)
		}, nil)
	}
}

// whole is f with its header fields. The Source's revision may be newer where the
// picture is frozen, but what is over differs in its mark at most.
func (a *app) whole(f *flow.Flow) *flow.Flow {
	if f.Final() {
		if g := a.src.Get(f.ID); g != nil {
			return g
		}
	}
	return f
}

// pane draws a text pane beneath its title, from line top on.
func (a *app) pane(c canvas, top int, title string, ls []laidLine, s *scroll, focused bool) {
	if c.w == 0 || c.h == 0 {
		return
	}
	c.part(0, top, c.w, c.h-top).lines(ls, s)
	t := toneDim
	if focused {
		t = toneAccent
	}
	c.rule(0, 0, c.w, t)
	x := 1
	if focused {
		x += c.put(x, 0, 2, "▸", t)
	}
	where := s.where()
	if r := a.reading; r.find != "" && len(s.hits) == 0 && s != &a.helping {
		where = "not found"
		switch {
		case r.mask != nil:
			where += " in what isn't masked"
		case s == &a.detail && a.laid.page.partial():
			where += " in the part that is shown"
		}
	}
	c.put(x, 0, c.w-x-text.Width(where)-4, " "+title+" ", t)
	if where != "" {
		c.right(0, 0, c.w-1, " "+where+" ", c.th[t])
	}
}

func (a *app) detailTitle(f *flow.Flow) string {
	name := callHostCell(a.m.row(f)).text
	if a.m.cursor.gone {
		name += " (no longer kept)"
	}
	return fmt.Sprintf("#%d %s", f.ID, name)
}

// empty says why there is no row, and what to do about it.
func (a *app) empty(c canvas) {
	var ls, hint []string
	if a.opt.Hint != nil {
		hint = a.opt.Hint()
	}
	switch n := len(a.m.flows); {
	case n > 0 && !a.m.filter.Empty():
		ls = []string{fmt.Sprintf("Nothing matches %q.", a.reading.mask.Typed(a.m.filter.Text())), "", "Esc takes the filter away."}
	case n > 0 && a.m.view.name == "calls":
		ls = []string{"No AWS call yet.", "", "a shows the " + count(n, "other flow") + " that came through."}
	case n > 0:
		ls = []string{"No " + a.m.view.noun + " yet.", "", "a shows the " + count(n, "flow") + " that came through."}
	case len(hint) > 0:
		ls = append([]string{"Nothing has come through yet.", ""}, hint...)
	default:
		ls = []string{
			"Nothing has come through yet.", "",
			"Open a page of the AWS Management Console in a browser that uses this proxy.",
			"Each call that the page makes becomes a row here, while it happens.",
		}
	}
	y := max(0, (c.h-len(ls))/3)
	for _, l := range ls {
		for _, s := range text.Wrap(a.reading.clean(l), c.w-8) {
			c.bare().put(4, y, c.w-8, s, tonePlain)
			y++
		}
	}
}

// question is what a menu asks, whole, in lines of w cells.
func (a *app) question(w int) []string {
	if a.menu == nil || a.prompt.open() {
		return nil
	}
	return text.Wrap(a.reading.clean(a.menu.title), w)
}

// covered reports whether something is in the place of table and panes that has keys of
// its own.
func (a *app) covered() bool { return a.help || a.form != nil || a.chooser != nil }

// status is the line above the keys: what is being typed, else the
// outcome of the last action, else the selected request in full. What is asked takes
// as many lines as it needs.
func (a *app) status(c canvas, asked []string) {
	if a.prompt.open() {
		a.promptLine(c)
		return
	}
	if a.menu != nil {
		for y, s := range asked {
			c.bare().put(0, y, c.w, s, toneKey)
		}
		return
	}
	if f := a.flash; f.text != "" && a.opt.Now().Sub(f.at) < flashFor {
		c.put(0, 0, c.w, f.text, f.tone)
		return
	}
	a.flash = flash{}
	if e := a.errand; e != nil && e.what != "" {
		c.put(0, 0, c.w, e.under(a.opt.Now()), toneKey)
		return
	}
	if a.tellsNews(c) {
		return
	}
	if a.m.view.group == "" && a.m.cursor.following() || a.help || a.shown() == nil {
		return
	}
	f := a.shown()
	method, _ := text.Head(f.Request.Method, text.MaxCell)
	url, _ := text.Head(f.Request.URL, text.MaxLine)
	c.put(0, 0, c.w, fmt.Sprintf("#%d %s %s", f.ID, method, url), toneDim)
}
