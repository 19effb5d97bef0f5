// Package capture keeps every flow of a run: one Put for whoever makes flows,
// snapshots for whoever shows them, subscriptions for whoever writes them out.
//
// A flow is tagged and redacted on its way in, so nothing that this package
// holds, or hands out, has a secret in it. Put never waits for a reader.
package capture

import (
	"slices"
	"sync"
	"sync/atomic"

	"detour/internal/flow"
)

// DefaultMax is how many flows are kept when Options.Max is 0. At about 2 KiB
// a flow this is a working day of console use in some 100 MiB.
const DefaultMax = 50_000

// Options are the parts that judge a flow on its way in. Each may be nil.
type Options struct {
	Max    int                       // about how many flows are kept; the oldest final ones go first. 0: DefaultMax
	Tag    func(*flow.Flow)          // says what a request is
	Redact func(*flow.Flow)          // takes secrets out
	Codes  func(*flow.Flow) []string // the findings that claim a final flow
}

// A Store keeps flows in memory. Its methods may be called concurrently.
type Store struct {
	opt     Options
	version atomic.Uint64

	mu       sync.RWMutex
	order    []flow.ID // rising
	byID     map[flow.ID]*flow.Flow
	findings []flow.Finding
	subs     map[*Subscription]struct{}
	stats    Stats
}

// Stats counts what went through a Store.
type Stats struct {
	Flows   int // kept now
	Pending int // of these, not final
	Evicted int // dropped to stay below Max
}

// New returns an empty Store.
func New(opt Options) *Store {
	if opt.Max <= 0 {
		opt.Max = DefaultMax
	}
	return &Store{
		opt:  opt,
		byID: make(map[flow.ID]*flow.Flow),
		subs: make(map[*Subscription]struct{}),
	}
}

// Put takes a new flow or a newer revision of one that it has. Revisions that
// come late, or after the final one, are ignored. The caller must not write to
// what f points at afterwards.
func (s *Store) Put(f flow.Flow) {
	if !s.stage(&f) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.byID[f.ID]
	switch {
	case old == nil:
		s.insert(f.ID)
		s.stats.Pending++
	case old.Final() || old.Rev >= f.Rev: // lost a race against a newer one
		return
	}
	if f.Final() {
		s.stats.Pending--
	}
	s.byID[f.ID] = &f
	s.evict()
	s.publish(&f)
}

// stage tags and redacts f outside the lock. A revision in the middle of a
// flow's life takes over what the first one was found to be: its request is the
// same, and only the last one brings a response to judge.
func (s *Store) stage(f *flow.Flow) bool {
	s.mu.RLock()
	old := s.byID[f.ID]
	s.mu.RUnlock()
	if old != nil && (old.Final() || old.Rev >= f.Rev) {
		return false
	}
	if old != nil && !f.Final() && f.Response == nil {
		size := f.Request.BodySize
		f.Origin, f.Why, f.AWS, f.Page, f.Request = old.Origin, old.Why, old.AWS, old.Page, old.Request
		f.Request.BodySize = size
		return true
	}
	if s.opt.Tag != nil {
		s.opt.Tag(f)
	}
	if s.opt.Redact != nil {
		s.opt.Redact(f)
	}
	if s.opt.Codes != nil && f.Final() {
		f.Findings = s.opt.Codes(f)
	}
	return true
}

// insert adds id to the order. IDs come nearly in order, so the place is near the end.
func (s *Store) insert(id flow.ID) {
	at := len(s.order)
	for at > 0 && s.order[at-1] > id {
		at--
	}
	s.order = slices.Insert(s.order, at, id)
}

// evict drops the oldest final flows once a sixteenth more than Max are there,
// so that its cost is shared by many Puts. Pending ones stay: their number is
// bounded by the connections that the proxy accepts.
func (s *Store) evict() {
	if len(s.order) <= s.opt.Max+s.opt.Max/16 {
		return
	}
	surplus := len(s.order) - s.opt.Max
	s.order = slices.DeleteFunc(s.order, func(id flow.ID) bool {
		if surplus == 0 || !s.byID[id].Final() {
			return false
		}
		surplus--
		s.stats.Evicted++
		delete(s.byID, id)
		return true
	})
}

func (s *Store) publish(f *flow.Flow) {
	s.version.Add(1)
	for sub := range s.subs {
		sub.offer(f)
	}
}

// Version rises with every change: equal versions mean equal content.
func (s *Store) Version() uint64 { return s.version.Load() }

// Flows returns all flows that are kept, by ID. The slice is the caller's.
func (s *Store) Flows() []*flow.Flow {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]*flow.Flow, len(s.order))
	for i, id := range s.order {
		out[i] = s.byID[id]
	}
	return out
}

// Get returns the newest revision of a flow, or nil.
func (s *Store) Get(id flow.ID) *flow.Flow {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byID[id]
}

// Stats returns the counts of this moment.
func (s *Store) Stats() Stats {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := s.stats
	st.Flows = len(s.order)
	return st
}

// Findings returns the judgement that was set last. It must not be written to.
func (s *Store) Findings() []flow.Finding {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.findings
}

// SetFindings replaces the judgement over all flows. The slice becomes the Store's.
func (s *Store) SetFindings(fs []flow.Finding) {
	s.mu.Lock()
	s.findings = fs
	s.mu.Unlock()
	s.version.Add(1)
}
