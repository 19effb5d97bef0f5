package pane

import (
	"testing"

	"github.com/gdamore/tcell/v2"
)

func TestTheme_withoutColoursHasNone(t *testing.T) {
	for _, p := range Palettes() {
		for tn, st := range styles(p, 0) {
			if fg, bg, _ := st.Decompose(); fg != tcell.ColorDefault || bg != tcell.ColorDefault {
				t.Errorf("%s: tone %d has colours on a screen without", p.Name, tn)
			}
		}
	}
}

// TestTheme_usesTheSixteenColoursAlone, so that the terminal's own scheme decides what they look like.
func TestTheme_usesTheSixteenColoursAlone(t *testing.T) {
	for _, p := range Palettes() {
		for tn, st := range styles(p, 1<<24) {
			for _, c := range []tcell.Color{p.ground, p.text, p.colors[Tone(tn)]} {
				if c != tcell.ColorDefault && (c < tcell.ColorBlack || c > tcell.ColorWhite) {
					t.Errorf("%s: tone %d has colour %d", p.Name, tn, c)
				}
			}
			if fg, bg, attr := st.Decompose(); fg == bg && fg != tcell.ColorDefault {
				t.Errorf("%s: tone %d can't be seen (%v)", p.Name, tn, attr)
			}
		}
	}
}

// TestTheme_tellsGoodFromBad: by colour, and by weight where there is none.
func TestTheme_tellsGoodFromBad(t *testing.T) {
	for _, p := range Palettes() {
		for _, colors := range []int{0, 8, 16, 256} {
			th := styles(p, colors)
			for _, pair := range [][2]Tone{{Good, Bad}, {Plain, Bad}, {Plain, Head}, {Plain, Accent}, {Plain, Chosen}, {Plain, Found}} {
				if th[pair[0]] == th[pair[1]] {
					t.Errorf("%s with %d colours: tones %d and %d look the same", p.Name, colors, pair[0], pair[1])
				}
			}
		}
	}
}
