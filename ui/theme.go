package ui

import (
	"detour/internal/filter"
	"detour/ui/pane"
)

// applyTheme applies a theme.
func (a *app) applyTheme(name string) error {
	th, err := pane.NewTheme(name, a.colors)
	a.theme = th
	a.screen.SetStyle(a.theme[pane.Plain]) // of blank cells
	return err
}

func (a *app) setTheme(name string) error {
	if err := a.applyTheme(name); err != nil {
		return err
	}
	a.screen.Sync() // blank cells don't count as changed
	if a.colors < 8 && name != "none" {
		a.notify(pane.Warn, "this terminal has no colours, or NO_COLOR is set")
	}
	return nil
}

func themeNames() []filter.Candidate {
	var out []filter.Candidate
	for _, p := range pane.Palettes() {
		out = append(out, filter.Candidate{Text: p.Name, Doc: p.Doc})
	}
	return out
}

// Themes are the names that [Options.Theme] may have.
func Themes() []string {
	var out []string
	for _, p := range pane.Palettes() {
		out = append(out, p.Name)
	}
	return out
}
