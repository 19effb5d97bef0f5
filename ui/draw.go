package ui

import (
	"fmt"
	"strconv"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/detail"
	"detour/ui/mask"
	"detour/ui/pane"
	"detour/ui/table"
	"detour/ui/text"
)

// draw draws the whole screen. From the top: the run, the view, the most important finding,
// the table and the second pane, the outcome of the last action, and the keys that apply.
func (a *app) draw(c pane.Canvas) {
	a.screen.HideCursor()
	a.mouse.areas = a.mouse.areas[:0]
	if c.W < 24 || c.H < 6 {
		c.Put(0, 0, c.W, "detour: window too small", pane.Plain)
		return
	}
	a.header(c.Part(0, 0, c.W, 2))
	y := 2
	for _, l := range a.banner(c.W, c.H) {
		c.Unmasked().Put(0, y, c.W, l.Text, l.Tone)
		y++
	}
	asked := a.question(c.W, a.reading.Clean)
	lines := max(1, min(len(asked), c.H-y-2)) // of the status line
	a.body(c.Part(0, y, c.W, c.H-y-1-lines))
	a.status(c.Part(0, c.H-1-lines, c.W, lines), asked)
	a.footer(c.Part(0, c.H-1, c.W, 1))
	a.animate.Store(!a.frozen.Load() && a.m.running() || a.outcome.text != "" || a.news.text != "" || a.current != nil)
}

// body draws the table and the second pane, or what takes their place.
func (a *app) body(c pane.Canvas) {
	if a.help {
		a.textArea(c, &a.helping, 0)
		a.pane(c, 1, "keys", pane.Layout(a.helpLines(), c.W, pane.Reading{Mask: a.reading.Mask}), &a.helping, true)
		return
	}
	if a.form != nil {
		a.pane(c, 1, "export", pane.Layout(a.formLines(), c.W, pane.Reading{Mask: a.reading.Mask}), &a.form.scroll, true)
		return
	}
	table, second := a.split(c)
	if a.chooser != nil {
		table, second = a.splitChooser(c)
		a.pane(second, 1, "columns", pane.Layout(a.chooserLines(), second.W, pane.Reading{Cut: true}), &a.chooser.scroll, true)
	}
	if table.H > 0 && table.W > 0 {
		switch {
		case len(a.m.rows) == 0:
			a.empty(table)
		case a.m.view.group != "":
			a.drawGroups(table)
		default:
			a.learnRows(table.H)
			a.drawRows(table)
		}
		a.tableArea(table)
	}
	if a.chooser != nil {
		return
	}
	switch a.second {
	case onDetail:
		f := a.shown()
		if f == nil {
			nothing := []pane.Line{{Text: "no row is selected", Tone: pane.Dim}}
			a.pane(second, 1, "detail", pane.Layout(nothing, second.W, a.reading), &a.detail, a.focus == onDetail)
			return
		}
		a.textArea(second, &a.detail, onDetail)
		a.pane(second, 2, a.detailTitle(f), a.detailLines(f, second.W), &a.detail, a.focus == onDetail)
		a.tabBar(second.Part(0, 1, second.W, 1))
	case onFindings:
		a.textArea(second, &a.finds, onFindings)
		a.pane(second, 1, "findings", pane.Layout(detail.Findings(a.m.findings, a.finding), second.W, a.reading), &a.finds, a.focus == onFindings)
	case onCompared:
		x := a.diff
		a.textArea(second, &x.scroll, onCompared)
		a.pane(second, 1, "compared with "+x.file, x.layout(second.W, a.reading), &x.scroll, a.focus == onCompared)
	case onTable, onGroups:
	}
}

// A placement is where the second pane is.
type placement uint8

const (
	below   placement = iota // tall screen: the table keeps all its columns
	atRight                  // wide screen
	inPlace                  // small screen: in the table's place, while it has the focus
)

// placeOf chooses by the size of the whole screen, so that nothing moves when a finding
// appears.
func placeOf(w, h int) placement {
	switch {
	case h >= 30:
		return below
	case w >= 170:
		return atRight
	}
	return inPlace
}

// split divides the body between the table and the second pane. Either may be empty.
func (a *app) split(c pane.Canvas) (table, second pane.Canvas) {
	nothing := c.Part(0, 0, 0, 0)
	if a.second == 0 {
		return c, nothing
	}
	switch placeOf(a.screen.Size()) {
	case below:
		h := c.H * 2 / 5
		return c.Part(0, 0, c.W, h), c.Part(0, h, c.W, c.H-h)
	case atRight:
		w := c.W * 3 / 5
		return c.Part(0, 0, w-1, c.H), c.Part(w, 0, c.W-w, c.H)
	case inPlace:
		if a.focus != onTable {
			return nothing, c
		}
	}
	return c, nothing
}

// A detailPage caches a page of the detail and its layout. That of a finished flow doesn't
// change, so scrolling and searching needn't make it again.
type detailPage struct {
	flow     *flow.Flow
	tab      int
	findings []flow.Finding // all findings, not just those about the flow
	mask     *mask.Masker
	rev      int // of the mask
	step     string
	probed   *detail.Probe
	page     pane.Page
	width    int
	reading  pane.Reading
	lines    []pane.Row
}

func (d *core) detailLines(f *flow.Flow, w int) []pane.Row {
	l, t, x, step := &d.page, d.tabs[d.tab], d.probed[table.Host(f)], d.m.stepOf(f)
	same := l.flow == f && l.tab == d.tab && l.mask == d.reading.Mask &&
		l.step == step && l.probed == x && sameFindings(l.findings, d.m.findings)
	if !same || t.Moves && !f.Final() {
		*l = detailPage{flow: f, tab: d.tab, findings: d.m.findings, mask: d.reading.Mask, step: step, probed: x}
		whole := d.whole(f)
		d.reading.Mask.Learn(whole)
		l.page = t.Page(detail.Subject{Flow: whole, Findings: d.m.about(f), Now: d.m.now, Masked: l.mask != nil, Step: step, Probe: x})
	}
	if rev := d.reading.Mask.Revision(); l.lines == nil || l.width != w || l.reading != d.reading || l.rev != rev {
		l.width, l.reading, l.rev, l.lines = w, d.reading, rev, pane.Layout(l.page, w, d.reading)
	}
	return l.lines
}

// tabBar draws the names of the tabs, the current one in brackets. Digits select tabs while
// the pane has the focus; if the names don't fit, the other tabs show their digits only.
func (a *app) tabBar(c pane.Canvas) {
	digits := a.focus == onDetail
	all := 0
	for _, t := range a.tabs {
		all += len("[1 ") + text.Width(t.Name) + len("]")
	}
	x := 0
	for i, t := range a.tabs {
		name := t.Name
		switch digit := strconv.Itoa(i + 1); {
		case i != a.tab && all > c.W:
			name = digit
		case digits:
			name = digit + " " + name
		}
		text, tone, from := " "+name+" ", pane.Dim, x
		if i == a.tab {
			text, tone = "["+name+"]", pane.Head
		}
		x += c.Put(x, 0, c.W-x, text, tone)
		a.mouse.area(c.Part(from, 0, x-from, 1), func(int) {
			a.focus = onDetail
			a.turn(i - a.tab)
		}, nil)
	}
}

// whole is f with its header fields. While the display is frozen, the source may have a
// newer revision, but a finished flow only changes in its mark and note.
func (d *core) whole(f *flow.Flow) *flow.Flow {
	if f.Final() {
		if g := d.src.Get(f.ID); g != nil {
			return g
		}
	}
	return f
}

// pane draws a text pane: a title, and the rows from line top on.
func (p *panes) pane(c pane.Canvas, top int, title string, ls []pane.Row, s *pane.Scroll, focused bool) {
	if c.W == 0 || c.H == 0 {
		return
	}
	c.Part(0, top, c.W, c.H-top).PutRows(ls, s)
	t := pane.Dim
	if focused {
		t = pane.Accent
	}
	c.Rule(0, 0, c.W, t)
	x := 1
	if focused {
		x += c.Put(x, 0, 2, "▸", t)
	}
	where := s.Position()
	if r := p.reading; r.Find != "" && len(s.Hits) == 0 && s != &p.helping {
		where = "not found"
		switch {
		case r.Mask != nil:
			where += " outside the masked text"
		case s == &p.detail && p.page.page.Partial():
			where += " in the part that is shown"
		}
	}
	c.Put(x, 0, c.W-x-text.Width(where)-4, " "+title+" ", t)
	if where != "" {
		c.PutRight(0, 0, c.W-1, " "+where+" ", c.Theme[t])
	}
}

func (d *core) detailTitle(f *flow.Flow) string {
	name := table.Call(f)
	if d.m.cursor.gone {
		name += " (no longer stored)"
	}
	return fmt.Sprintf("#%d %s", f.ID, name)
}

// empty says why there are no rows, and what to do about it.
func (a *app) empty(c pane.Canvas) {
	var ls, hint []string
	if a.opt.Hint != nil {
		hint = a.opt.Hint()
	}
	switch n := len(a.m.flows); {
	case n > 0 && !a.m.filter.Empty():
		ls = []string{fmt.Sprintf("Nothing matches %q.", a.reading.Mask.Typed(a.m.filter.Text())), "", "Esc clears the filter."}
	case n > 0 && a.m.view.name == "calls":
		ls = []string{"No AWS call yet.", "", "Press a to show the " + wording.Count(n, "other flow") + "."}
	case n > 0:
		ls = []string{"No " + a.m.view.noun + " yet.", "", "Press a to show the " + wording.Count(n, "flow") + "."}
	case len(hint) > 0:
		ls = append([]string{"No requests yet.", ""}, hint...)
	default:
		ls = []string{
			"No requests yet.", "",
			"Open a page of the AWS Management Console in a browser that uses this proxy.",
			"Each call that the page makes appears here while it happens.",
		}
	}
	y := max(0, (c.H-len(ls))/3)
	for _, l := range ls {
		for _, s := range text.Wrap(a.reading.Clean(l), c.W-8) {
			c.Unmasked().Put(4, y, c.W-8, s, pane.Plain)
			y++
		}
	}
}

// question is the title of a menu, wrapped to w cells.
func (ps *prompts) question(w int, clean func(string) string) []string {
	if ps.menu == nil || ps.prompt.open() {
		return nil
	}
	return text.Wrap(clean(ps.menu.title), w)
}

// covered reports whether something with keys of its own takes the place of the table and
// the panes.
func (a *app) covered() bool { return a.help || a.form != nil || a.chooser != nil }

// status draws the line above the keys: the line being typed, else the outcome of the last
// action, else the selected request. A question takes as many lines as it needs.
func (a *app) status(c pane.Canvas, asked []string) {
	if a.prompt.open() {
		a.promptLine(c)
		return
	}
	if a.menu != nil {
		for y, s := range asked {
			c.Unmasked().Put(0, y, c.W, s, pane.Key)
		}
		return
	}
	if f := a.outcome; f.text != "" && a.opt.Now().Sub(f.at) < noticeFor {
		c.Put(0, 0, c.W, f.text, f.tone)
		return
	}
	a.outcome = notice{}
	if e := a.current; e != nil && e.what != "" {
		c.Put(0, 0, c.W, e.status(a.opt.Now()), pane.Key)
		return
	}
	if a.drawNews(c, a.covered(), a.focus == onFindings) {
		return
	}
	if a.m.view.group == "" && a.m.cursor.following() || a.help || a.shown() == nil {
		return
	}
	f := a.shown()
	method, _ := text.Head(f.Request.Method, text.MaxCell)
	url, _ := text.Head(f.Request.URL, text.MaxLine)
	c.Put(0, 0, c.W, fmt.Sprintf("#%d %s %s", f.ID, method, url), pane.Dim)
}
