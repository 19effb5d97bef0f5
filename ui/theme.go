package ui

import "github.com/gdamore/tcell/v2"

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
	tones
)

type theme [tones]tcell.Style

// newTheme returns the styles for a screen of so many colours: 0, which is
// also what NO_COLOR comes to, leaves bold, dim and reverse. Only the terminal's own
// sixteen colours are used, on its own background, so that they suit its scheme.
func newTheme(colors int) theme {
	d := tcell.StyleDefault
	t := theme{
		tonePlain:  d,
		toneText:   d,
		toneDim:    d.Dim(true),
		toneGood:   d,
		toneBad:    d.Bold(true),
		toneWarn:   d.Bold(true),
		toneAccent: d.Bold(true),
		toneHead:   d.Bold(true),
		toneKey:    d.Bold(true),
		toneFound:  d.Reverse(true),
		toneWrong:  d.Underline(true).Reverse(true),
		toneBadge:  d.Bold(true).Reverse(true),
	}
	if colors >= 8 {
		t[toneGood] = d.Foreground(tcell.ColorGreen)
		t[toneBad] = t[toneBad].Foreground(tcell.ColorRed)
		t[toneWarn] = d.Foreground(tcell.ColorOlive) // ANSI 3, shown as yellow
		t[toneAccent] = d.Foreground(tcell.ColorTeal)
		t[toneKey] = t[toneKey].Foreground(tcell.ColorTeal)
	}
	if colors >= 16 { // dim is unreadable or ignored on many terminals; bright black is neither
		t[toneDim] = d.Foreground(tcell.ColorGray)
	}
	return t
}
