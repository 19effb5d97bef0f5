package ui

import (
	"strings"
	"unicode"

	"github.com/gdamore/tcell/v2"

	"detour/internal/filter"
	"detour/ui/text"
)

// A promptKind is what a line is typed for; those of one kind have one history.
type promptKind uint8

const (
	noPrompt  promptKind = iota
	forFilter            // also what is searched for in a pane
	forCommand
	forNote
	forPage
	forComparison
	forExport
)

// A prompt is a line that is being typed, above the keys. The zero value is none.
type prompt struct {
	kind  promptKind
	label string // before it: "/"
	hint  string // what may be typed, a few words
	enter string // what Enter does
	esc   string // what Esc does
	text  string
	at    int // byte before which the cursor stands
	err   error
	offer offer
	past  int    // how many lines back in the history it shows; 0: what is being typed
	typed string // that, while an earlier one is shown

	complete func(text string) filter.Completion // nil: nothing is offered
	changed  func(text string) error             // after every key; nil: nothing happens
	done     func(text string) error             // on Enter; an error keeps the prompt open
	left     func()                              // on Esc; nil: nothing happens
	arrows   func(n int)                         // on ↓ and ↑; nil: nothing happens
	moves    string                              // what they do
}

func (p *prompt) open() bool { return p.kind != noPrompt }

// An offer is a completion that Tab goes through.
type offer struct {
	filter.Completion
	base string // the text that is completed
	next int    // the candidate that the next Tab takes
}

// ask opens a prompt.
func (a *app) ask(p prompt) {
	p.at = len(p.text)
	a.prompt = p
	a.promptChanged()
}

// typeKey edits the line.
func (a *app) typeKey(ev *tcell.EventKey) {
	p := &a.prompt
	before := p.text[:p.at]
	switch ev.Key() {
	case tcell.KeyEnter:
		was := *p
		a.prompt = prompt{} // what is done may ask again
		a.remember(was.kind, was.text)
		if was.done != nil {
			if was.err = was.done(was.text); was.err != nil {
				a.prompt = was
			}
		}
		return
	case tcell.KeyEscape:
		left := p.left
		a.prompt = prompt{}
		if left != nil {
			left()
		}
		return
	case tcell.KeyTab, tcell.KeyBacktab:
		a.takeOffer(ev.Key() == tcell.KeyBacktab)
		return
	case tcell.KeyDown, tcell.KeyUp:
		n := 1
		if ev.Key() == tcell.KeyUp {
			n = -1
		}
		if p.arrows != nil {
			p.arrows(n)
		} else {
			a.recall(-n)
		}
		return
	case tcell.KeyCtrlP:
		a.recall(1)
		return
	case tcell.KeyCtrlN:
		a.recall(-1)
		return
	case tcell.KeyLeft:
		p.at -= len(text.LastCharacter(before))
		return
	case tcell.KeyRight:
		p.at += len(text.FirstCharacter(p.text[p.at:]))
		return
	case tcell.KeyHome, tcell.KeyCtrlA:
		p.at = 0
		return
	case tcell.KeyEnd, tcell.KeyCtrlE:
		p.at = len(p.text)
		return
	case tcell.KeyBackspace, tcell.KeyBackspace2:
		p.put(strings.TrimSuffix(before, text.LastCharacter(before)), "")
	case tcell.KeyDelete:
		p.text = before + strings.TrimPrefix(p.text[p.at:], text.FirstCharacter(p.text[p.at:]))
	case tcell.KeyCtrlU:
		p.put("", "")
	case tcell.KeyCtrlW:
		p.put(dropWord(before), "")
	case tcell.KeyRune:
		p.put(before, string(ev.Rune()))
	default:
		return
	}
	a.promptChanged()
}

// put has the line begin with before and more, ahead of what is after the cursor.
func (p *prompt) put(before, more string) {
	p.text, p.at = before+more+p.text[p.at:], len(before)+len(more)
}

// promptChanged tells whoever asked, and looks for what may come next.
func (a *app) promptChanged() {
	p := &a.prompt
	p.err, p.offer = nil, offer{}
	if p.changed != nil {
		p.err = p.changed(p.text)
	}
	if p.complete != nil {
		p.offer = offer{p.complete(p.text[:p.at]), p.text[:p.at], 0}
	}
}

// takeOffer writes the next candidate. A single one is taken for good, so that
// the next Tab goes on behind it.
func (a *app) takeOffer(backwards bool) {
	p := &a.prompt
	n := len(p.offer.Candidates)
	if n == 0 {
		return
	}
	i := p.offer.next
	if backwards {
		i = (i + 2*n - 2) % n
	}
	o := p.offer
	p.put(o.base[:o.From], o.Candidates[i].Text)
	a.promptChanged()
	if n > 1 {
		o.next = (i + 1) % n
		p.offer = o
	}
}

// paste puts the first line of a pasted text into the line that is typed.
func (a *app) paste(s string) {
	if !a.prompt.open() {
		return
	}
	s, _, _ = strings.Cut(s, "\n")
	a.prompt.put(a.prompt.text[:a.prompt.at], strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s))
	a.promptChanged()
}

// dropWord is text without its last word, as Ctrl-W does.
func dropWord(text string) string {
	text = strings.TrimRightFunc(text, unicode.IsSpace)
	return text[:strings.LastIndexFunc(text, unicode.IsSpace)+1]
}
