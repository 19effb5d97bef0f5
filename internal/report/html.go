package report

import (
	_ "embed"
	"html/template"
	"io"

	"detour/internal/diagnose"
	"detour/internal/flow"
)

//go:embed page.html
var page string

// writeHTML fills in the page. Every text goes through text or cell, and then through
// the template's own escaping for where it stands.
func writeHTML(w io.Writer, d document) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"text":       func(s string) string { return flow.Printable(clip(s, maxLine)) },
		"cell":       func(s string) string { return flow.Printable(clip(s, maxCell)) },
		"phases":     phases,
		"add":        func(a, b int) int { return a + b },
		"sections":   diagnose.Sections,
		"rawSecrets": func() string { return rawSecrets },
		"noFindings": func() string { return noFindings },
	}).Parse(page)
	if err != nil {
		return err
	}
	return t.Execute(w, d)
}
