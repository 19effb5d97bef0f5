package ui

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
	"detour/ui/text"
)

// An exporter writes evidence to a file. A form asks what to export.
type exporter struct {
	state   *screenState
	form    *form  // nil: it is closed
	written int    // number of files written
	saved   func() // is called when flows have been written
}

// An Export describes what to write.
type Export struct {
	Format string // one of ExportFormats
	Strict bool   // account IDs, names and addresses are redacted, too
	File   string
	Flows  []flow.ID // in ascending order
}

// Exported describes what was written, or would be.
type Exported struct {
	File     string // its path; "" if nothing was written
	Flows    int
	Redacted map[string]int // how many values were redacted, by kind
	Secrets  bool           // nothing was redacted
}

// ExportFormats are the formats that flows can be exported in.
func ExportFormats() []string {
	return []string{"har", "jsonl", "md", "txt", "slack", "jira", "html", "csv", "bundle"}
}

// open opens the form.
func (e *exporter) open() {
	e.form = &form{choices: []formChoice{
		{"format", ExportFormats(), 2},
		{"flows", []string{"all", "shown rows", "marked"}, 0},
		{"privacy", privacies(e.state.act.Export.Strict), 0},
	}}
	e.count()
}

// privacies are the answers to how much is redacted.
func privacies(strict bool) []string {
	if strict {
		return []string{"strict"}
	}
	return []string{"normal", "strict"}
}

// settings is what the form describes, without the file.
func (e *exporter) settings() Export {
	f := e.form
	answer := func(choice int) string { return f.choices[choice].answers[f.choices[choice].chosen] }
	x := Export{Format: answer(chooseFormat), Strict: answer(choosePrivacy) == "strict"}
	flows := e.state.m.flows
	if f.choices[chooseFlows].chosen == 1 {
		flows = e.state.m.rows
	}
	for _, y := range flows {
		if f.choices[chooseFlows].chosen != 2 || y.Marked {
			x.Flows = append(x.Flows, y.ID)
		}
	}
	slices.Sort(x.Flows) // rows may be sorted
	return x
}

// count counts what the form describes.
func (e *exporter) count() {
	f, x := e.form, e.settings()
	f.count, f.err = nil, nil
	e.state.tasks.Start("", func(ctx context.Context) func() {
		got, err := e.state.act.Export.Count(ctx, x)
		return func() { f.count, f.err = &got, err }
	})
}

// name is the file name that is offered. Each export of a run gets another one.
func (e *exporter) name() string {
	name := cmp.Or(e.state.act.Export.Name, "detour")
	if e.written > 0 {
		name += fmt.Sprintf("-%d", e.written+1)
	}
	format := e.settings().Format
	if format == "bundle" {
		format = "zip"
	}
	return name + "." + format
}

// askFile asks for the file, and writes it.
func (e *exporter) askFile(name string) {
	e.state.prompts.ask(prompt{
		kind: forExport, label: "write to: ", text: name, hint: "a new file", enter: "write it", esc: "back to the settings",
		done: func(name string) error {
			name = strings.TrimSpace(name)
			if name == "" {
				return fmt.Errorf("enter the name of a file")
			}
			e.write(name)
			return nil
		},
	})
}

// write closes the form, and writes what it describes. It comes back if that fails.
func (e *exporter) write(name string) {
	x, f := e.settings(), e.form
	x.File = name
	e.form = nil
	e.state.tasks.Start("writing "+text.Clean(name), func(ctx context.Context) func() {
		got, err := e.state.act.Export.Write(ctx, x)
		return func() {
			if err != nil {
				e.state.notify(pane.Bad, "export: %v", err)
				if !e.state.prompts.line.open() && e.state.prompts.menu == nil { // the person isn't doing something else by now
					e.form = f
					e.askFile(name)
					e.state.prompts.line.err = err
				}
				return
			}
			e.written++
			e.saved()
			e.state.notify(pane.Good, "wrote %s to %s; %s", wording.Count(got.Flows, "flow"), got.File, redactions(got))
		}
	})
}

// redactions says how much was redacted.
func redactions(x Exported) string {
	if x.Secrets {
		return "NOTHING is redacted: the file contains working credentials (--keep-secrets)"
	}
	total := 0
	var kinds []string
	for _, k := range slices.Sorted(maps.Keys(x.Redacted)) {
		total += x.Redacted[k]
		kinds = append(kinds, fmt.Sprintf("%d %s", x.Redacted[k], k))
	}
	if total == 0 {
		return "nothing had to be redacted"
	}
	return fmt.Sprintf("%s redacted: %s", wording.Count(total, "value"), strings.Join(kinds, ", "))
}

func countMarked(fs []*flow.Flow) (n int) {
	for _, f := range fs {
		if f.Marked {
			n++
		}
	}
	return n
}

func (e *exporter) cant() string {
	if e.state.act.Export.Write == nil || e.state.act.Export.Count == nil {
		return "exporting isn't possible here"
	}
	if len(e.state.m.flows) == 0 {
		return "there are no flows yet"
	}
	return e.state.tasks.Busy()
}
