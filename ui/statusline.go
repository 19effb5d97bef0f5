package ui

import (
	"fmt"

	"detour/ui/pane"
	"detour/ui/text"
)

// status draws the line above the keys: the line being typed, else the outcome of the last
// action, else the selected request. A question takes as many lines as it needs.
func (a *app) status(c pane.Canvas, asked []string) {
	if a.prompts.line.open() {
		a.prompts.drawLine(c)
		return
	}
	if a.prompts.menu != nil {
		for y, s := range asked {
			c.Unmasked().Put(0, y, c.W, s, pane.Key)
		}
		return
	}
	if a.notices.DrawOutcome(c) {
		return
	}
	if s := a.tasks.Status(); s != "" {
		c.Put(0, 0, c.W, s, pane.Key)
		return
	}
	if a.notices.DrawNews(c, a.covered(), a.panes.focus == onFindings) {
		return
	}
	if a.m.view.group == "" && a.m.cursor.following() || a.panes.help != nil || a.shown() == nil {
		return
	}
	f := a.shown()
	method, _ := text.Head(f.Request.Method, text.MaxCell)
	url, _ := text.Head(f.Request.URL, text.MaxLine)
	c.Put(0, 0, c.W, fmt.Sprintf("#%d %s %s", f.ID, method, url), pane.Dim)
}

// question is the title of a menu, wrapped to w cells.
func (ps *prompter) question(w int, clean func(string) string) []string {
	if ps.menu == nil || ps.line.open() {
		return nil
	}
	return text.Wrap(clean(ps.menu.title), w)
}

// covered reports whether something with keys of its own takes the place of the table and
// the panes.
func (a *app) covered() bool {
	return a.panes.help != nil || a.exports.form != nil || a.columns.chooser != nil
}
