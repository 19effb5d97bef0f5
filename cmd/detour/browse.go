package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"detour/internal/browser"
	"detour/ui"
)

// A window is a run's own browser, of which there is one at a time. The goroutine in
// tend starts it, hands it pages and learns of its end; who wants a page asks there.
type window struct {
	session *session
	opt     browser.Options
	others  []string // programs to start where that of opt can't be used
	instead string   // why it isn't the first of them; "": it is
	soon    time.Duration
	before  uint64 // the capture's version when it was started: with a higher one it has asked for something
	asks    chan pageAsk
	state   atomic.Pointer[windowState]
}

// A windowState is what there is to say of a browser that isn't open.
type windowState struct {
	fact   string   // in the table's head, short enough for a narrow one
	what   string   // what happened, as the beginning of a sentence: "the browser ended"
	why    string   // the rest of it, at any length; "": nothing
	advice []string // what to do while the table is empty; nil: nothing
}

// sentence is what happened and why; "" if there is nothing to say.
func (s *windowState) sentence() string { return strings.TrimSpace(s.what + " " + s.why) }

// endedSoon is how soon a browser that has asked for nothing isn't closed by anybody: it
// couldn't start, or it handed its page to another one.
const endedSoon = 3 * time.Second

// A pageAsk is a page that somebody waits for.
type pageAsk struct {
	ctx    context.Context
	page   string
	answer chan<- pageAnswer // has room for it
}

// A pageAnswer says what became of a page, and whether a browser was started for it.
type pageAnswer struct {
	started bool
	err     error
}

func newWindow(s *session, opt browser.Options) *window {
	return &window{session: s, opt: opt, soon: endedSoon, asks: make(chan pageAsk)}
}

// tend starts the browser and stays until ctx is done and the browser has ended.
// Closing the browser does not end the run; the next page starts it again.
func (w *window) tend(ctx context.Context) {
	p := w.begin(ctx)
	for {
		var ended <-chan struct{}
		if p != nil {
			ended = p.Done()
		}
		select {
		case <-ctx.Done(): // which closes it
			if p != nil {
				<-ended
			}
			return
		case <-ended:
			e := p.Ending()
			p = nil
			if ctx.Err() == nil {
				p = w.after(ctx, e)
			}
		case x := <-w.asks:
			var a pageAnswer
			p, a = w.show(ctx, p, x)
			x.answer <- a
		}
	}
}

// begin starts the browser with the first page; nil: none can be used.
func (w *window) begin(ctx context.Context) *browser.Process {
	for {
		p, err := w.start(ctx, w.opt.URL)
		if err == nil || ctx.Err() != nil {
			return p
		}
		if !w.takeAnother(err.Error()) {
			w.tell(&windowState{fact: "not started; " + w.key() + " tries again", why: err.Error(), advice: w.advice(err)})
			return nil
		}
	}
}

// after says how the browser ended, and starts another one if it couldn't be used.
func (w *window) after(ctx context.Context, e browser.Ending) *browser.Process {
	soon := e.After < w.soon && w.session.store.Version() == w.before
	if e.Err == nil && !soon {
		w.tell(&windowState{fact: "closed; " + w.key() + " opens it again"})
		return nil
	}
	why := "after " + ranFor(e.After)
	switch {
	case e.Words != "":
		why += ": " + e.Words
	case e.Err != nil:
		why += ": " + e.Err.Error()
	}
	state := &windowState{fact: "ended; " + w.key() + " starts it again", what: "the browser ended", why: why}
	if soon {
		if e.Err != nil && w.takeAnother(w.program()+" ended "+why) {
			return w.begin(ctx)
		}
		state.advice = w.advice(e.Err)
	}
	w.tell(state)
	return nil
}

// takeAnother takes the next program, if there is one, and says so.
func (w *window) takeAnother(why string) bool {
	if len(w.others) == 0 {
		return false
	}
	w.opt.Path, w.others = w.others[0], w.others[1:]
	w.instead = why + "; " + w.program() + " is started instead"
	w.session.say(w.instead)
	return true
}

// tell says why there is no browser: in the table's head for as long as it is so.
func (w *window) tell(state *windowState) {
	s, why := w.session, cmp.Or(state.sentence(), "the browser is closed; the run goes on")
	s.log.Info(why)
	w.set(state)
	if s.opt.ui != "none" {
		return
	}
	fmt.Fprintln(s.stderr, "detour: "+why)
	for _, l := range state.advice {
		fmt.Fprintln(s.stderr, "hint: "+l)
	}
}

func (w *window) set(state *windowState) {
	w.state.Store(state)
	w.session.headNews.Add(1)
}

// advice is what to do about a browser that can't be used; nil: it ended soon and in
// order.
func (w *window) advice(err error) (out []string) {
	kept := w.opt.ProfileDir != ""
	var file *fs.PathError
	switch {
	case kept && err == nil:
		out = append(out, "another browser may have the profile open, and has shown the page: close that one, or take another --profile")
	case errors.Is(err, browser.ErrInUse):
		out = append(out, "end that run, or take another --profile")
	case kept && errors.As(err, &file):
		out = append(out, "without --profile it has one in "+os.TempDir()+" that is thrown away")
	case runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "":
		out = append(out, "there is no screen to show it on: neither DISPLAY nor WAYLAND_DISPLAY is set")
	}
	out = append(out, "--browser takes another one; detour help browsers lists those that are here")
	if w.session.opt.log == "" {
		out = append(out, "--log FILE has all that the browser says")
	}
	return append(out, w.session.stepsByHand()...)
}

// program is the name of the browser's program; its path may name a user.
func (w *window) program() string { return filepath.Base(w.opt.Path) }

// key is the one that opens pages.
func (w *window) key() string { return cmp.Or(w.session.opt.keys.bound["browse"], "b") }

// ranFor is a time as a person says it.
func ranFor(d time.Duration) string {
	switch {
	case d < 50*time.Millisecond:
		return "less than 0.1 s"
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// show has p show a page or, if there is none or it ends just now, another browser
// that is started for it.
func (w *window) show(ctx context.Context, p *browser.Process, x pageAsk) (*browser.Process, pageAnswer) {
	if p != nil {
		err := p.Open(x.ctx, x.page)
		if errors.Is(err, browser.ErrNotTaken) {
			err = fmt.Errorf("%w; open it there yourself", err)
		}
		if !errors.Is(err, browser.ErrEnded) {
			return p, pageAnswer{err: err}
		}
		<-p.Done() // so that the profile is nobody's
	}
	p, err := w.start(ctx, x.page)
	return p, pageAnswer{err == nil, err}
}

// start starts the browser; a profile that isn't kept is a new one.
func (w *window) start(ctx context.Context, page string) (*browser.Process, error) {
	opt := w.opt
	opt.URL = page
	w.before = w.session.store.Version()
	p, err := browser.Start(ctx, opt)
	if err != nil {
		return nil, err
	}
	w.set(nil)
	for _, n := range p.Notes {
		w.session.say("browser " + n)
	}
	if said := w.instead; said != "" { // which matters more
		w.session.said.Store(&said)
	}
	return p, nil
}

// open is the table's action: it waits for its page.
func (w *window) open(ctx context.Context, page string) (started bool, err error) {
	answer := make(chan pageAnswer, 1)
	select {
	case w.asks <- pageAsk{ctx, page, answer}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	select {
	case a := <-answer:
		return a.started, a.err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// browseActions are those of the table that open pages.
func (s *session) browseActions(act *ui.Actions) {
	act.NoBrowse = s.noWindow
	if s.window != nil {
		act.Browse, act.StartPage = s.window.open, browser.ConsoleURL
	}
}

// windowFacts say that the browser isn't open, and which key opens it.
func (s *session) windowFacts() []ui.Fact {
	if s.window == nil {
		return nil
	}
	state := s.window.state.Load()
	if state == nil {
		return nil
	}
	facts := []ui.Fact{{Name: "browser", Value: state.fact}}
	why := []rune(state.why)
	if len(why) > maxFact {
		why = append(why[:maxFact:maxFact], '…')
	}
	if len(why) > 0 {
		facts = append(facts, ui.Fact{Name: "why", Value: string(why)})
	}
	return facts
}

// maxFact is how many characters of a reason the table's head has, which leaves out
// what is too long for it; the empty table has all of it.
const maxFact = 36

// hintNow is what to do while the table is empty.
func (s *session) hintNow() []string {
	if s.window == nil {
		return s.hint
	}
	state := s.window.state.Load()
	if state == nil || state.advice == nil {
		return nil
	}
	return append([]string{state.sentence(), "browser " + state.fact, ""}, state.advice...)
}
