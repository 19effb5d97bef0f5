// Package capture keeps every flow of a run: one Put for whoever makes flows,
// snapshots for whoever shows them, subscriptions for whoever writes them out.
//
// A flow is tagged and redacted on its way in, so nothing that this package
// holds, or hands out, has a secret in it. Put never waits for a reader.
package capture

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"detour/internal/flow"
)

// DefaultMax is how many flows are kept when Options.Max is 0. With what Go's
// collector needs beside it, a whole run stays below 40 MiB (docs/internals/performance.md).
const DefaultMax = 4_000

// DefaultBodies is how many bytes of bodies are kept when Options.Bodies is 0. Those
// of the oldest flows go first.
const DefaultBodies = 8 << 20

// Options are what a Store is made with.
type Options struct {
	Max    int    // about how many flows are kept; see evict. 0: DefaultMax
	Bodies int    // about how many bytes of bodies are kept; 0: DefaultBodies
	Intake Intake // nil: flows are kept as they come
}

// A Store keeps flows in memory. Its methods may be called concurrently.
type Store struct {
	opt     Options
	version atomic.Uint64
	packer  *packer

	fetching sync.RWMutex // before mu; held by a subscriber from taking notices to having their flows

	mu       sync.RWMutex
	entries  []entry // by rising ID
	findings []flow.Finding
	steps    []flow.Step
	weight   int       // bytes of bodies
	bodied   []flow.ID // flows that have some, the oldest first; some may be gone
	subs     map[*Subscription]struct{}
	amended  map[flow.ID]*flow.Conn // connections whose record changed late
	stats    Stats
}

// An entry is a flow as it was published last. Marks and late news of connections
// add revisions, so the source's count is kept beside the published one.
type entry struct {
	*flow.Flow        // without header fields once it is final
	packed     string // these
	source     uint32 // the revision that came in
	bodies     bodies // those that it was tagged with
	added      uint32 // revisions that were added here
}

// supersedes reports whether what is kept makes an incoming revision old news.
func (e entry) supersedes(f *flow.Flow) bool {
	return e.Flow != nil && (e.Final() || e.source >= f.Rev)
}

// bodies says which bodies a flow came with.
type bodies struct{ asked, answered bool }

func bodiesOf(f *flow.Flow) bodies {
	return bodies{asked: f.Request.Body != nil, answered: f.Response != nil && f.Response.Body != nil}
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
	if opt.Bodies <= 0 {
		opt.Bodies = DefaultBodies
	}
	if opt.Intake == nil {
		opt.Intake = AsIs{}
	}
	return &Store{opt: opt, packer: newPacker(), subs: make(map[*Subscription]struct{})}
}

// Put takes a new flow or a newer revision of one that it has. Revisions that
// come late, or after the final one, are ignored. The caller must not write to
// what f points at afterwards.
func (s *Store) Put(f flow.Flow) {
	if f.Conn != nil {
		f.Conn = s.latest(f.Conn)
	}
	came := bodiesOf(&f)
	prepared, ok := s.stage(&f, came)
	if !ok {
		return
	}
	e := entry{Flow: &f, source: f.Rev, bodies: came}
	if f.Final() {
		e.packed = s.pack(&f)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at, known := s.find(f.ID)
	if known {
		old := s.entries[at]
		if old.supersedes(&f) { // lost a race against a newer one
			return
		}
		e.added = old.added
		f.Rev += e.added
		f.Marked, f.Note = old.Marked, old.Note // the user's, not the source's
		s.weight -= old.BodyBytes()
		s.entries[at] = e
	} else {
		s.entries = slices.Insert(s.entries, at, e)
		s.stats.Pending++
	}
	if f.Final() {
		s.stats.Pending--
	}
	s.weighIn(&f)
	s.evict()
	s.publish(&f)
	if at, known := s.find(prepared.By); known && s.entries[at].AWS != nil {
		s.revise(&s.entries[at], func(f *flow.Flow) { f.AWS = f.AWS.Named(prepared.Names) })
	}
}

// latest is the record of a connection as it was amended last, or c.
func (s *Store) latest(c *flow.Conn) *flow.Conn {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if amended := s.amended[c.ID]; amended != nil {
		return amended
	}
	return c
}

// maxAmended bounds the connections that are remembered for flows to come.
const maxAmended = 256

// Amend takes a connection's record that has changed after flows over it were put.
func (s *Store) Amend(c *flow.Conn) {
	c = s.opt.Intake.Conn(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.amended == nil || len(s.amended) >= maxAmended {
		s.amended = make(map[flow.ID]*flow.Conn)
	}
	s.amended[c.ID] = c
	for i := range s.entries {
		e := &s.entries[i]
		if e.Conn == nil || e.Conn.ID != c.ID {
			continue
		}
		s.revise(e, func(f *flow.Flow) {
			f.Conn = c
			if f.Final() {
				f.Findings = s.opt.Intake.Codes(f)
			}
		})
	}
}

// revise publishes a revision of what is kept that no source has sent.
func (s *Store) revise(e *entry, change func(f *flow.Flow)) {
	f := *e.Flow
	f.Rev++
	change(&f)
	e.Flow, e.added = &f, e.added+1
	s.publish(&f)
}

// find returns where the entry of id is, or would have to be.
func (s *Store) find(id flow.ID) (at int, known bool) {
	if n := len(s.entries); n == 0 || s.entries[n-1].ID < id { // IDs come nearly in order
		return n, false
	}
	return slices.BinarySearchFunc(s.entries, id, func(e entry, id flow.ID) int { return cmp.Compare(e.ID, id) })
}

// pack takes the header fields out of f, which is the Store's own.
func (s *Store) pack(f *flow.Flow) string {
	var answered []flow.Header
	if f.Response != nil {
		answered = f.Response.Headers
	}
	packed := s.packer.pack(f.Request.Headers, answered)
	f.DropHeaders()
	return packed
}

// whole is the entry's flow with its header fields.
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

// stage has f taken in, outside the lock: when its request is new, and again when
// its response is, or a body. The revisions between take over what was found then.
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

// takeOver gives f what was found, and taken out, of an earlier revision with the
// same request and, if it has one, the same response. Only sizes have grown.
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

// entry returns the entry of id; empty if there is none.
func (s *Store) entry(id flow.ID) entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if at, known := s.find(id); known {
		return s.entries[at]
	}
	return entry{}
}

// Mark sets the user's mark of a flow, or takes it off.
func (s *Store) Mark(id flow.ID) error {
	return s.edit(id, func(f *flow.Flow) { f.Marked = !f.Marked })
}

// evict makes room once a sixteenth more than Max are there, so that its cost is
// shared by many Puts. Of the older half, what nobody looks for goes first; then
// the oldest. Pending and marked flows stay: the number of the ones is bounded by
// the connections that the proxy accepts, of the others by a person's patience.
func (s *Store) evict() {
	if len(s.entries) <= s.opt.Max+s.opt.Max/16 {
		return
	}
	surplus := len(s.entries) - s.opt.Max
	half := s.entries[len(s.entries)/2].ID
	for _, goes := range []func(entry) bool{
		func(e entry) bool { return e.ID < half && dull(e.Flow) },
		func(e entry) bool { return e.Final() && !e.Marked },
	} {
		s.entries = slices.DeleteFunc(s.entries, func(e entry) bool {
			if surplus == 0 || !goes(e) {
				return false
			}
			surplus--
			s.stats.Evicted++
			s.weight -= e.BodyBytes()
			return true
		})
	}
}

// dull reports whether a flow is over, went well and is none of AWS's calls.
func dull(f *flow.Flow) bool {
	if !f.Final() || f.Marked || f.Failure != nil || len(f.Findings) > 0 {
		return false
	}
	return f.Origin == flow.OriginStatic || f.Origin == flow.OriginTelemetry || f.Origin == flow.OriginOther
}

func (s *Store) publish(f *flow.Flow) {
	s.version.Add(1)
	for sub := range s.subs {
		sub.offer(f)
	}
}

// Version rises with every change: equal versions mean equal content.
func (s *Store) Version() uint64 { return s.version.Load() }

// Flows returns all flows that are kept, by ID. Those that are over come without
// their header fields; Get has them. The slice is the caller's.
func (s *Store) Flows() []*flow.Flow {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]*flow.Flow, len(s.entries))
	for i, e := range s.entries {
		out[i] = e.Flow
	}
	return out
}

// Get returns the newest revision of a flow, header fields included; nil if it
// isn't kept.
func (s *Store) Get(id flow.ID) *flow.Flow { return s.whole(s.entry(id)) }

// Stats returns the counts of this moment.
func (s *Store) Stats() Stats {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := s.stats
	st.Flows = len(s.entries)
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

// AddStep notes what the person is about to do from now on, and returns the steps'
// number.
func (s *Store) AddStep(step flow.Step) int {
	step.Text = s.opt.Intake.Text(step.Text)
	s.mu.Lock()
	at, _ := slices.BinarySearchFunc(s.steps, step.At, func(x flow.Step, t time.Time) int {
		return cmp.Or(x.At.Compare(t), -1) // behind those of the same instant
	})
	s.steps = slices.Concat(s.steps[:at], []flow.Step{step}, s.steps[at:]) // readers have the old slice
	n := len(s.steps)
	s.mu.Unlock()
	s.version.Add(1)
	return n
}

// Steps returns what was noted, by time. It must not be written to.
func (s *Store) Steps() []flow.Step {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.steps
}

// Note sets the user's note of a flow; "" takes it away.
func (s *Store) Note(id flow.ID, text string) error {
	text = s.opt.Intake.Text(text)
	return s.edit(id, func(f *flow.Flow) { f.Note = text })
}

// edit publishes what the user changed.
func (s *Store) edit(id flow.ID, change func(f *flow.Flow)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, known := s.find(id)
	if !known {
		return fmt.Errorf("flow %d is no longer kept", id)
	}
	s.revise(&s.entries[at], change)
	return nil
}
