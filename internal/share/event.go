package share

import (
	"time"

	"detour/internal/flow"
)

// Version is the version of the protocol. It rises when a watcher of an earlier one would
// misread an event; a new event or a new field doesn't change it: a watcher ignores what it
// doesn't know.
const Version = 1

// A Name says what kind of event it is.
type Name string

// The events. What their data is, is said by the types below; docs/internals/sharing.md describes
// the protocol.
const (
	EventHello    Name = "hello"    // Hello: the first one of every stream
	EventSetup    Name = "setup"    // the renderer's: columns and views; for rows
	EventState    Name = "state"    // State: when it changes, and every Heartbeat
	EventNames    Name = "names"    // Names: of stand-ins, before what has them
	EventFlow     Name = "flow"     // a flow.Record; for records
	EventRow      Name = "row"      // the renderer's, of one flow; for rows
	EventGone     Name = "gone"     // Gone
	EventFindings Name = "findings" // Findings for records, the renderer's for rows
	EventSteps    Name = "steps"    // Steps
	EventChecks   Name = "checks"   // Checks
	EventCursor   Name = "cursor"   // Cursor
	EventGap      Name = "gap"      // Gap
	EventEnd      Name = "end"      // End: the last one
)

// Heartbeat is how often a stream has an event, even if nothing changes.
const Heartbeat = 15 * time.Second

// An Event is one message to a watcher.
type Event struct {
	// Number is where a stream can be resumed (Options.After): the watcher has everything up to it.
	// 0: this event isn't such a place, and the last one that was is still valid.
	Number uint64
	Name   Name
	// Data is one JSON object on one line. Many watchers share it: it must not be written to.
	Data []byte
}

// Hello is the data of EventHello.
type Hello struct {
	Version int       `json:"version"`
	Detour  string    `json:"detour"` // that shares: "v1.2.3"
	Run     string    `json:"run"`    // its ID: another run has another one
	Title   string    `json:"title"`
	Kind    Kind      `json:"kind"`
	Now     time.Time `json:"now"`     // as in State
	Privacy string    `json:"privacy"` // flow.PrivacyStrict
	// Reset says that the watcher has to forget what it has: everything comes again. It is false
	// if the stream goes on after Options.After.
	Reset bool `json:"reset"`
}

// A Kind says what is shared.
type Kind string

// The kinds.
const (
	KindRun  Kind = "run"
	KindFile Kind = "file" // a capture or a HAR that was opened
	KindDemo Kind = "demo"
)

// State is the data of EventState.
type State struct {
	Facts    []Fact    `json:"facts"`
	Watching int       `json:"watching"`
	Badge    string    `json:"badge,omitempty"`
	Flows    int       `json:"flows"`           // that the sharing side has
	Recorded bool      `json:"recorded"`        // nothing is added: a file that no run writes
	Ended    string    `json:"ended,omitempty"` // why nothing more comes, as of End
	Now      time.Time `json:"now"`             // for flows in progress
}

// A Fact is shown in the head of the table: {"proxy", "127.0.0.1:8080"}.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Names is the data of EventNames: what new stand-ins are called, on the screen of the host, too.
type Names struct {
	Names map[string]string `json:"names"` // by stand-in: {"10.77.1.2":"private-2"}
}

// Gone is the data of EventGone: flows that the host doesn't have any more, or that were left out
// of the stream. One that was left out may come again.
type Gone struct {
	IDs []flow.ID `json:"ids"` // increasing
}

// Findings is the data of EventFindings: all of them, the most important one first.
type Findings struct {
	Findings []flow.RecordFinding `json:"findings"`
}

// Steps is the data of EventSteps: all of them, by time.
type Steps struct {
	Steps []flow.Step `json:"steps"`
}

// Checks is the data of EventChecks: all of them, by ID.
type Checks struct {
	Checks []flow.RecordCheck `json:"checks"`
}

// Cursor is the data of EventCursor: which flow the host looks at; 0: none.
type Cursor struct {
	ID flow.ID `json:"id"`
}

// Gap is the data of EventGap: how many events were left out at this place, because the watcher
// was too slow for them, or because the host couldn't send them in time.
type Gap struct {
	Lost int `json:"lost"`
}

// End is the data of EventEnd.
type End struct {
	Why string `json:"why"` // "the run ended"
}
