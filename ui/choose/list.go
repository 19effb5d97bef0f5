// Package choose shows a list in the terminal, of which one item is chosen.
package choose

import (
	"strings"

	"github.com/gdamore/tcell/v2"
)

// An Item is a row of the list.
type Item struct {
	Cells []string // a text for each column
	Alert bool     // it is worth a look: something failed
}

// A list is the state of the screen, without the screen.
type list struct {
	items  []Item
	shown  []int // indexes of the items that match
	filter string
	typing bool // the filter
	at     int  // the chosen one, of shown
	top    int  // the first that is on the screen
	rows   int  // on the screen
}

func newList(items []Item) *list {
	l := &list{items: items, rows: 1}
	l.match()
	return l
}

// match selects the items that have every word of the filter.
func (l *list) match() {
	l.shown, l.at, l.top = nil, 0, 0
	words := strings.Fields(strings.ToLower(l.filter))
	for i, item := range l.items {
		text, all := strings.ToLower(strings.Join(item.Cells, " ")), true
		for _, w := range words {
			all = all && strings.Contains(text, w)
		}
		if all {
			l.shown = append(l.shown, i)
		}
	}
}

// move goes n rows down, or up, as far as there are rows.
func (l *list) move(n int) {
	l.at = max(0, min(l.at+n, len(l.shown)-1))
	l.fit(l.rows)
}

// fit makes the chosen row one of those on the screen.
func (l *list) fit(rows int) {
	l.rows = max(1, rows)
	l.top = max(0, min(l.top, l.at, len(l.shown)-1))
	l.top = max(l.top, l.at-l.rows+1)
}

// A result is what a key leads to.
type result int

const (
	goOn result = iota
	chosen
	left
)

// key handles a key.
func (l *list) key(ev *tcell.EventKey) result {
	switch ev.Key() {
	case tcell.KeyCtrlC:
		return left
	case tcell.KeyEnter:
		if len(l.shown) > 0 {
			return chosen
		}
	case tcell.KeyUp, tcell.KeyCtrlP:
		l.move(-1)
	case tcell.KeyDown, tcell.KeyCtrlN:
		l.move(1)
	case tcell.KeyPgUp:
		l.move(-l.rows)
	case tcell.KeyPgDn:
		l.move(l.rows)
	case tcell.KeyHome:
		l.move(-len(l.shown))
	case tcell.KeyEnd:
		l.move(len(l.shown))
	case tcell.KeyEscape:
		if !l.typing && l.filter == "" {
			return left
		}
		l.typing, l.filter = false, ""
		l.match()
	case tcell.KeyBackspace, tcell.KeyBackspace2:
		if r := []rune(l.filter); l.typing && len(r) > 0 {
			l.filter = string(r[:len(r)-1])
			l.match()
		} else {
			l.typing = false
		}
	case tcell.KeyCtrlU:
		l.filter = ""
		l.match()
	case tcell.KeyRune:
		return l.letter(ev.Rune())
	}
	return goOn
}

// maxFilter limits what is typed, in bytes.
const maxFilter = 200

func (l *list) letter(r rune) result {
	switch {
	case l.typing:
		if len(l.filter) < maxFilter {
			l.filter += string(r)
			l.match()
		}
	case r == 'q', r == 'Q':
		return left
	case r == 'j':
		l.move(1)
	case r == 'k':
		l.move(-1)
	case r == 'g':
		l.move(-len(l.shown))
	case r == 'G':
		l.move(len(l.shown))
	case r == '/':
		l.typing = true
	}
	return goOn
}
