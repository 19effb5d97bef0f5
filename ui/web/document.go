package web

import (
	_ "embed"
	"html/template"
	"io"
	"strings"

	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/report"
	"detour/internal/wording"
)

//go:embed document.html
var documentHTML string

// The parts of document.html that are used on their own.
const (
	partSummary  = "summary"           // what has to be known first
	partReport   = "report"            // the rest
	partFindings = "panel of findings" // for a screen that shows one at a time
)

// writePart writes a part of a report as HTML. Every text goes through text, cell or command, and
// then through the template's own escaping.
func writePart(w io.Writer, part string, d report.Document) error {
	t, err := template.New("").Funcs(template.FuncMap{
		"text":     func(s string) string { return flow.Printable(wording.Clip(s, report.MaxLine)) },
		"cell":     func(s string) string { return flow.Printable(wording.Clip(s, report.MaxCell)) },
		"command":  flow.Printable,
		"denies":   func(l finding.Line) bool { return strings.HasPrefix(l.Text, finding.Denies+" ") },
		"phases":   phaseNames,
		"sections": finding.Sections,
		"resolved": finding.Resolved,
		"draw":     func(p report.Panel) panel { return draw(p, d.Last) },
	}).Parse(documentHTML)
	if err != nil {
		return err
	}
	return t.ExecuteTemplate(w, part, d)
}
