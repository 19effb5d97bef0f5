package ui

import (
	"fmt"
	"strings"

	"github.com/gdamore/tcell/v2"

	"detour/internal/wording"
	"detour/ui/pane"
)

// A form asks what to export. It takes the place of the table and its panes.
type form struct {
	row     int // index of the selected choice
	choices []formChoice
	count   *Exported // for the current choices; nil: counting is in progress
	err     error
	scroll  pane.Scroll
}

// A formChoice is a line of the form: a question and its answers.
type formChoice struct {
	label   string
	answers []string
	chosen  int
}

// The indexes of the choices.
const (
	chooseFormat = iota
	chooseFlows
	choosePrivacy
)

// key handles a key in the form.
func (e *exporter) key(ev *tcell.EventKey) {
	f := e.form
	move := func(n int) { f.row = (f.row + n + len(f.choices)) % len(f.choices) }
	switch k := ev.Key(); {
	case k == tcell.KeyDown, k == tcell.KeyTab, ev.Rune() == 'j':
		move(1)
	case k == tcell.KeyUp, k == tcell.KeyBacktab, ev.Rune() == 'k':
		move(-1)
	case k == tcell.KeyRight, ev.Rune() == 'l', ev.Rune() == ' ':
		e.change(1)
	case k == tcell.KeyLeft, ev.Rune() == 'h':
		e.change(-1)
	case k == tcell.KeyEnter:
		e.askFile(e.name())
	case k == tcell.KeyEscape, ev.Rune() == 'q', ev.Rune() == 'e':
		e.close()
	}
}

// change goes n answers on in the selected choice.
func (e *exporter) change(n int) {
	c := &e.form.choices[e.form.row]
	c.chosen = (c.chosen + n + len(c.answers)) % len(c.answers)
	if e.form.row != chooseFormat { // the format doesn't change the count
		e.count()
	}
}

// close closes the form without writing anything.
func (e *exporter) close() {
	e.state.tasks.Cancel()
	e.form = nil
}

// lines are the lines of the form.
func (e *exporter) lines() []pane.Line {
	f := e.form
	var p pane.Page
	p.Head("Export")
	counts := [...]int{len(e.state.m.flows), len(e.state.m.rows), countMarked(e.state.m.flows)}
	for i, c := range f.choices {
		label, t, words := "  "+c.label, pane.Plain, []string(nil)
		if i == f.row {
			label, t = "▸ "+c.label, pane.Accent
		}
		for j, s := range c.answers {
			if i == chooseFlows {
				s += fmt.Sprintf(" (%d)", counts[j])
			}
			if j == c.chosen {
				s = "[" + s + "]"
			} else {
				s = " " + s + " "
			}
			words = append(words, s)
		}
		p.Add(label, strings.Join(words, " "), t)
	}
	switch n := f.count; {
	case f.err != nil:
		p.Add("  redacted", f.err.Error(), pane.Bad)
	case n == nil:
		p.Add("  redacted", "counting …", pane.Dim)
	case n.Secrets:
		p.Add("  redacted", redactions(*n), pane.Bad)
	default:
		p.Add("  redacted", wording.Count(n.Flows, "flow")+"; "+redactions(*n), pane.Plain)
	}
	p.Add("  file", e.name()+"; Enter lets you change the name", pane.Dim)
	p.Add("", formatDoc(e.settings().Format), pane.Dim)
	return p
}

// formatDoc says what a format is for.
func formatDoc(format string) string {
	switch format {
	case "har":
		return "har: for browser developer tools and other viewers; includes failed connections"
	case "jsonl":
		return "jsonl: one flow record per line, for scripts"
	case "md":
		return "md: a report for a ticket on GitHub or GitLab"
	case "txt":
		return "txt: the report as plain text, for a mail"
	case "slack":
		return "slack: what fails, for whom, and the next steps, as a Slack message"
	case "jira":
		return "jira: the report in Jira's wiki markup"
	case "html":
		return "html: the report for a browser, with the table and the details; works offline"
	case "csv":
		return "csv: one row per flow, for a spreadsheet"
	}
	return "bundle: a zip of md, html, har, jsonl and csv, with a manifest"
}
