package ui

import (
	"strings"
	"unicode"

	"github.com/gdamore/tcell/v2"

	"detour/internal/filter"
	"detour/ui/text"
)

// A prompts asks: for a line that is typed, or for one more key.
type prompts struct {
	*notices
	prompt   prompt                  // what is being typed
	history  map[promptKind][]string // what was typed
	menu     *menu                   // what one more key is asked for; nil: nothing
	personal func(string) bool       // reports whether a candidate is what a person has written
}

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
	back  int    // how many lines back in the history it shows; 0: what is being typed
	typed string // that, while an earlier one is shown

	complete  func(text string) filter.Completion // nil: nothing is offered
	changed   func(text string) error             // after every key; nil: nothing happens
	done      func(text string) error             // on Enter; an error keeps the prompt open
	cancelled func()                              // on Esc; nil: nothing happens
	arrows    func(n int)                         // on ↓ and ↑; nil: nothing happens
	moves     string                              // what they do
}

func (p *prompt) open() bool { return p.kind != noPrompt }

// An offer is a completion that Tab goes through.
type offer struct {
	filter.Completion
	base string // the text that is completed
	next int    // the candidate that the next Tab takes
}

// ask opens a prompt.
func (ps *prompts) ask(p prompt) {
	p.at = len(p.text)
	ps.prompt = p
	ps.promptChanged()
}

// typeKey edits the line.
func (ps *prompts) typeKey(ev *tcell.EventKey) {
	p := &ps.prompt
	before := p.text[:p.at]
	switch ev.Key() {
	case tcell.KeyEnter:
		was := *p
		ps.prompt = prompt{} // what is done may ask again
		ps.remember(was.kind, was.text)
		if was.done != nil {
			if was.err = was.done(was.text); was.err != nil {
				ps.prompt = was
			}
		}
		return
	case tcell.KeyEscape:
		left := p.cancelled
		ps.prompt = prompt{}
		if left != nil {
			left()
		}
		return
	case tcell.KeyTab, tcell.KeyBacktab:
		ps.acceptOffer(ev.Key() == tcell.KeyBacktab)
		return
	case tcell.KeyDown, tcell.KeyUp:
		n := 1
		if ev.Key() == tcell.KeyUp {
			n = -1
		}
		if p.arrows != nil {
			p.arrows(n)
		} else {
			ps.recallLine(-n)
		}
		return
	case tcell.KeyCtrlP:
		ps.recallLine(1)
		return
	case tcell.KeyCtrlN:
		ps.recallLine(-1)
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
		p.replace(strings.TrimSuffix(before, text.LastCharacter(before)), "")
	case tcell.KeyDelete:
		p.text = before + strings.TrimPrefix(p.text[p.at:], text.FirstCharacter(p.text[p.at:]))
	case tcell.KeyCtrlU:
		p.replace("", "")
	case tcell.KeyCtrlW:
		p.replace(dropWord(before), "")
	case tcell.KeyRune:
		p.replace(before, string(ev.Rune()))
	default:
		return
	}
	ps.promptChanged()
}

// replace has the line begin with before and more, ahead of what is after the cursor.
func (p *prompt) replace(before, more string) {
	p.text, p.at = before+more+p.text[p.at:], len(before)+len(more)
}

// promptChanged tells whoever asked, and looks for what may come next.
func (ps *prompts) promptChanged() {
	p := &ps.prompt
	p.err, p.offer = nil, offer{}
	if p.changed != nil {
		p.err = p.changed(p.text)
	}
	if p.complete != nil {
		p.offer = offer{p.complete(p.text[:p.at]), p.text[:p.at], 0}
	}
}

// acceptOffer writes the next candidate. A single one is taken for good, so that
// the next Tab goes on behind it.
func (ps *prompts) acceptOffer(backwards bool) {
	p := &ps.prompt
	n := len(p.offer.Candidates)
	if n == 0 {
		return
	}
	i := p.offer.next
	if backwards {
		i = (i + 2*n - 2) % n
	}
	o := p.offer
	p.replace(o.base[:o.From], o.Candidates[i].Text)
	ps.promptChanged()
	if n > 1 {
		o.next = (i + 1) % n
		p.offer = o
	}
}

// paste puts the first line of a pasted text into the line that is typed.
func (ps *prompts) paste(s string) {
	if !ps.prompt.open() {
		return
	}
	s, _, _ = strings.Cut(s, "\n")
	ps.prompt.replace(ps.prompt.text[:ps.prompt.at], strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s))
	ps.promptChanged()
}

// dropWord is text without its last word, as Ctrl-W does.
func dropWord(text string) string {
	text = strings.TrimRightFunc(text, unicode.IsSpace)
	return text[:strings.LastIndexFunc(text, unicode.IsSpace)+1]
}
