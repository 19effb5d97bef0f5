package ui

import (
	"testing"

	"github.com/gdamore/tcell/v2"
)

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
	s.sees("choose one of dark, light")
	s.types(tcell.KeyEscape, ":theme color-blind", tcell.KeyEnter)
	hasGround(tcell.ColorBlack)
	s = start(t, 80, 24, finished(), Actions{}, Options{Theme: "mauve"})
	s.sees(`unknown theme "mauve"`)
}
