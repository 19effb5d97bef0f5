package pane

import (
	"fmt"
	"strings"

	"github.com/gdamore/tcell/v2"

	"detour/internal/flow"
)

// A Tone is what a piece of text means. A theme turns it into a style. The text itself
// always says the same in words or signs: colour may be off, and not everybody sees it.
type Tone uint8

// The tones.
const (
	Plain  Tone = iota
	Dim         // present, not interesting
	Good        // worked
	Bad         // failed
	Warn        // may be about to fail, or unusual
	Accent      // worth noticing: a direct call
	Head        // a heading
	Key         // a key that can be pressed
	Body        // a line of a body
	Found       // what was searched for
	Wrong       // the part of a text that can't be read
	Badge       // a state that must not be overlooked
	Chosen      // the selected row
	tones
)

// A Theme is the style of each tone.
type Theme [tones]tcell.Style

// A Palette is a theme's colours, of the sixteen that every terminal has. A tone that
// isn't in it has the colour of plain text.
type Palette struct {
	Name, Doc string
	// ground and text are those of the whole screen. ColorDefault is the terminal's
	// own, which suits the rest of its scheme.
	ground, text tcell.Color
	colors       map[Tone]tcell.Color
}

// Palettes are the palettes that a theme can have, the default first.
func Palettes() []Palette {
	const own = tcell.ColorDefault
	return []Palette{
		{"dark", "for terminals with a dark background", own, own, map[Tone]tcell.Color{
			Good: tcell.ColorGreen, Bad: tcell.ColorRed, Warn: tcell.ColorOlive,
			Accent: tcell.ColorTeal, Key: tcell.ColorTeal, Dim: tcell.ColorGray,
		}},
		{"light", "for terminals with a light background", own, own, map[Tone]tcell.Color{
			Good: tcell.ColorGreen, Bad: tcell.ColorMaroon, Warn: tcell.ColorPurple,
			Accent: tcell.ColorNavy, Key: tcell.ColorNavy, Dim: tcell.ColorGray,
		}},
		{"high-contrast", "bright on black, nothing grey", tcell.ColorBlack, tcell.ColorWhite, map[Tone]tcell.Color{
			Good: tcell.ColorLime, Bad: tcell.ColorRed, Warn: tcell.ColorYellow,
			Accent: tcell.ColorAqua, Key: tcell.ColorAqua, Dim: tcell.ColorWhite,
		}},
		// Yellow and cyan differ for every kind of colour blindness; red and green don't.
		{"colour-blind", "yellow and cyan instead of red and green, on black", tcell.ColorBlack, tcell.ColorWhite, map[Tone]tcell.Color{
			Good: tcell.ColorAqua, Bad: tcell.ColorYellow, Warn: tcell.ColorOlive,
			Accent: tcell.ColorWhite, Key: tcell.ColorWhite, Dim: tcell.ColorSilver,
		}},
		{Name: "none", Doc: "no colours, only bold, dim and reverse"},
	}
}

// paletteOf is the theme of that name, the first one for "".
func paletteOf(name string) (Palette, error) {
	for _, p := range Palettes() {
		if name == "" || p.Name == strings.Replace(name, "color", "colour", 1) {
			return p, nil
		}
	}
	var names []string
	for _, p := range Palettes() {
		names = append(names, p.Name)
	}
	return Palettes()[0], fmt.Errorf("unknown theme %q; choose one of %s", flow.Printable(name), strings.Join(names, ", "))
}

// NewTheme returns the theme of the palette of that name, or of the first one for "", for
// a screen of so many colours; 0 is also what NO_COLOR means. An unknown name is an error,
// and the theme is that of the first palette.
func NewTheme(name string, colors int) (Theme, error) {
	p, err := paletteOf(name)
	return styles(p, colors), err
}

// styles returns the styles for a screen of so many colours. 0 is also what
// NO_COLOR comes to; it leaves bold, dim and reverse, whatever the palette.
func styles(p Palette, colors int) Theme {
	base := tcell.StyleDefault
	if colors < 8 {
		p = Palette{}
	}
	if p.text != tcell.ColorDefault {
		base = base.Foreground(p.text).Background(p.ground)
	}
	t := Theme{
		Plain:  base,
		Dim:    base.Dim(true),
		Good:   base,
		Bad:    base.Bold(true),
		Warn:   base.Bold(p.colors == nil),
		Accent: base.Bold(p.colors == nil || p.colors[Accent] == p.text),
		Head:   base.Bold(true),
		Key:    base.Bold(true),
		Body:   base,
		Found:  base.Reverse(true),
		Wrong:  base.Underline(true).Reverse(true),
		Badge:  base.Bold(true).Reverse(true),
		Chosen: base.Reverse(true),
	}
	for tn, c := range p.colors {
		switch {
		case tn != Dim:
			t[tn] = t[tn].Foreground(c)
		case colors >= 16: // dim is unreadable or ignored on many terminals; these are neither
			t[tn] = base.Foreground(c)
		}
	}
	return t
}
