package ui

import (
	"fmt"
	"strings"

	"github.com/gdamore/tcell/v2"

	"detour/internal/filter"
	"detour/internal/flow"
)

// A tone is what a piece of text means. The theme turns it into a style; the
// text itself always says the same in words or signs, because colour may be
// off, and not everybody sees it.
type tone uint8

const (
	tonePlain  tone = iota
	toneDim         // present, not interesting
	toneGood        // worked
	toneBad         // did not
	toneWarn        // may be about to fail
	toneAccent      // worth an eye: a direct call
	toneHead        // a heading
	toneKey         // a key that can be pressed
	toneText        // a line of a body
	toneFound       // what was searched for
	toneWrong       // the part of a text that can't be read
	toneBadge       // a state that must not be overlooked
	toneChosen      // the selected row
	tones
)

type theme [tones]tcell.Style

// A palette is a theme's colours, of the sixteen that every terminal has. A tone that
// isn't in it has the colour of plain text.
type palette struct {
	name, doc string
	// ground and text are those of the whole screen. ColorDefault is the terminal's
	// own, which suits the rest of its scheme.
	ground, text tcell.Color
	colors       map[tone]tcell.Color
}

// palettes are the themes, the default first.
func palettes() []palette {
	const own = tcell.ColorDefault
	return []palette{
		{"dark", "for terminals with a dark ground", own, own, map[tone]tcell.Color{
			toneGood: tcell.ColorGreen, toneBad: tcell.ColorRed, toneWarn: tcell.ColorOlive, toneAccent: tcell.ColorTeal, toneKey: tcell.ColorTeal, toneDim: tcell.ColorGray,
		}},
		{"light", "for terminals with a light ground", own, own, map[tone]tcell.Color{
			toneGood: tcell.ColorGreen, toneBad: tcell.ColorMaroon, toneWarn: tcell.ColorPurple, toneAccent: tcell.ColorNavy, toneKey: tcell.ColorNavy, toneDim: tcell.ColorGray,
		}},
		{"high-contrast", "bright on black, nothing grey", tcell.ColorBlack, tcell.ColorWhite, map[tone]tcell.Color{
			toneGood: tcell.ColorLime, toneBad: tcell.ColorRed, toneWarn: tcell.ColorYellow, toneAccent: tcell.ColorAqua, toneKey: tcell.ColorAqua, toneDim: tcell.ColorWhite,
		}},
		// Yellow and cyan differ for every kind of colour blindness; red and green don't.
		{"colour-blind", "yellow and cyan instead of red and green, on black", tcell.ColorBlack, tcell.ColorWhite, map[tone]tcell.Color{
			toneGood: tcell.ColorAqua, toneBad: tcell.ColorYellow, toneWarn: tcell.ColorOlive, toneAccent: tcell.ColorWhite, toneKey: tcell.ColorWhite, toneDim: tcell.ColorSilver,
		}},
		{name: "none", doc: "no colours: bold, dim and reverse alone"},
	}
}

// Themes are the names that Options.Theme may have.
func Themes() []string {
	var out []string
	for _, p := range palettes() {
		out = append(out, p.name)
	}
	return out
}

// paletteOf is the theme of that name, the first one for "".
func paletteOf(name string) (palette, error) {
	for _, p := range palettes() {
		if name == "" || p.name == strings.Replace(name, "color", "colour", 1) {
			return p, nil
		}
	}
	return palettes()[0], fmt.Errorf("there is no theme %q; one of %s", flow.Printable(name), strings.Join(Themes(), ", "))
}

// newTheme returns the styles for a screen of so many colours. 0 is also what
// NO_COLOR comes to; it leaves bold, dim and reverse, whatever the palette.
func newTheme(p palette, colors int) theme {
	base := tcell.StyleDefault
	if colors < 8 {
		p = palette{}
	}
	if p.text != tcell.ColorDefault {
		base = base.Foreground(p.text).Background(p.ground)
	}
	t := theme{
		tonePlain:  base,
		toneDim:    base.Dim(true),
		toneGood:   base,
		toneBad:    base.Bold(true),
		toneWarn:   base.Bold(p.colors == nil),
		toneAccent: base.Bold(p.colors == nil || p.colors[toneAccent] == p.text),
		toneHead:   base.Bold(true),
		toneKey:    base.Bold(true),
		toneText:   base,
		toneFound:  base.Reverse(true),
		toneWrong:  base.Underline(true).Reverse(true),
		toneBadge:  base.Bold(true).Reverse(true),
		toneChosen: base.Reverse(true),
	}
	for tn, c := range p.colors {
		switch {
		case tn != toneDim:
			t[tn] = t[tn].Foreground(c)
		case colors >= 16: // dim is unreadable or ignored on many terminals; these are neither
			t[tn] = base.Foreground(c)
		}
	}
	return t
}

// wear puts a theme on.
func (a *app) wear(name string) error {
	p, err := paletteOf(name)
	a.theme = newTheme(p, a.colors)
	a.screen.SetStyle(a.theme[tonePlain]) // of what is blank
	return err
}

func (a *app) setTheme(name string) error {
	if err := a.wear(name); err != nil {
		return err
	}
	a.screen.Sync() // blank cells don't count as changed
	if a.colors < 8 && name != "none" {
		a.say(toneWarn, "this terminal has no colours, or NO_COLOR is set")
	}
	return nil
}

func themeNames(*app) []filter.Candidate {
	var out []filter.Candidate
	for _, p := range palettes() {
		out = append(out, filter.Candidate{Text: p.name, Doc: p.doc})
	}
	return out
}
