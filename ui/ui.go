// Package ui is the live table: each flow is a row that shows, while the request is
// running, which route it takes and where it fails. A second pane shows the details of a
// flow, the findings, or a comparison with another capture.
//
// It opens no files and no connections. It reads flows through a [Source] and acts through
// [Actions]; [Run] shows the table until the user quits.
//
// This package is the shell: keys, commands, prompts, and the layout of the screen. The
// packages below it write what the panes show: detail, table, pane, mask and text.
package ui

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/gdamore/tcell/v2"

	"detour/internal/alias"
	"detour/internal/fault"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/shellenv"
	"detour/ui/mask"
	"detour/ui/proving"
	"detour/ui/recheck"
	"detour/ui/sharing"
)

// A Source has the flows to show. All methods except Get are called from one goroutine,
// which isn't the one that handles keys: a slow Source delays the display, not the keys.
// Neither side modifies what they return.
type Source interface {
	// Version increases with every change. Nothing is read while it stays the same.
	Version() uint64
	// Flows returns all flows by ascending ID. A changed flow has another pointer. Finished
	// flows may lack their header fields.
	Flows() []*flow.Flow
	// Get returns a flow with its header fields, or nil if it isn't stored any more. It is
	// called for the selected flow, on the goroutine that draws.
	Get(flow.ID) *flow.Flow
	// Findings returns the findings across flows, the most important one first. It returns
	// the same slice until they change.
	Findings() []flow.Finding
}

// A Finder is a Source that has more flows than Flows returns. Find is called with each filter
// that the user sets, also while it is typed, on the goroutine that draws: it reads in the
// background what the filter selects, and adds it to the flows.
type Finder interface{ Find(keep filter.Filter) }

// A Stepper is a Source that has the steps, too. The steps of any other one are those of Options,
// and those that begin here.
type Stepper interface{ Steps() []flow.Step }

// Actions are what keys can do outside the screen. Unless noted otherwise, they run on the
// goroutine that draws, and must be quick. A nil action can't be used: its key says so.
type Actions struct {
	// Copy copies plain text with the system's programs, and returns the names of those that took
	// it. It runs on its own goroutine, may take a few seconds, and ends with ctx. The screen also
	// sends the text to the terminal (OSC 52). Nil: the terminal alone.
	Copy func(ctx context.Context, text string) (by []string)
	// Print writes text to the terminal, which the screen leaves until it returns: when the person
	// has selected what they want of it, or ctx ends.
	Print func(ctx context.Context, text string) error
	// PassUnread stops decrypting a host, or begins again, and reports which.
	// Connections that are open stay as they are.
	PassUnread func(host string) (unread bool, err error)
	// Suspend stops the process until it is continued; until then the terminal is the shell's.
	Suspend func() error
	// Selected takes the flow that is selected, whenever that is another one; 0: none is. Nil: nobody
	// is told.
	Selected func(flow.ID)
	// Unavailable says why actions are nil, unless they have a reason of their own. "": a general one.
	Unavailable string

	Edit    EditActions
	Clear   ClearActions
	Save    SaveActions
	Probe   ProbeActions
	Browse  BrowseActions
	Compare CompareActions
	Export  ExportActions
	Account proving.Actions
	Share   sharing.Actions
}

// EditActions are what a person adds to flows.
type EditActions struct {
	// Mark sets or removes the mark of a flow.
	Mark func(flow.ID) error
	// Note sets the note of a flow, one line; "" removes it.
	Note func(id flow.ID, text string) error
	// Step begins a step of what the person is doing. Nil: only the screen knows of it, or, if there
	// is a reason why actions are nil, it can't be begun.
	Step func(flow.Step) error
	// Unsaved says how to keep marks, notes and steps, which otherwise end with the screen.
	// "": they are saved.
	Unsaved string
}

// ClearActions remove flows from the table.
type ClearActions struct {
	// Run removes the flows that are finished, except those with a mark or a note, and
	// returns how many.
	Run func() int
	// Kept says where they are still saved; "": nowhere.
	Kept string
}

// SaveActions save what the person has chosen for later runs. Nil ones save it for this run.
type SaveActions struct {
	// View saves a view, and replaces the one with its name or its digit.
	View       func(SavedView) error
	ForgetView func(name string) error
	// Columns saves the choice of columns.
	Columns func(words string) error
}

// ProbeActions send requests of detour's own. They run on goroutines of their own, may take
// their time, and end with ctx. The text they return has lines, of which the first sums up.
type ProbeActions struct {
	// Run probes a host, or host:port: DNS, each address, TLS.
	Run func(ctx context.Context, host string) (text string, err error)
	// Counterfactual also tries the addresses that the reference resolver returns.
	Counterfactual func(ctx context.Context, host string) (text string, err error)
	// Again tests hosts again.
	Again recheck.Actions
	// Reference returns the resolver that Counterfactual queries; nil, or "": there is none.
	Reference func() string
	// SetReference changes it; "none": there is none. It runs on the goroutine that draws. Nil: it
	// can't be changed, and NoReference says why.
	SetReference func(address string) error
	NoReference  string
	// Unavailable and NoCounterfactual say why Run and Counterfactual are nil. "": a general
	// reason.
	Unavailable, NoCounterfactual string
}

// BrowseActions open pages.
type BrowseActions struct {
	// Open shows a page in the run's browser, and reports whether the browser had to be
	// started again because the person had closed it. It runs on its own goroutine, and ends
	// with ctx. The page is an http or https URL; it may contain a secret.
	Open func(ctx context.Context, page string) (started bool, err error)
	// IsOpen reports whether the browser is open: it closes when detour quits. It must be
	// quick. Nil: there is none.
	IsOpen func() bool
	// StartPage is the page to open if there is no other. "": none.
	StartPage string
	// Unavailable says why Open is nil. "": a general reason.
	Unavailable string
}

// CompareActions compare captures.
type CompareActions struct {
	// Run compares what is in the table with a file, which counts as the earlier one. It runs
	// on its own goroutine, may take its time, and ends with ctx.
	Run func(ctx context.Context, file string) (Comparison, error)
	// Files completes the name of a file. Nil: nothing is offered.
	Files func(text string) filter.Completion
}

// ExportActions write evidence. They run on goroutines of their own, and end with ctx.
type ExportActions struct {
	// Write writes flows into a new file; it never overwrites one. Count reports what it would
	// write.
	Write func(ctx context.Context, x Export) (Exported, error)
	Count func(ctx context.Context, x Export) (Exported, error)
	// Strict says that all there is has been redacted strictly: there is nothing else to choose.
	Strict bool
	// Name is the name that is offered for the file, without an extension.
	Name string
}

// AWSNames are AWS's own names, and an AWSDomain is a DNS domain of AWS's.
type (
	AWSNames  = mask.Names
	AWSDomain = mask.Domain
)

// A Fact is shown in the top line: {"proxy", "127.0.0.1:8080"}.
type Fact struct{ Name, Value string }

// Options configure the table. The zero value works.
type Options struct {
	// Screen to draw on, not initialised. Nil: the terminal.
	Screen tcell.Screen
	// Badge is a word that must not be overlooked, such as "DEMO". "": none.
	Badge string
	// Facts returns the facts of the run. It is called at every frame, and must be quick.
	// Nil: none.
	Facts func() []Fact
	// Hint returns what to do while there are no flows, a line each; it is called as Facts
	// is. No line, or nil: general instructions.
	Hint func() []string
	// Last is where Q writes the last screen, after the terminal is restored: the terminal
	// itself. Nil: nowhere.
	Last io.Writer
	// Filter is the initial filter. "": none.
	Filter string
	// View is the name of the initial view, built in or one of Views. "": calls.
	View string
	// Theme is one of [Themes]. "": the first one.
	Theme string
	// Steps are those of earlier, by time.
	Steps []flow.Step
	// Recorded reports whether the flows are a recording to which nothing is added: a step
	// begins with the selected row. It is called at every frame, and must be quick. Nil: they
	// are those of a run.
	Recorded func() bool
	// HostCursor returns the flow that is selected in the table of the run's host; 0: none is. Nil:
	// there is no other table. It is called whenever the Source has changed.
	HostCursor func() flow.ID
	// Views and Columns are what was saved in earlier runs.
	Views   []SavedView
	Columns string
	// Keys are key bindings, already checked. Nil: none.
	Keys Keys
	// AWS are AWS's own names: masking shows them, and columns shorten them. The zero value
	// has none.
	AWS AWSNames
	// Strict says that the flows have stand-ins, which the screen shows by their names.
	Strict bool
	// Names are the run's names for what is masked; nil: new ones.
	Names *alias.Table
	// Concepts returns what the help explains of findings, the first one before the rest. Nil: nothing.
	Concepts func([]flow.Finding) []Concept
	// Presenter masks the screen from the start.
	Presenter bool
	// Faults keeps a panic of a task from ending the table. Nil: it ends it.
	Faults *fault.Guard
	// Shell is the user's, for which requests are copied as command lines. "": a POSIX shell.
	Shell shellenv.Shell
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
}

// A Concept is a term of networks or AWS that findings use, and what it means. Both are plain
// text.
type Concept struct{ Name, Text string }

// Run shows the table until the user quits or ctx ends; neither is an error. It restores
// the terminal before it returns or panics.
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
