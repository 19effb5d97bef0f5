package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"detour/internal/browser"
	"detour/ui"
)

// A window is a run's own browser, of which there is one at a time. The goroutine in
// tend starts it, hands it pages and learns of its end; who wants a page asks there.
type window struct {
	session *session
	opt     browser.Options
	asks    chan pageAsk
	closed  atomic.Bool // it was open, and isn't any more
}

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
	return &window{session: s, opt: opt, asks: make(chan pageAsk)}
}

// tend starts the browser and stays until ctx is done and the browser has ended.
// Closing the browser does not end the run; the next page starts it again.
func (w *window) tend(ctx context.Context) {
	p, err := w.start(ctx, w.opt.URL)
	if err != nil && ctx.Err() == nil { // else the run ends anyway
		w.session.say(err.Error())
	}
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
			p = nil
			if ctx.Err() == nil {
				w.tellClosed()
			}
		case x := <-w.asks:
			var a pageAnswer
			p, a = w.show(ctx, p, x)
			x.answer <- a
		}
	}
}

// tellClosed says so: in the table's head for as long as it is so.
func (w *window) tellClosed() {
	w.setClosed(true)
	if w.session.opt.ui == "none" {
		w.session.say("the browser is closed; the run goes on")
	}
}

func (w *window) setClosed(closed bool) {
	w.closed.Store(closed)
	w.session.headNews.Add(1)
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
	p, err := browser.Start(ctx, opt)
	if err != nil {
		return nil, err
	}
	w.setClosed(false)
	for _, n := range p.Notes {
		w.session.say("browser " + n)
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

// windowFacts say that the browser is closed, and which key opens it again.
func (s *session) windowFacts() []ui.Fact {
	if s.window == nil || !s.window.closed.Load() {
		return nil
	}
	return []ui.Fact{{Name: "browser", Value: "closed; " + cmp.Or(s.opt.keys.bound["browse"], "b") + " opens it again"}}
}
