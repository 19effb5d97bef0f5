package ui

import (
	"testing"

	"github.com/gdamore/tcell/v2"
)

func TestTheme_withoutColoursHasNone(t *testing.T) {
	for _, p := range palettes() {
		for tn, st := range newTheme(p, 0) {
			if fg, bg, _ := st.Decompose(); fg != tcell.ColorDefault || bg != tcell.ColorDefault {
				t.Errorf("%s: tone %d has colours on a screen without", p.name, tn)
			}
		}
	}
}

// TestTheme_usesTheSixteenColoursAlone, so that the terminal's own scheme decides what they look like.
func TestTheme_usesTheSixteenColoursAlone(t *testing.T) {
	for _, p := range palettes() {
		for tn, st := range newTheme(p, 1<<24) {
			for _, c := range []tcell.Color{p.ground, p.text, p.colors[tone(tn)]} {
				if c != tcell.ColorDefault && (c < tcell.ColorBlack || c > tcell.ColorWhite) {
					t.Errorf("%s: tone %d has colour %d", p.name, tn, c)
				}
			}
			if fg, bg, attr := st.Decompose(); fg == bg && fg != tcell.ColorDefault {
				t.Errorf("%s: tone %d can't be seen (%v)", p.name, tn, attr)
			}
		}
	}
}

// TestTheme_tellsGoodFromBad: by colour, and by weight where there is none.
func TestTheme_tellsGoodFromBad(t *testing.T) {
	for _, p := range palettes() {
		for _, colors := range []int{0, 8, 16, 256} {
			th := newTheme(p, colors)
			for _, pair := range [][2]tone{{toneGood, toneBad}, {tonePlain, toneBad}, {tonePlain, toneHead}, {tonePlain, toneAccent}, {tonePlain, toneChosen}, {tonePlain, toneFound}} {
				if th[pair[0]] == th[pair[1]] {
					t.Errorf("%s with %d colours: tones %d and %d look the same", p.name, colors, pair[0], pair[1])
				}
			}
		}
	}
}

func TestTheme_isChosen(t *testing.T) {
	s := start(t, 80, 24, finished(), Actions{}, Options{Theme: "high-contrast"})
	hasGround := func(want tcell.Color) {
		s.Helper()
		s.until("a ground of "+want.String(), func(string) bool {
			s.term.mu.Lock()
			defer s.term.mu.Unlock()
			_, bg, _ := s.term.cells[len(s.term.cells)/2].Style.Decompose()
			return bg == want
		})
	}
	hasGround(tcell.ColorBlack)
	s.types(":theme light", tcell.KeyEnter)
	hasGround(tcell.ColorDefault)
	s.types(":theme mauve", tcell.KeyEnter)
	s.sees("one of dark, light, high-contrast, colour-blind, none")
	s.types(tcell.KeyEscape, ":theme color-blind", tcell.KeyEnter)
	hasGround(tcell.ColorBlack)
	s = start(t, 80, 24, finished(), Actions{}, Options{Theme: "mauve"})
	s.sees(`there is no theme "mauve"`)
}
