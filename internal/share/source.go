package share

import (
	"time"

	"detour/internal/fault"
	"detour/internal/flow"
	"detour/internal/intake"
)

// A Source is what is shared: the store of a run, or a file that was opened. Its methods may be
// called concurrently. Neither side modifies what they return.
type Source interface {
	// Version increases with every change of the flows, the findings, the steps and the checks.
	Version() uint64
	// Flows returns all flows by ascending ID. A changed flow has another pointer. Finished flows
	// may lack their header fields.
	Flows() []*flow.Flow
	// Get returns a flow with its header fields; nil if it isn't there any more.
	Get(id flow.ID) *flow.Flow
	Findings() []flow.Finding
	Steps() []flow.Step
	Checks() []*flow.Check
}

// A Renderer makes of values what the live page shows: each result is one JSON object on one
// line. It gets nothing that isn't redacted strictly. Its methods may be called concurrently.
type Renderer interface {
	Setup() []byte                                 // columns and views
	Row(f *flow.Flow, now time.Time) []byte        // without header fields; now is for a flow in progress
	Findings(c flow.Capture, now time.Time) []byte // c has flows, findings, steps, checks and names
}

// Config is what a Feed is made of. Source, Strict and Now are required.
type Config struct {
	Source Source
	// Strict redacts everything that leaves the Feed. It is the run's, which its strict exports
	// use, too.
	Strict *intake.Strict
	// Judge returns the Source's findings as they are of flows that were redacted: found are the
	// Source's, real its flows, and strict what redaction made of them. It is called by one
	// goroutine at a time. nil: there are no findings.
	Judge    func(real, strict []*flow.Flow, found []flow.Finding, now time.Time) []flow.Finding
	Renderer Renderer // nil: rows can't be watched
	// Facts are those of the table's head. It is called often. nil: none.
	Facts func() []Fact
	// Recorded reports whether nothing is added any more. nil: it isn't so.
	Recorded func() bool
	Now      func() time.Time // the present for flows in progress
	Faults   *fault.Guard     // of what publishes; nil: a panic ends the process

	Detour, Run, Title string // as in Hello
	Kind               Kind
	Simulated          bool   // as a flow record says it: of the demo
	Badge              string // as in State
}
