// Package recorded shows a file as the store of a run: what was read of it, what the run adds
// while it goes on ([Recording.Run]), and what a filter selects of the rest ([Recording.Find]).
// It never writes to the file.
package recorded

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"detour/internal/capture"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/wording"
)

// Intervals.
const (
	lookEvery = 250 * time.Millisecond // whether the file has changed
	settle    = 400 * time.Millisecond // until a filter that is being typed is looked for in the file
)

// Config is what a recording is made of.
type Config struct {
	Path   string
	Reader intake.Reader // its Max bounds the flows in memory: at most twice as many, if a filter adds some
	Follow bool          // whether to follow a run that writes the file
	// Judge keeps the findings of a store up to date until ctx is done, while a run goes on. machine is
	// the one that records; nil if it isn't known.
	Judge func(ctx context.Context, s *capture.Store, machine *flow.Environment)
	Now   func() time.Time // the clock; nil: time.Now
}

// A Recording is a file that is shown. Its methods may be called concurrently; Run is called
// once.
type Recording struct {
	cfg      Config
	store    *capture.Store
	follower *intake.Follower // nil: nothing is followed
	read     *flow.Capture    // at the beginning
	wanted   chan filter.Filter
	changed  atomic.Uint64

	mu      sync.Mutex
	run     intake.RunState
	still   time.Time // of a run that isn't followed: when the file was read
	last    time.Time // the present, unless a run is followed
	pending int       // when the run was over
	total   int       // flows in the file
	search  string    // what is going on, or how it ended; "": nothing
}

// A ReadFunc reads a file with a reader.
type ReadFunc = func(ctx context.Context, r intake.Reader, path string) (*flow.Capture, error)

// Open reads a file. live reports whether a run writes it. read is [intake.Reader.Read], and
// the error is its own.
func Open(ctx context.Context, cfg Config, live func(path string) bool, read ReadFunc) (*Recording, error) {
	cfg.Reader.Pending = true
	goesOn := cfg.Path != "-" && live(cfg.Path)
	if goesOn && cfg.Follow {
		follower, got, err := cfg.Reader.Follow(ctx, cfg.Path)
		switch {
		case err == nil:
			r := Of(cfg, got)
			r.follower, r.run = follower, intake.RunGoesOn
			return r, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
	}
	got, err := read(ctx, cfg.Reader, cfg.Path)
	if err != nil {
		return nil, err
	}
	r := Of(cfg, got)
	if goesOn {
		r.still = r.cfg.Now()
	}
	return r, nil
}

// Of returns the recording of a file that was read, which isn't followed.
func Of(cfg Config, got *flow.Capture) *Recording {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	r := &Recording{cfg: cfg, wanted: make(chan filter.Filter, 1), read: got, last: got.Last, total: got.Selected}
	prepared := intake.New(intake.Config{Strict: got.Strict, KeepSecrets: got.RawSecrets})
	r.store = capture.New(capture.Options{Max: max(2*cfg.Reader.Max, len(got.Flows)), Intake: prepared.TextOnly(), Bodies: 64 << 20})
	r.add(got.Flows)
	for _, s := range got.Steps {
		r.store.AddStep(s)
	}
	for _, c := range got.Checks {
		r.store.PutCheck(*c)
	}
	r.store.SetFindings(got.Findings)
	return r
}

// Store has the flows. It may be changed by the user.
func (r *Recording) Store() *capture.Store { return r.store }

// Read is the capture as it was at the beginning.
func (r *Recording) Read() *flow.Capture { return r.read }

// Version rises with every change of the flows and of the facts.
func (r *Recording) Version() uint64 { return r.store.Version() + r.changed.Load() }

// Flows, Get and Findings are those of the store.
func (r *Recording) Flows() []*flow.Flow { return r.store.Flows() }

// Get returns a flow with its header fields; nil if it isn't in memory.
func (r *Recording) Get(id flow.ID) *flow.Flow { return r.store.Get(id) }

// Findings returns the findings.
func (r *Recording) Findings() []flow.Finding { return r.store.Findings() }

// Steps and Checks are those of the store. The slices must not be written to.
func (r *Recording) Steps() []flow.Step { return r.store.Steps() }

// Checks returns the checks, by ID.
func (r *Recording) Checks() []*flow.Check { return r.store.Checks() }

// Following reports whether a run goes on and is followed.
func (r *Recording) Following() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.run == intake.RunGoesOn
}

// Now is the present for flows in progress: the clock's while a run is followed, or else the
// last instant that the file knows.
func (r *Recording) Now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.run == intake.RunGoesOn || r.last.IsZero() {
		return r.cfg.Now()
	}
	return r.last
}

// A Fact is what the screen's head says of a recording.
type Fact struct{ Name, Value string }

// Facts returns what is known of the run, and how much of the file is in memory.
func (r *Recording) Facts() (out []Fact) {
	loaded := r.store.Stats().Flows
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.still.IsZero():
		out = append(out, Fact{"the run", "goes on: read once, at " + r.still.Format("15:04:05")})
	case r.run == intake.RunGoesOn:
		out = append(out, Fact{"the run", "goes on"})
	case r.run == intake.RunEnded:
		out = append(out, Fact{"the run", "ended" + wording.Pending(r.pending)})
	case r.run == intake.RunKilled:
		out = append(out, Fact{"the run", "was killed" + wording.Pending(r.pending)})
	}
	if r.total > loaded {
		out = append(out, Fact{"loaded", wording.Number(loaded) + " of " + wording.Number(r.total)})
	}
	if r.search != "" {
		out = append(out, Fact{"file", r.search})
	}
	return out
}

// Run follows the file and answers Find until ctx is done.
func (r *Recording) Run(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { r.finding(ctx) })
	if r.follower == nil {
		return
	}
	judging, stop := context.WithCancel(ctx)
	defer stop()
	judged := make(chan struct{})
	go func() {
		defer close(judged)
		r.cfg.Judge(judging, r.store, r.read.Environment)
	}()
	over := r.follow(ctx)
	stop()
	<-judged
	if over != nil {
		r.end(over)
	}
}

// follow reads what the run adds, until it is over or ctx is done.
func (r *Recording) follow(ctx context.Context) (over *intake.News) {
	defer r.follower.Close() // at once: the run waits for it to make the capture one file
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		switch n, err := r.follower.Next(ctx); {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			r.note(func() { r.search = "can't be read at the moment: " + flow.Printable(err.Error()) })
		case n == nil:
		case n.Run != intake.RunGoesOn:
			return n
		default:
			r.take(n)
		}
	}
}

// take adds what is new.
func (r *Recording) take(n *intake.News) {
	r.add(n.Flows)
	for _, s := range n.Steps {
		r.store.AddStep(s)
	}
	for _, c := range n.Checks {
		r.store.PutCheck(*c)
	}
	r.note(func() { r.total = max(r.total, n.Total) })
}

func (r *Recording) add(flows []*flow.Flow) {
	for _, f := range flows {
		r.store.Restore(f)
	}
}

// end takes the capture as it was at its end: its findings are those of every other command.
func (r *Recording) end(n *intake.News) {
	r.take(n)
	pending := 0
	for _, f := range n.Flows {
		if !f.Final() {
			pending++
		}
	}
	r.store.SetCodes(r.store.Flows(), codesOf(n.Flows))
	r.store.SetFindings(n.Capture.Findings)
	r.note(func() { r.run, r.pending, r.last, r.search = n.Run, pending, n.Capture.Last, "" })
}

// codesOf returns the findings of flows.
func codesOf(flows []*flow.Flow) map[flow.ID][]string {
	codes := make(map[flow.ID][]string)
	for _, f := range flows {
		codes[f.ID] = f.Findings
	}
	return codes
}

// note changes what the facts say.
func (r *Recording) note(change func()) {
	r.mu.Lock()
	change()
	r.mu.Unlock()
	r.changed.Add(1)
}

// Find looks for the flows that a filter selects in the part of the file that isn't in memory,
// in the background, a moment after the last call. It returns at once.
func (r *Recording) Find(keep filter.Filter) {
	for {
		select {
		case r.wanted <- keep:
			return
		default:
		}
		select {
		case <-r.wanted: // it was replaced before anybody looked
		default:
		}
	}
}

// finding answers Find until ctx is done. A newer filter ends the search for an older one.
func (r *Recording) finding(ctx context.Context) {
	var search sync.WaitGroup
	defer search.Wait()
	stop := context.CancelFunc(func() {})
	defer func() { stop() }()
	for {
		select {
		case <-ctx.Done():
			return
		case keep := <-r.wanted:
			stop()
			search.Wait()
			searching, cancel := context.WithCancel(ctx)
			stop = cancel
			search.Go(func() { r.look(searching, keep) })
		}
	}
}

// look reads what a filter selects.
func (r *Recording) look(ctx context.Context, keep filter.Filter) {
	r.mu.Lock()
	missing := r.total > r.store.Stats().Flows
	r.mu.Unlock()
	if keep.Empty() || !missing {
		r.note(func() { r.search = "" })
		return
	}
	select {
	case <-ctx.Done():
		return
	case <-time.After(settle):
	}
	var n atomic.Int64
	reader := r.cfg.Reader
	reader.Keep, reader.Notice = keep, nil
	reader.Progress = func(by int) {
		if m := n.Add(int64(by)); by > 0 && m%2_000 == 0 {
			r.note(func() { r.search = "searched: " + wording.Number(int(m)) + " so far" })
		}
	}
	r.note(func() { r.search = "is searched" })
	got, err := reader.Read(ctx, r.cfg.Path)
	switch {
	case errors.Is(err, context.Canceled):
		r.note(func() { r.search = "" })
	case err != nil:
		r.note(func() { r.search = "couldn't be searched: " + flow.Printable(err.Error()) })
	default:
		r.add(got.Flows)
		r.note(func() {
			r.search = "has " + wording.Number(got.Selected) + " that match"
			if len(got.Flows) < got.Selected {
				r.search += ", " + wording.Number(len(got.Flows)) + " are loaded"
			}
		})
	}
}
