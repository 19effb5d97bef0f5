package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"

	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/wording"
)

//go:embed page.html
var page string

// copyScript gives each command a button that copies it. Without it, a click selects
// the command. It is all that the page may run: its policy has the script's hash.
//
//go:embed copy.js
var copyScript string

func copyHash() string {
	sum := sha256.Sum256([]byte(copyScript))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// writeHTML fills in the page. Every text goes through text, cell or command, and then
// through the template's own escaping.
func writeHTML(w io.Writer, d document) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"text":       func(s string) string { return flow.Printable(wording.Clip(s, maxLine)) },
		"command":    flow.Printable,
		"copyScript": func() template.JS { return template.JS(copyScript) }, //nolint:gosec // ours
		"copyHash":   copyHash,
		"cell":       func(s string) string { return flow.Printable(wording.Clip(s, maxCell)) },
		"phases":     phases,
		"add":        func(a, b int) int { return a + b },
		"sections":   finding.Sections,
		"rawSecrets": func() string { return rawSecrets },
	}).Parse(page)
	if err != nil {
		return err
	}
	return t.Execute(w, d)
}
