// Package capture keeps every flow of a run: one Put for whoever makes flows,
// snapshots for whoever shows them, subscriptions for whoever writes them out.
//
// A flow is tagged and redacted on its way in, so nothing that this package
// holds, or hands out, has a secret in it. Put never waits for a reader.
package capture

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"detour/internal/flow"
)

// DefaultMax is how many flows are kept when Options.Max is 0. A small flow takes
// about 4.6 KiB, headers and connection included (measured over 50,000), so this
// is some 90 MiB.
const DefaultMax = 20_000

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
	byID     map[flow.ID]entry
	findings []flow.Finding
	subs     map[*Subscription]struct{}
	stats    Stats
}

// An entry is a flow as it was published last. Marks add revisions of their own,
// so the source's count is kept beside the published one.
type entry struct {
	*flow.Flow
	source uint32 // the revision that came in
	marks  uint32 // revisions that marks added
}

// supersedes reports whether what is kept makes an incoming revision old news.
func (e entry) supersedes(f *flow.Flow) bool {
	return e.Flow != nil && (e.Final() || e.source >= f.Rev)
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
		byID: make(map[flow.ID]entry),
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
	if old.supersedes(&f) { // lost a race against a newer one
		return
	}
	e := entry{Flow: &f, source: f.Rev}
	if old.Flow == nil {
		s.insert(f.ID)
		s.stats.Pending++
	} else {
		e.marks = old.marks
		f.Rev += e.marks
		f.Marked, f.Note = old.Marked, old.Note // the user's, not the source's
	}
	if f.Final() {
		s.stats.Pending--
	}
	s.byID[f.ID] = e
	s.evict()
	s.publish(&f)
}

// stage tags and redacts f outside the lock: when its request is new, and again
// when its response is. The revisions between take over what was found then.
func (s *Store) stage(f *flow.Flow) bool {
	s.mu.RLock()
	old := s.byID[f.ID]
	s.mu.RUnlock()
	if old.supersedes(f) {
		return false
	}
	if known := old.Flow != nil; known && (f.Response == nil || old.Response != nil) {
		takeOver(f, old.Flow)
		if f.Failure != nil && s.opt.Redact != nil {
			s.opt.Redact(f) // its words may quote the URL
		}
	} else {
		if s.opt.Tag != nil {
			s.opt.Tag(f)
		}
		if s.opt.Redact != nil {
			s.opt.Redact(f)
		}
	}
	if s.opt.Codes != nil && f.Final() {
		f.Findings = s.opt.Codes(f)
	}
	return true
}

// takeOver gives f what was found, and taken out, of an earlier revision with the
// same request and, if it has one, the same response. Only sizes have grown.
func takeOver(f, old *flow.Flow) {
	sent := f.Request.BodySize
	f.Origin, f.Why, f.AWS, f.Page, f.Request = old.Origin, old.Why, old.AWS, old.Page, old.Request
	f.Request.BodySize = sent
	if f.Response != nil {
		r := *old.Response
		r.BodySize = f.Response.BodySize
		f.Response = &r
	}
}

// Mark sets the user's mark of a flow, or takes it off.
func (s *Store) Mark(id flow.ID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.byID[id]
	if e.Flow == nil {
		return fmt.Errorf("flow %d is no longer kept", id)
	}
	f := *e.Flow
	f.Rev++
	f.Marked = !f.Marked
	e.Flow, e.marks = &f, e.marks+1
	s.byID[id] = e
	s.publish(&f)
	return nil
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
		out[i] = s.byID[id].Flow
	}
	return out
}

// Get returns the newest revision of a flow, or nil.
func (s *Store) Get(id flow.ID) *flow.Flow {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byID[id].Flow
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
