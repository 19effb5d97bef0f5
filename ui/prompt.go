package ui

import (
	"strings"
	"unicode"

	"github.com/gdamore/tcell/v2"

	"detour/internal/filter"
	"detour/ui/notice"
	"detour/ui/text"
)

// A prompter asks for a line, or for one more key.
type prompter struct {
	notices  *notice.Board
	line     prompt                  // what is being typed
	history  map[promptKind][]string // lines that were typed
	menu     *menu                   // the question that is open; nil: none
	personal func(string) bool       // reports whether a person has written this candidate
}

// A promptKind is what a line is typed for. Each kind has its own history.
type promptKind uint8

const (
	noPrompt  promptKind = iota
	forFilter            // also for searches in a pane
	forCommand
	forNote
	forPage
	forComparison
	forExport
)

// A prompt is a line that is being typed. The zero value is none.
type prompt struct {
	kind  promptKind
	label string // before it: "/"
	hint  string // what can be typed, in a few words
	enter string // what Enter does
	esc   string // what Esc does
	text  string
	at    int // byte offset of the cursor
	err   error
	offer offer
	back  int    // position in the history, counted from its end; 0: not in it
	typed string // what was being typed before the history was entered

	complete  func(text string) filter.Completion // may be nil
	changed   func(text string) error             // after every key; may be nil
	done      func(text string) error             // on Enter; an error keeps the prompt open
	cancelled func()                              // on Esc; may be nil
	arrows    func(n int)                         // on ↓ and ↑; may be nil
	moves     string                              // what arrows move
}

func (p *prompt) open() bool { return p.kind != noPrompt }

// An offer is a completion that Tab cycles through.
type offer struct {
	filter.Completion
	base string // the text that is completed
	next int    // index of the candidate that the next Tab inserts
}

// ask opens a prompt.
func (ps *prompter) ask(p prompt) {
	p.at = len(p.text)
	ps.line = p
	ps.changed()
}

// typeKey handles a key in the line.
func (ps *prompter) typeKey(ev *tcell.EventKey) {
	p := &ps.line
	before := p.text[:p.at]
	switch ev.Key() {
	case tcell.KeyEnter:
		was := *p
		ps.line = prompt{} // done may open another prompt
		ps.remember(was.kind, was.text)
		if was.done != nil {
			if was.err = was.done(was.text); was.err != nil {
				ps.line = was
			}
		}
		return
	case tcell.KeyEscape:
		left := p.cancelled
		ps.line = prompt{}
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
	ps.changed()
}

// replace sets the text before the cursor to before and more.
func (p *prompt) replace(before, more string) {
	p.text, p.at = before+more+p.text[p.at:], len(before)+len(more)
}

// changed calls the prompt's changed function, and completes the text.
func (ps *prompter) changed() {
	p := &ps.line
	p.err, p.offer = nil, offer{}
	if p.changed != nil {
		p.err = p.changed(p.text)
	}
	if p.complete != nil {
		p.offer = offer{p.complete(p.text[:p.at]), p.text[:p.at], 0}
	}
}

// acceptOffer inserts the next candidate. A single one is final: the next Tab completes
// what follows.
func (ps *prompter) acceptOffer(backwards bool) {
	p := &ps.line
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
	ps.changed()
	if n > 1 {
		o.next = (i + 1) % n
		p.offer = o
	}
}

// paste inserts the first line of a pasted text.
func (ps *prompter) paste(s string) {
	if !ps.line.open() {
		return
	}
	s, _, _ = strings.Cut(s, "\n")
	ps.line.replace(ps.line.text[:ps.line.at], strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s))
	ps.changed()
}

// dropWord returns the text without its last word, as Ctrl-W does.
func dropWord(text string) string {
	text = strings.TrimRightFunc(text, unicode.IsSpace)
	return text[:strings.LastIndexFunc(text, unicode.IsSpace)+1]
}
