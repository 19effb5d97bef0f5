package ui

import (
	"detour/ui/detail"
	"detour/ui/pane"
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
	drawHeader(a.screenState, c.Part(0, 0, c.W, 2), a.again.Text(), a.host.text())
	y := 2
	for _, l := range a.banner(c.W, c.H) {
		c.Unmasked().Put(0, y, c.W, l.Text, l.Tone)
		y++
	}
	asked := a.prompts.question(c.W, a.panes.reading.Clean)
	lines := max(1, min(len(asked), c.H-y-2)) // of the status line
	a.body(c.Part(0, y, c.W, c.H-y-1-lines))
	a.status(c.Part(0, c.H-1-lines, c.W, lines), asked)
	a.footer(c.Part(0, c.H-1, c.W, 1))
	a.host.tell()
	says := a.notices.Any()
	_, busy := a.tasks.Running()
	a.animate.Store(!a.frozen.Load() && a.m.running() || says || busy)
}

// body draws the table and the second pane, or what takes their place.
func (a *app) body(c pane.Canvas) {
	if h := a.panes.help; h != nil {
		a.textArea(c, &h.scroll, 0)
		lines := pane.Layout(a.helpLines(), c.W, pane.Reading{Find: h.find, Mask: a.panes.reading.Mask})
		a.panes.draw(c, 1, "help", lines, &h.scroll, true)
		return
	}
	if a.exports.form != nil {
		lines := pane.Layout(a.exports.lines(), c.W, pane.Reading{Mask: a.panes.reading.Mask})
		a.panes.draw(c, 1, "export", lines, &a.exports.form.scroll, true)
		return
	}
	main, second := a.split(c)
	if a.columns.chooser != nil {
		main, second = a.columns.chooser.Split(c)
		lines := pane.Layout(a.columns.chooser.Lines(), second.W, pane.Reading{Cut: true})
		a.panes.draw(second, 1, "columns", lines, &a.columns.chooser.Scroll, true)
	}
	if main.H > 0 && main.W > 0 {
		switch {
		case len(a.m.rows) == 0:
			drawEmpty(a.screenState, main)
		case a.m.view.group != "":
			drawGroups(a.screenState, main)
		default:
			learnRows(a.screenState, main.H)
			a.drawRows(main)
		}
		a.tableArea(main)
	}
	if a.columns.chooser != nil {
		return
	}
	switch a.panes.second {
	case onDetail:
		f := a.shown()
		if f == nil {
			nothing := []pane.Line{{Text: "no row is selected", Tone: pane.Dim}}
			a.panes.draw(second, 1, "detail", pane.Layout(nothing, second.W, a.panes.reading), &a.panes.detail, a.panes.focus == onDetail)
			return
		}
		a.textArea(second, &a.panes.detail, onDetail)
		lines := a.detailLines(f, second.W, a.probes.of(f))
		a.panes.draw(second, 2, a.detailTitle(f), lines, &a.panes.detail, a.panes.focus == onDetail)
		a.tabBar(second.Part(0, 1, second.W, 1))
	case onFindings:
		a.textArea(second, &a.panes.finds, onFindings)
		page, at := detail.Findings(a.m.findings, a.panes.finding)
		lines := pane.Layout(page, second.W, a.panes.reading)
		a.panes.aimAt(lines, at, second.H-1)
		a.panes.draw(second, 1, "findings", lines, &a.panes.finds, a.panes.focus == onFindings)
	case onCompared:
		x := a.diff.result
		a.textArea(second, &x.scroll, onCompared)
		a.panes.draw(second, 1, "compared with "+x.file, x.layout(second.W, a.panes.reading), &x.scroll, a.panes.focus == onCompared)
	case onMessages:
		a.textArea(second, &a.panes.messages, onMessages)
		lines := pane.Layout(a.notices.Lines(a.panes.reading.Mask), second.W, a.panes.reading)
		a.panes.draw(second, 1, "messages", lines, &a.panes.messages, a.panes.focus == onMessages)
	case onTable, onGroups:
	}
}
