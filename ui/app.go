package ui

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"detour/internal/alias"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"

	"detour/ui/detail"
	"detour/ui/pane"
	"detour/ui/recheck"
)

// An app is the running screen: it reads keys and draws. It belongs to tview's event loop,
// except for the fields that are marked as shared.
type app struct {
	*screenState // shared by the parts below

	views   *viewSet
	columns *columnEditor
	exports *exporter
	diff    *comparer
	edits   *annotator
	probes  *prober
	again   *recheck.Tester
	host    *hostFollower
	mouse   mouse

	tv         *tview.Application
	colors     int // of the screen
	theme      pane.Theme
	keyActions []keyAction
	last       string // left in the terminal at the end; "": nothing

	animate atomic.Bool // shared: something on the screen changes with time
	leave   chan struct{}

	mu    sync.Mutex
	err   error // shared: why the screen broke
	fault any   // shared: a panic, to be raised again once the terminal is restored
}

func newApp(src Source, act Actions, opt Options) *app {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Names == nil {
		opt.Names = new(alias.Table)
	}
	a := &app{leave: make(chan struct{}, 1)}
	a.screenState = newScreenState(src, act.explained(), opt, a.guard)
	a.views = &viewSet{state: a.screenState, changed: func() { a.keyActions = keyActions(a, a.views.byDigit, opt.Keys) }}
	a.prompts.personal = a.views.isSaved
	a.columns = &columnEditor{state: a.screenState, views: a.views}
	a.exports = &exporter{state: a.screenState, saved: func() { a.edits.unsaved = false }}
	a.diff = &comparer{state: a.screenState, views: a.views, exports: a.exports}
	a.edits = &annotator{state: a.screenState}
	a.again = newTester(a.screenState)
	a.probes = &prober{state: a.screenState, probed: map[string]*detail.Probe{}}
	a.host = &hostFollower{state: a.screenState, views: a.views}
	stopMasking(a.screenState)
	if opt.Presenter {
		startMasking(a.screenState)
	}
	a.m.steps = opt.Steps
	if f, ok := src.(Finder); ok {
		a.m.wanted = f.Find
	}
	a.views.load(opt.Views)
	a.columns.load(opt.Columns)
	if opt.View != "" {
		if err := a.views.showNamed(opt.View); err != nil {
			a.notify(pane.Bad, "view: %v", err)
		}
	}
	if err := a.m.setFilter(opt.Filter); err != nil {
		a.notify(pane.Bad, "filter: %v", err)
	}
	return a
}

// run drives the screen. The painter is the only goroutine that queues updates, and the
// only one that stops the loop: an update is never queued to a loop that has ended, since
// tview would wait for it forever.
func (a *app) run(ctx context.Context, s tcell.Screen) error {
	g := &watchedScreen{Screen: s, app: a}
	a.screen = g
	a.tv = tview.NewApplication().SetScreen(g) // calls Init
	if g.initErr != nil {
		return fmt.Errorf("open terminal: %w", g.initErr)
	}
	a.colors = s.Colors()
	if err := a.applyTheme(a.opt.Theme); err != nil {
		a.notify(pane.Bad, "%v", err)
	}
	a.tv.EnablePaste(true)
	a.tv.SetInputCapture(func(ev *tcell.EventKey) *tcell.EventKey {
		a.guard(func() { a.key(ev) })
		return nil // a nil event is drawn, and tview's own Ctrl-C doesn't see it
	})
	a.tv.SetRoot(&root{tview.NewBox(), a}, true)

	running, stop := context.WithCancel(ctx)
	a.tasks.Within(running)
	defer stop()
	painted := make(chan struct{})
	go func() {
		defer close(painted)
		a.paint(ctx)
	}()
	err := a.tv.Run()
	<-painted
	stop()
	a.tasks.Wait()
	err = errors.Join(err, a.writeLast())

	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fault != nil {
		panic(a.fault)
	}
	return errors.Join(a.err, err)
}

// quit asks the painter to stop the loop.
func (a *app) quit() {
	select {
	case a.leave <- struct{}{}:
	default: // asked already
	}
}

// guard runs f on the event loop. A panic stops the loop normally, and run raises it again,
// so that the terminal is restored and the message can be read.
func (a *app) guard(f func()) {
	defer func() {
		if p := recover(); p != nil {
			a.mu.Lock()
			if a.fault == nil {
				a.fault = fmt.Sprintf("%v\n\n%s", p, debug.Stack())
			}
			a.mu.Unlock()
			a.quit()
		}
	}()
	f()
}

// fail ends the loop with an error.
func (a *app) fail(err error) {
	a.mu.Lock()
	a.err = errors.Join(a.err, err)
	a.mu.Unlock()
	a.quit()
}
