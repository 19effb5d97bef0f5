package share

import (
	"context"
	"sync"

	"detour/internal/alias"
	"detour/internal/flow"
)

// A Feed is the stream of a run. Nothing runs while nobody watches. Its methods may be called
// concurrently.
type Feed struct {
	cfg   Config
	names alias.Table // of stand-ins

	mu       sync.Mutex
	watchers map[*Watcher]struct{}
}

// New returns a Feed, which [Feed.End] ends.
func New(cfg Config) *Feed {
	return &Feed{cfg: cfg, watchers: make(map[*Watcher]struct{})}
}

// Options say what a watcher gets.
type Options struct {
	// Rows asks for rows, which the Config's Renderer makes for the live page, instead of records.
	Rows bool
	// After is the number of the last event that a watcher has of an earlier stream of this Feed. If
	// it isn't known any more, or 0, everything comes: see Hello.Reset.
	After uint64
}

// Watch begins a stream. Whoever calls it has to close the Watcher.
func (f *Feed) Watch(opt Options) *Watcher {
	w := &Watcher{feed: f, opt: opt}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers[w] = struct{}{}
	return w
}

// Watching is how many watch.
func (f *Feed) Watching() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.watchers)
}

// SetCursor tells watchers which flow the host looks at; 0: none. It is quick.
func (f *Feed) SetCursor(id flow.ID) {}

// End ends all streams at once: the next event of each is EventEnd. There are none afterwards.
func (f *Feed) End(why string) {}

// Finish ends all streams after what the Source has by now: the run is over.
func (f *Feed) Finish(why string) {}

// Version rises with every change of Flows, Findings, Steps and Checks, while somebody watches.
func (f *Feed) Version() uint64 { return 0 }

// Wait returns the Version when it isn't seen any more, or the error of ctx; io.EOF at the end of
// the Feed.
func (f *Feed) Wait(ctx context.Context, seen uint64) (uint64, error) {
	<-ctx.Done()
	return seen, ctx.Err()
}

// Flows returns what was sent of the flows, by ID, redacted, as Source.Flows does. The slice must
// not be written to.
func (f *Feed) Flows() []*flow.Flow { return nil }

// Get returns a flow with its header fields, redacted; nil if it isn't there any more.
func (f *Feed) Get(id flow.ID) *flow.Flow { return nil }

// Capture has the redacted flows, findings, steps and checks. It shares them.
func (f *Feed) Capture() flow.Capture { return flow.Capture{} }

// Names are what stand-ins are called, for texts and for filters that watchers type: a stand-in is
// the value of its name (alias.Table.Originals, ui/mask.StandIns).
func (f *Feed) Names() *alias.Table { return &f.names }
