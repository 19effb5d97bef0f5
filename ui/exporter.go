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
	*screenState
	form    *form // nil: it is closed
	written int   // number of files written
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
func ExportFormats() []string { return []string{"har", "jsonl", "md", "html", "csv", "bundle"} }

// startExport opens the form.
func (e *exporter) startExport() {
	e.form = &form{choices: []formChoice{
		{"format", ExportFormats(), 2},
		{"flows", []string{"all", "shown rows", "marked"}, 0},
		{"privacy", []string{"normal", "strict"}, 0},
	}}
	e.countExport()
}

// export is what the form describes, without the file.
func (e *exporter) export() Export {
	f := e.form
	x := Export{Format: f.choices[chooseFormat].answers[f.choices[chooseFormat].chosen], Strict: f.choices[choosePrivacy].chosen == 1}
	flows := e.m.flows
	if f.choices[chooseFlows].chosen == 1 {
		flows = e.m.rows
	}
	for _, y := range flows {
		if f.choices[chooseFlows].chosen != 2 || y.Marked {
			x.Flows = append(x.Flows, y.ID)
		}
	}
	slices.Sort(x.Flows) // rows may be sorted
	return x
}

// countExport counts what the form describes.
func (e *exporter) countExport() {
	f, x := e.form, e.export()
	f.count, f.err = nil, nil
	e.tasks.start("", func(ctx context.Context) func() {
		got, err := e.act.Export.Count(ctx, x)
		return func() { f.count, f.err = &got, err }
	})
}

// exportName is the file name that is offered. Each export of a run gets another one.
func (e *exporter) exportName() string {
	name := cmp.Or(e.act.Export.Name, "detour")
	if e.written > 0 {
		name += fmt.Sprintf("-%d", e.written+1)
	}
	format := e.export().Format
	if format == "bundle" {
		format = "zip"
	}
	return name + "." + format
}

// nameExport asks for the file, and writes it.
func (e *exporter) nameExport(name string) {
	e.prompts.ask(prompt{
		kind: forExport, label: "write to: ", text: name, hint: "a new file", enter: "write it", esc: "back to the settings",
		done: func(name string) error {
			name = strings.TrimSpace(name)
			if name == "" {
				return fmt.Errorf("enter the name of a file")
			}
			e.writeExport(name)
			return nil
		},
	})
}

func (e *exporter) writeExport(name string) {
	x, f := e.export(), e.form
	x.File = name
	e.form = nil
	e.tasks.start("writing "+text.Clean(name), func(ctx context.Context) func() {
		got, err := e.act.Export.Write(ctx, x)
		return func() {
			if err != nil {
				e.notify(pane.Bad, "export: %v", err)
				if !e.prompts.line.open() && e.prompts.menu == nil { // the person isn't doing something else by now
					e.form = f
					e.nameExport(name)
					e.prompts.line.err = err
				}
				return
			}
			e.written++
			e.unsaved = false
			e.notify(pane.Good, "wrote %s to %s; %s", wording.Count(got.Flows, "flow"), got.File, redactions(got))
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

func (e *exporter) noExport() string {
	if e.act.Export.Write == nil || e.act.Export.Count == nil {
		return "exporting isn't possible here"
	}
	if len(e.m.flows) == 0 {
		return "there are no flows yet"
	}
	return e.tasks.busy()
}
