package ui

import (
	"strings"
	"unicode/utf8"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"

	"detour/ui/pane"
	"detour/ui/text"
)

// A watchedScreen hides errors of the terminal from tview, which would stop its loop
// without the painter, and replaces characters that the terminal doesn't have.
type watchedScreen struct {
	tcell.Screen
	app     *app
	initErr error
	plain   map[rune]string // replacements for characters that the terminal doesn't have; nil: it has all
}

// Init keeps the error, which tview drops.
func (s *watchedScreen) Init() error {
	s.initErr = s.Screen.Init()
	if s.initErr == nil && !strings.HasPrefix(s.CharacterSet(), "UTF-") {
		s.plain = text.PlainSigns()
	}
	return s.initErr
}

// Put writes a character, or its replacement. tcell's own replacements come after the
// terminal's line-drawing set, in which an arrow is often a plus.
func (s *watchedScreen) Put(x, y int, text string, style tcell.Style) (string, int) {
	if s.plain != nil {
		r, n := utf8.DecodeRuneInString(text)
		if p := s.plain[r]; p != "" {
			text = p + text[n:]
		}
	}
	return s.Screen.Put(x, y, text, style)
}

// PollEvent waits for the next event that isn't an error.
func (s *watchedScreen) PollEvent() tcell.Event {
	for {
		ev := s.Screen.PollEvent()
		bad, ok := ev.(*tcell.EventError)
		if !ok {
			return ev
		}
		s.app.fail(bad)
	}
}

// root is the only primitive that tview knows: it fills the screen.
type root struct {
	*tview.Box
	app *app
}

// Draw draws the whole screen.
func (r *root) Draw(s tcell.Screen) {
	x, y, w, h := r.GetRect()
	r.app.guard(func() {
		r.app.draw(pane.Canvas{Screen: s, Theme: r.app.theme, X: x, Y: y, W: w, H: h, Mask: r.app.panes.reading.Mask})
	})
}

// PasteHandler takes pasted text while a line is being typed.
func (r *root) PasteHandler() func(string, func(tview.Primitive)) {
	return r.WrapPasteHandler(func(s string, _ func(tview.Primitive)) {
		r.app.guard(func() { r.app.prompts.paste(s) })
	})
}
