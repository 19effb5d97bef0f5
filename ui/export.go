package ui

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
	"detour/ui/text"
)

// An Export is what is to be written.
type Export struct {
	Format string // one of ExportFormats
	Strict bool   // account IDs, names and addresses are taken out, too
	File   string
	Flows  []flow.ID // rising
}

// Exported is what was written, or would be.
type Exported struct {
	File     string // where it is; "" if nothing was written
	Flows    int
	Redacted map[string]int // values that something else stands for, by kind
	Secrets  bool           // nothing was taken out
}

// ExportFormats are what flows can be written as.
func ExportFormats() []string { return []string{"har", "jsonl", "md", "html", "csv", "bundle"} }

// A form asks what to export. It is in the place of the table and its panes.
type form struct {
	row     int // chosen: a line of the choices
	choices []formChoice
	count   *Exported // of the choices as they are; nil: it is being counted
	err     error
	scroll  pane.Scroll
}

// A formChoice is a line of the form: a question and its answers.
type formChoice struct {
	label   string
	answers []string
	chosen  int
}

// The choices, by their line.
const (
	chooseFormat = iota
	chooseFlows
	choosePrivacy
)

// startExport opens the form.
func (a *app) startExport() {
	a.form = &form{choices: []formChoice{
		{"format", ExportFormats(), 2},
		{"flows", []string{"all", "the rows shown", "marked"}, 0},
		{"privacy", []string{"normal", "strict"}, 0},
	}}
	a.countExport()
}

// export is what the form asks for, but for its file.
func (a *app) export() Export {
	f := a.form
	x := Export{Format: f.choices[chooseFormat].answers[f.choices[chooseFormat].chosen], Strict: f.choices[choosePrivacy].chosen == 1}
	flows := a.m.flows
	if f.choices[chooseFlows].chosen == 1 {
		flows = a.m.rows
	}
	for _, y := range flows {
		if f.choices[chooseFlows].chosen != 2 || y.Marked {
			x.Flows = append(x.Flows, y.ID)
		}
	}
	slices.Sort(x.Flows) // rows may be sorted
	return x
}

// countExport has what the form asks for counted.
func (a *app) countExport() {
	f, x := a.form, a.export()
	f.count, f.err = nil, nil
	a.send("", func(ctx context.Context) func() {
		got, err := a.act.ExportCount(ctx, x)
		return func() { f.count, f.err = &got, err }
	})
}

// formKey chooses in the form.
func (a *app) formKey(ev *tcell.EventKey) {
	f := a.form
	move := func(n int) { f.row = (f.row + n + len(f.choices)) % len(f.choices) }
	switch k := ev.Key(); {
	case k == tcell.KeyDown, k == tcell.KeyTab, ev.Rune() == 'j':
		move(1)
	case k == tcell.KeyUp, k == tcell.KeyBacktab, ev.Rune() == 'k':
		move(-1)
	case k == tcell.KeyRight, ev.Rune() == 'l', ev.Rune() == ' ':
		a.chooseAnswer(1)
	case k == tcell.KeyLeft, ev.Rune() == 'h':
		a.chooseAnswer(-1)
	case k == tcell.KeyEnter:
		a.nameExport(a.exportName())
	case k == tcell.KeyEscape, ev.Rune() == 'q', ev.Rune() == 'e':
		a.closeForm()
	}
}

func (a *app) chooseAnswer(n int) {
	c := &a.form.choices[a.form.row]
	c.chosen = (c.chosen + n + len(c.answers)) % len(c.answers)
	if a.form.row != chooseFormat { // what is counted doesn't depend on it
		a.countExport()
	}
}

func (a *app) closeForm() {
	a.giveUp()
	a.form = nil
}

// exportName is the file's name that is offered. Each export of a run has another.
func (a *app) exportName() string {
	name := cmp.Or(a.act.ExportName, "detour")
	if a.exports > 0 {
		name += fmt.Sprintf("-%d", a.exports+1)
	}
	format := a.export().Format
	if format == "bundle" {
		format = "zip"
	}
	return name + "." + format
}

// nameExport asks for the file, and has it written.
func (a *app) nameExport(name string) {
	a.ask(prompt{
		kind: forExport, label: "write to: ", text: name, hint: "a new file", enter: "write it", esc: "back to the choices",
		done: func(name string) error {
			name = strings.TrimSpace(name)
			if name == "" {
				return fmt.Errorf("a file has a name")
			}
			a.writeExport(name)
			return nil
		},
	})
}

func (a *app) writeExport(name string) {
	x, f := a.export(), a.form
	x.File = name
	a.form = nil
	a.send("writing "+text.Clean(name), func(ctx context.Context) func() {
		got, err := a.act.Export(ctx, x)
		return func() {
			if err != nil {
				a.say(pane.Bad, "export: %v", err)
				if !a.prompt.open() && a.menu == nil { // the person hasn't turned to something else
					a.form = f
					a.nameExport(name)
					a.prompt.err = err
				}
				return
			}
			a.exports++
			a.unkept = false
			a.say(pane.Good, "wrote %s to %s; %s", wording.Count(got.Flows, "flow"), got.File, takenOut(got))
		}
	})
}

// takenOut says how much of what was replaced.
func takenOut(x Exported) string {
	if x.Secrets {
		return "NOTHING is taken out: it holds credentials that work (--keep-secrets)"
	}
	total := 0
	var kinds []string
	for _, k := range slices.Sorted(maps.Keys(x.Redacted)) {
		total += x.Redacted[k]
		kinds = append(kinds, fmt.Sprintf("%d %s", x.Redacted[k], k))
	}
	if total == 0 {
		return "there was nothing to take out"
	}
	return fmt.Sprintf("%s taken out: %s", wording.Count(total, "value"), strings.Join(kinds, ", "))
}

// formLines are the form's.
func (a *app) formLines() []pane.Line {
	f := a.form
	var p pane.Page
	p.Head("Export")
	counts := [...]int{len(a.m.flows), len(a.m.rows), marked(a.m.flows)}
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
		p.Add("  redacted", takenOut(*n), pane.Bad)
	default:
		p.Add("  redacted", wording.Count(n.Flows, "flow")+"; "+takenOut(*n), pane.Plain)
	}
	p.Add("  file", a.exportName()+"; Enter asks for another name, or takes it", pane.Dim)
	p.Add("", formatDoc(a.export().Format), pane.Dim)
	return p
}

func marked(fs []*flow.Flow) (n int) {
	for _, f := range fs {
		if f.Marked {
			n++
		}
	}
	return n
}

// formatDoc says what a format is for.
func formatDoc(format string) string {
	switch format {
	case "har":
		return "har: for the browser's developer tools and other viewers; failed connects are in it, too"
	case "jsonl":
		return "jsonl: a flow record a line, for scripts"
	case "md":
		return "md: a report for a ticket"
	case "html":
		return "html: the report as one page, with a picture of the timeline"
	case "csv":
		return "csv: a row a flow, for a spreadsheet"
	}
	return "bundle: a zip of all of these, with a manifest"
}

func noExport(a *app) string {
	if a.act.Export == nil || a.act.ExportCount == nil {
		return "nothing can be written from here"
	}
	if len(a.m.flows) == 0 {
		return "there is no flow yet"
	}
	return busy(a)
}
