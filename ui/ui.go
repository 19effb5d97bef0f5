// Package ui is the live table: every flow a row, telling while it happens
// which road a call takes and where on that road it is stuck; beside it what is
// to be known of one flow, and what the findings say of all of them.
//
// It knows no file and no network. It reads the capture through a Source and
// acts through Actions.
package ui

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/gdamore/tcell/v2"

	"detour/internal/filter"
	"detour/internal/flow"
	"detour/ui/mask"
)

// A Source is what is shown. All but Get are called from one goroutine, which
// isn't the one that handles keys: a slow Source makes the picture old, not the
// keys slow. What they return is not written to, by either side.
type Source interface {
	// Version rises with every change; nothing is read while it stays the same.
	Version() uint64
	// Flows returns all flows by rising ID. A changed flow is another pointer.
	// Those that are over may lack their header fields.
	Flows() []*flow.Flow
	// Get returns a flow with its header fields; nil if it isn't kept any more. It
	// is called for the one flow that is looked at, on the goroutine that draws.
	Get(flow.ID) *flow.Flow
	// Findings returns the judgement across flows, most telling first. It is the
	// same slice until the judgement changes.
	Findings() []flow.Finding
}

// Actions are what keys can do outside the screen. Where nothing else is said,
// they run on the goroutine that draws and must be quick. The key of a nil action says that it can't act.
type Actions struct {
	// Copy takes what y copies, as plain text. Nil: the terminal's clipboard (OSC 52).
	Copy func(text string) error
	// Mark sets or removes the user's mark of a flow.
	Mark func(flow.ID) error
	// Note sets the user's note of a flow, one line; "" takes it away.
	Note func(id flow.ID, text string) error
	// Fleeting says that a mark, a note or a step ends with the screen, and what keeps it. "":
	// it is kept.
	Fleeting string
	// Step takes what the person is about to do. Nil: the screen alone knows of it.
	Step func(flow.Step) error
	// PassUnread stops decrypting a host, or begins again, and reports which.
	// Connections that are open stay as they are.
	PassUnread func(host string) (unread bool, err error)
	// Probe asks a host, or host:port, by itself: DNS, each address, TLS. Its text is
	// lines, of which the first sums up. It runs on a goroutine of its own, may take
	// its time, and ends with ctx.
	Probe func(ctx context.Context, host string) (text string, err error)
	// Counterfactual is as Probe, with the road that the reference resolver names to
	// compare with.
	Counterfactual func(ctx context.Context, host string) (text string, err error)
	// Reference is the resolver that Counterfactual asks.
	Reference string
	// Clear takes away what is over, but for marked and noted flows, and returns how
	// many went. ClearKept says who keeps them; "": nobody.
	Clear     func() int
	ClearKept string
	// Suspend stops the process until it is continued; the terminal is the shell's then.
	Suspend func() error
	// SaveView keeps a view for other runs; one of the same name, or with its digit, gives way.
	// ForgetView gives it up. Nil: it is kept for this run.
	SaveView   func(SavedView) error
	ForgetView func(name string) error
	// SaveColumns keeps the choice of columns for other runs. Nil: it is for this run.
	SaveColumns func(words string) error
	// Export writes flows into a new file, never over another; ExportCount says what
	// it would be. They run on goroutines of their own, and end with ctx.
	Export      func(ctx context.Context, x Export) (Exported, error)
	ExportCount func(ctx context.Context, x Export) (Exported, error)
	// ExportName is how the file is to be called, without what the format adds.
	ExportName string
	// Compare says how what is kept now differs from a file, which counts as what was
	// before. It runs on a goroutine of its own, may take its time, and ends with ctx.
	Compare func(ctx context.Context, file string) (Comparison, error)
	// CompareFiles offers what the name of a file may become. Nil: nothing is offered.
	CompareFiles func(text string) filter.Completion
	// Browse has the run's browser show a page, and reports whether it had to be started
	// again for that: the person had closed it. It runs on a goroutine of its own, and
	// ends with ctx. The page is an http or https URL; it may hold a secret.
	Browse func(ctx context.Context, page string) (started bool, err error)
	// StartPage is the page to open where there is no other. "": none.
	StartPage string
	// NoProbe, NoCounterfactual and NoBrowse say why these are nil. "": a general reason.
	NoProbe, NoCounterfactual, NoBrowse string
}

// AWSNames are AWS's own names, and an AWSDomain is a DNS domain of AWS's.
type (
	AWSNames  = mask.Names
	AWSDomain = mask.Domain
)

// A Fact is one thing that the top line says of the run: {"proxy", "127.0.0.1:8080"}.
type Fact struct{ Name, Value string }

// Options are how the table is set up. The zero value works.
type Options struct {
	// Screen to draw on, not initialised. Nil: the terminal.
	Screen tcell.Screen
	// Badge is a word that must not be overlooked, as "DEMO". "": none.
	Badge string
	// Facts are asked for at every frame, so they may change; it must be quick. Nil: none.
	Facts func() []Fact
	// Hint is what to do while nothing has come through yet, a line each; asked for as
	// Facts are. No line, or nil: a general one.
	Hint func() []string
	// Last is where Q leaves the last screen, after the terminal is restored: the
	// terminal itself. Nil: Q says that it can't.
	Last io.Writer
	// Filter is the expression that the table begins with. "": none.
	Filter string
	// View is the name of the view that it begins with, of detour's own or of Views. "": calls.
	View string
	// Theme is one of Themes. "": the first one.
	Theme string
	// Steps are those that were begun before, by time.
	Steps []flow.Step
	// Recorded says that the flows are of the past: a step begins with the selected row.
	Recorded bool
	// Views are those that were saved before, and Columns the choice that was.
	Views   []SavedView
	Columns string
	// Keys are other keys for actions; they have been checked. Nil: none.
	Keys Keys
	// AWS are AWS's own names: masking shows them, and columns shorten them. The zero value
	// has none.
	AWS AWSNames
	// Presenter masks the screen from the beginning, for others who look on.
	Presenter bool
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
}

// Run shows the table until the user quits or ctx ends; neither is an error.
// The terminal is restored before it returns or panics.
func Run(ctx context.Context, src Source, act Actions, opt Options) error {
	a := newApp(src, act, opt)
	screen := opt.Screen
	if screen == nil {
		s, err := tcell.NewScreen()
		if err != nil {
			return fmt.Errorf("open terminal: %w", err)
		}
		screen = s
	}
	return a.run(ctx, screen)
}
