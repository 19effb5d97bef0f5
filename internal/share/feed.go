package share

import (
	"sync"
	"time"

	"detour/internal/alias"
	"detour/internal/flow"
	"detour/internal/intake"
)

// A Feed is the stream of a run. Nothing runs while nobody watches. Its methods may be called
// concurrently.
type Feed struct {
	cfg  Config
	pump pump // used by the goroutine that runs it

	mu       sync.Mutex
	watchers map[*Watcher]struct{}
	running  chan struct{} // closed at the end of the pump; nil: it doesn't run
	wake     chan struct{} // has a token if the pump is to look at once
	changed  chan struct{} // closed when something was published
	cursor   flow.ID
	finish   string // why the run is over, once it is
	end      string // why nothing more comes, at once

	log      log
	items    []*item // one for each flow of the source, by ID; a new slice when one comes or goes
	open     int     // items whose newest revision wasn't published
	state    subject
	findings subject
	steps    subject
	checks   subject
	at       subject      // the host's cursor
	capture  flow.Capture // without flows
	version  uint64
	names    alias.Table
	named    []intake.Name // what names has
	standIns int           // that were looked at for names
	cached   cache
	tick     uint64        // rounds of the pump
	allowed  time.Duration // what a watcher may spend on older flows until the next round
	strict   []*flow.Flow  // what Flows returns; of strictAt
	strictAt uint64
}

// New returns a Feed, which [Feed.End] or [Feed.Finish] ends.
func New(cfg Config) *Feed {
	f := &Feed{
		cfg: cfg, watchers: make(map[*Watcher]struct{}), wake: make(chan struct{}, 1), changed: make(chan struct{}),
	}
	f.log.entries = make([]entry, logSize)
	f.state.name, f.findings.name, f.steps.name, f.checks.name, f.at.name = EventState, EventFindings, EventSteps, EventChecks, EventCursor
	f.capture.Strict, f.capture.Names = true, cfg.Strict.Texts()
	f.capture.Environment = &flow.Environment{Simulated: cfg.Simulated}
	f.pump.feed = f
	return f
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
	f.mu.Lock()
	defer f.mu.Unlock()
	w := newWatcher(f, opt)
	f.watchers[w] = struct{}{}
	if f.running == nil && !f.over() {
		f.running = make(chan struct{})
		go f.pump.run(f.running)
	}
	f.poke()
	return w
}

// over reports whether nothing is added any more.
func (f *Feed) over() bool { return f.end != "" || f.finish != "" }

// poke makes the pump look at once.
func (f *Feed) poke() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Watching is how many watch.
func (f *Feed) Watching() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.watchers)
}

// SetCursor tells watchers which flow the host looks at; 0: none. It is quick.
func (f *Feed) SetCursor(id flow.ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cursor = id
}

// End ends all streams at once: the next event of each is EventEnd. There are none afterwards.
// It waits until nothing runs any more.
func (f *Feed) End(why string) { f.stop(&f.end, why) }

// Finish ends all streams after what the Source has by now: the run is over. It waits until
// nothing runs any more; the watchers go on to read what is there.
func (f *Feed) Finish(why string) { f.stop(&f.finish, why) }

func (f *Feed) stop(which *string, why string) {
	f.mu.Lock()
	if *which == "" {
		*which = why
	}
	running := f.running
	f.poke()
	if running == nil {
		f.announce()
	}
	f.mu.Unlock()
	if running != nil {
		<-running
	}
}

// announce wakes everybody who waits. The caller holds mu.
func (f *Feed) announce() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// leave ends a stream.
func (f *Feed) leave(w *Watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.watchers, w)
	f.poke()
}

// forms are those that somebody watches. The caller holds mu.
func (f *Feed) forms() (out [2]bool) {
	for w := range f.watchers {
		out[w.opt.form()] = true
	}
	return out
}

// values are the subjects that there is one of. The caller holds mu.
func (f *Feed) values() []*subject {
	return []*subject{&f.state, &f.steps, &f.checks, &f.findings, &f.at}
}

// about returns the flows that were published and is is true of. The caller holds mu.
func (f *Feed) about(is func(*subject) bool) (ids []flow.ID) {
	for _, it := range f.items {
		if it.subject.flow != nil && is(&it.subject) {
			ids = append(ids, it.id)
		}
	}
	return ids
}

// loading reports whether a watcher hasn't everything yet. The caller holds mu.
func (f *Feed) loading() bool {
	for w := range f.watchers {
		if w.later != nil || !w.whole {
			return true
		}
	}
	return false
}
