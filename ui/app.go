package ui

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"

	"detour/internal/flow"
	"detour/ui/detail"
	"detour/ui/pane"
	"detour/ui/table"
)

// A focus is the part of the screen that keys act on.
type focus uint8

const (
	onTable focus = 1 << iota
	onDetail
	onFindings
	onGroups
	onCompared
)

// An app is the running screen. Everything in it belongs to tview's event loop,
// but for the fields that are said to be shared.
type app struct {
	src Source
	act Actions
	opt Options

	tv       *tview.Application
	screen   tcell.Screen
	colors   int // that the screen has
	theme    pane.Theme
	views    []view       // on the digits
	saved    []SavedView  // by a person; 0 shows them
	chosen   table.Choice // for views without columns of their own
	commands []command
	domains  *table.Domains // in whose short forms hosts are shown

	m       *model
	focus   focus
	beside  focus // onDetail, onFindings or onCompared: what the second pane shows; 0: it is closed
	tabs    []detail.Tab
	tab     int          // chosen
	reading pane.Reading // of the text panes
	detail  pane.Scroll
	laid    laidDetail
	finds   pane.Scroll
	finding int       // chosen
	visit   *visit    // of flows that a pane named; nil: none
	diff    *compared // the last comparison; nil: none
	help    bool
	helping pane.Scroll
	mouse   bool                    // it is taken from the terminal
	areas   []area                  // that it can act on, as drawn last
	prompt  prompt                  // what is being typed
	history map[promptKind][]string // what was typed
	menu    *menu                   // what one more key is asked for; nil: nothing
	form    *form                   // of an export; nil: it is closed
	exports int                     // that were written
	unkept  bool                    // there are marks, notes or steps that end with the screen
	chooser *chooser                // of the columns; nil: it is closed
	flash   flash
	errand  *errand                  // under way; nil: none
	probed  map[string]*detail.Probe // what asking a host came to, by host
	watch   watch                    // over the problems
	news    flash                    // of a new one; shown where flash leaves room
	last    string                   // what is left on the terminal; "": nothing

	frozen  atomic.Bool // shared: the painter reads nothing
	animate atomic.Bool // shared: something on the screen moves by itself
	leave   chan struct{}
	ctx     context.Context // of the errands; ends with run
	errands sync.WaitGroup
	results chan func() // of errands, for the goroutine that draws

	mu    sync.Mutex
	err   error // shared: why the screen broke
	fault any   // shared: a panic, to be raised again when the terminal is itself again
}

// A flash is the outcome of what the user did last.
type flash struct {
	text string
	tone pane.Tone
	at   time.Time
}

// flashFor is how long an outcome stays if no key is pressed.
const flashFor = 8 * time.Second

func newApp(src Source, act Actions, opt Options) *app {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	a := &app{
		src: src, act: act, opt: opt,
		domains: table.NewDomains(opt.AWS.Domains), tabs: detail.Tabs(), focus: onTable,
		m: newModel(opt.Now()), leave: make(chan struct{}, 1), results: make(chan func()), probed: map[string]*detail.Probe{}, history: map[promptKind][]string{},
	}
	if opt.Presenter {
		a.mask()
	}
	a.m.steps = opt.Steps
	a.takeSaved(opt.Views)
	a.takeColumns(opt.Columns)
	if opt.View != "" {
		if err := a.viewNamed(opt.View); err != nil {
			a.say(pane.Bad, "view: %v", err)
		}
	}
	if err := a.m.setFilter(opt.Filter); err != nil {
		a.say(pane.Bad, "filter: %v", err)
	}
	return a
}

// run drives the screen. The painter is the only goroutine that queues updates
// and the only one that stops the loop, so an update is never queued to a loop
// that has ended: tview would wait for it forever.
func (a *app) run(ctx context.Context, s tcell.Screen) error {
	g := &watchedScreen{Screen: s, app: a}
	a.screen = g
	a.tv = tview.NewApplication().SetScreen(g) // calls Init
	if g.initErr != nil {
		return fmt.Errorf("open terminal: %w", g.initErr)
	}
	a.colors = s.Colors()
	if err := a.wear(a.opt.Theme); err != nil {
		a.say(pane.Bad, "%v", err)
	}
	a.tv.EnablePaste(true)
	a.tv.SetInputCapture(func(ev *tcell.EventKey) *tcell.EventKey {
		a.guard(func() { a.key(ev) })
		return nil // a nil event is drawn, and tview's own Ctrl-C doesn't see it
	})
	a.tv.SetRoot(&root{tview.NewBox(), a}, true)

	var stop context.CancelFunc
	a.ctx, stop = context.WithCancel(ctx)
	defer stop()
	painted := make(chan struct{})
	go func() {
		defer close(painted)
		a.paint(ctx)
	}()
	err := a.tv.Run()
	<-painted
	stop()
	a.errands.Wait()
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

// guard runs f on the event loop. A panic ends the loop in the ordinary way and
// is raised again by run: the terminal is restored, and its text can be read.
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

// say shows the outcome of an action.
func (a *app) say(t pane.Tone, format string, args ...any) {
	a.flash = flash{fmt.Sprintf(format, args...), t, a.opt.Now()}
}

// shown is the flow that the detail pane is about, of a group the worst; nil if there is none.
func (a *app) shown() *flow.Flow {
	if gs := a.m.groups; a.m.view.group != "" {
		if len(gs) == 0 {
			return nil
		}
		return gs[a.m.group.at(gs)].Worst
	}
	return a.m.cursor.current(a.m)
}

// where is what keys act on: the focus, and of the table whether it shows groups.
func (a *app) where() focus {
	if a.focus == onTable && a.m.view.group != "" {
		return onGroups
	}
	return a.focus
}

// root is the one primitive that tview knows: it fills the screen.
type root struct {
	*tview.Box
	app *app
}

// Draw draws the whole screen.
func (r *root) Draw(s tcell.Screen) {
	x, y, w, h := r.GetRect()
	r.app.guard(func() {
		r.app.draw(pane.Canvas{Screen: s, Theme: r.app.theme, X: x, Y: y, W: w, H: h, Mask: r.app.reading.Mask})
	})
}

// PasteHandler takes text that was pasted while the filter is typed.
func (r *root) PasteHandler() func(string, func(tview.Primitive)) {
	return r.WrapPasteHandler(func(s string, _ func(tview.Primitive)) {
		r.app.guard(func() { r.app.paste(s) })
	})
}

// A watchedScreen keeps errors of the terminal from tview, which would end its
// loop behind the painter's back, and signs from a terminal that hasn't got them.
type watchedScreen struct {
	tcell.Screen
	app     *app
	initErr error
	plain   map[rune]string // what stands for signs that the terminal hasn't got; nil: it has them
}

// Init keeps the error, which tview drops.
func (s *watchedScreen) Init() error {
	s.initErr = s.Screen.Init()
	if s.initErr == nil && !strings.HasPrefix(s.CharacterSet(), "UTF-") {
		s.plain = plainSigns()
	}
	return s.initErr
}

// Put writes a character, or what stands for it. tcell's own stand-ins come after the
// line-drawing set that a terminal claims to have, in which an arrow is often a plus.
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
