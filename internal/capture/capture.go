// Package capture keeps the flows of a run in memory. Flows come in through [Store.Put];
// [Store.Flows] returns a snapshot to show, and [Store.Subscribe] delivers flows to write.
//
// Each flow passes the [Intake], which tags and redacts it, so the Store neither holds
// nor returns secrets. Put never waits for a reader.
package capture

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"detour/internal/flow"
)

// Options configure a Store.
type Options struct {
	Max    int    // number of flows that are kept, approximately; 0: DefaultMax
	Bodies int    // bytes of bodies that are kept, approximately; 0: DefaultBodies
	Intake Intake // nil: flows are kept as they come
}

// A Store keeps flows in memory. Its methods may be called concurrently.
type Store struct {
	opt     Options
	version atomic.Uint64
	packer  *packer

	fetching sync.RWMutex // locked before mu; held by a subscriber while it fetches flows

	mu        sync.RWMutex
	entries   []entry // by rising ID
	findings  []flow.Finding
	steps     []flow.Step
	checks    []*flow.Check // by ID
	lastCheck int
	weight    int       // bytes of bodies
	bodied    []flow.ID // flows with bodies, the oldest first; some may be gone
	subs      map[*Subscription]struct{}
	later     map[flow.ID][]flow.Later // what was learned of connections, by their IDs
	stats     Stats
}

// An entry is a flow as it was published last. Marks and what is learned later add
// revisions, so the revision of the source is kept separately.
type entry struct {
	*flow.Flow        // without headers once it is final
	packed     string // the headers
	source     uint32 // the source's revision
	bodies     bodies // the bodies that it was taken in with
	added      uint32 // revisions that the Store added
	edited     bool   // the user marked it, or wrote a note
}

// supersedes reports whether the entry is newer than an incoming revision.
func (e entry) supersedes(f *flow.Flow) bool {
	return e.Flow != nil && (e.Final() || e.source >= f.Rev)
}

// bodies says which bodies a flow came with.
type bodies struct{ asked, answered bool }

func bodiesOf(f *flow.Flow) bodies {
	return bodies{asked: f.Request.Body != nil, answered: f.Response != nil && f.Response.Body != nil}
}

// Stats counts the flows of a Store.
type Stats struct {
	Flows   int // kept
	Pending int // of these, not final
	Evicted int // dropped to stay below Max
}

// New returns an empty Store.
func New(opt Options) *Store {
	if opt.Max <= 0 {
		opt.Max = DefaultMax
	}
	if opt.Bodies <= 0 {
		opt.Bodies = DefaultBodies
	}
	if opt.Intake == nil {
		opt.Intake = AsIs{}
	}
	return &Store{opt: opt, packer: newPacker(), subs: make(map[*Subscription]struct{})}
}

// Put adds a flow, or a newer revision of one. It ignores revisions that are older than
// the newest one, or come after the final one. The caller must not write to what f points
// at afterwards.
func (s *Store) Put(f flow.Flow) {
	came := bodiesOf(&f)
	prepared, ok := s.stage(&f, came)
	if !ok {
		return
	}
	e := entry{Flow: &f, source: f.Rev, bodies: came}
	request, response := f.Request.Headers, f.Response
	if f.Final() {
		e.packed = s.pack(&f)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at, known := s.find(f.ID)
	if known {
		old := s.entries[at]
		if old.supersedes(&f) { // a newer one came meanwhile
			return
		}
		e.added = old.added
		f.Rev += e.added
		f.Marked, f.Note, f.Later = old.Marked, old.Note, old.Later // the user's and the Store's, not the source's
		if !f.Final() {
			f.Findings = old.Findings // so far; see SetCodes
		}
		s.weight -= old.BodyBytes()
		s.entries[at] = e
	} else {
		s.entries = slices.Insert(s.entries, at, e)
		s.stats.Pending++
	}
	s.addKnown(&f)
	if f.Final() {
		s.stats.Pending--
	}
	s.weighIn(&f)
	s.evict()
	s.publish(&f, func() *flow.Flow {
		whole := f
		whole.Request.Headers, whole.Response = request, response
		return &whole
	})
	if at, known := s.find(prepared.By); known && s.entries[at].AWS != nil {
		s.revise(&s.entries[at], func(f *flow.Flow) { f.AWS = f.AWS.Named(prepared.Names) })
	}
}

// SetCodes sets the codes of the findings that these flows are part of, judged together: those
// that codes has, and none of the others. It publishes a revision of each flow that changes, and
// leaves a final one alone that isn't the one that was judged.
func (s *Store) SetCodes(judged []*flow.Flow, codes map[flow.ID][]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.entries {
		e := &s.entries[i]
		for len(judged) > 0 && judged[0].ID < e.ID {
			judged = judged[1:]
		}
		if e.Final() && (len(judged) == 0 || judged[0] != e.Flow) {
			continue
		}
		if !slices.Equal(e.Findings, codes[e.ID]) {
			s.revise(e, func(f *flow.Flow) { f.Findings = codes[f.ID] })
		}
	}
}

// SetPreflights sets the calls of preflights that got no response; nil: not known. It publishes
// a revision of each flow that changes.
func (s *Store) SetPreflights(of map[flow.ID]*flow.PreflightOf) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, call := range of {
		at, known := s.find(id)
		if !known || !s.entries[at].Final() {
			continue
		}
		if f := *s.entries[at].Flow; f.SetPreflightOf(call) {
			s.revise(&s.entries[at], func(to *flow.Flow) { to.AWS = f.AWS })
		}
	}
}

// revise publishes a revision that the Store adds.
func (s *Store) revise(e *entry, change func(f *flow.Flow)) {
	f := *e.Flow
	f.Rev++
	change(&f)
	e.Flow, e.added = &f, e.added+1
	s.publish(&f, nil)
}

// find returns the index of the entry of id, or where it has to be inserted.
func (s *Store) find(id flow.ID) (at int, known bool) {
	if n := len(s.entries); n == 0 || s.entries[n-1].ID < id { // IDs come almost in order
		return n, false
	}
	return slices.BinarySearchFunc(s.entries, id, func(e entry, id flow.ID) int { return cmp.Compare(e.ID, id) })
}

// pack moves the headers out of f, which no one else has.
func (s *Store) pack(f *flow.Flow) string {
	var answered []flow.Header
	if f.Response != nil {
		answered = f.Response.Headers
	}
	packed := s.packer.pack(f.Request.Headers, answered)
	f.DropHeaders()
	return packed
}

// whole returns the entry's flow with its headers.
func (s *Store) whole(e entry) *flow.Flow {
	if e.packed == "" {
		return e.Flow
	}
	f := *e.Flow
	var answered []flow.Header
	s.packer.unpack(e.packed, &f.Request.Headers, &answered)
	if f.Response != nil {
		r := *f.Response
		r.Headers = answered
		f.Response = &r
	}
	return &f
}

// stage passes f to the Intake without holding the lock: to Take if the request, the
// response or a body is new, or else to Update with what the revision before has. ok is
// false if f is superseded.
func (s *Store) stage(f *flow.Flow, came bodies) (p Prepared, ok bool) {
	old := s.entry(f.ID)
	switch {
	case old.supersedes(f):
		return p, false
	case old.Flow == nil || f.Response != nil && old.Response == nil || came != old.bodies:
		return s.opt.Intake.Take(f), true
	}
	takeOver(f, old.Flow)
	s.opt.Intake.Update(f)
	return p, true
}

// takeOver copies what Take found and redacted in an earlier revision to f, which has the
// same request and the same response, if any. Only sizes may have grown.
func takeOver(f, old *flow.Flow) {
	sent := f.Request.BodySize
	f.Origin, f.Why, f.AWS, f.Page, f.Request = old.Origin, old.Why, old.AWS, old.Page, old.Request
	f.CredentialVend = old.CredentialVend
	f.Request.BodySize = sent
	if f.Response != nil {
		r := *old.Response
		r.BodySize = f.Response.BodySize
		f.Response = &r
	}
}

// entry returns the entry of id; an empty one if there is none.
func (s *Store) entry(id flow.ID) entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.kept(id)
}

// kept is entry for who holds the lock.
func (s *Store) kept(id flow.ID) entry {
	if at, known := s.find(id); known {
		return s.entries[at]
	}
	return entry{}
}

// publish offers a revision to the subscriptions. whole returns f with its headers; nil if
// they are in the entry alone.
func (s *Store) publish(f *flow.Flow, whole func() *flow.Flow) {
	s.version.Add(1)
	var complete *flow.Flow
	for sub := range s.subs {
		if sub.bare { // no copy is made for it
			sub.offer(f, f)
			continue
		}
		if complete == nil && whole != nil && f.Final() {
			complete = whole()
		}
		sub.offer(f, complete)
	}
}

// Version increases with every change: equal versions mean equal content.
func (s *Store) Version() uint64 { return s.version.Load() }

// Flows returns all flows, by ID. Final ones have no headers; Get returns those. The slice
// is the caller's.
func (s *Store) Flows() []*flow.Flow {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]*flow.Flow, len(s.entries))
	for i, e := range s.entries {
		out[i] = e.Flow
	}
	return out
}

// Get returns the newest revision of a flow with its headers; nil if it isn't kept.
func (s *Store) Get(id flow.ID) *flow.Flow { return s.whole(s.entry(id)) }

// Stats returns the current counts.
func (s *Store) Stats() Stats {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := s.stats
	st.Flows = len(s.entries)
	return st
}

// Findings returns the findings that were set last. The slice must not be written to.
func (s *Store) Findings() []flow.Finding {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.findings
}

// SetFindings replaces the findings. The slice becomes the Store's.
func (s *Store) SetFindings(fs []flow.Finding) {
	s.mu.Lock()
	s.findings = fs
	s.mu.Unlock()
	s.version.Add(1)
}
