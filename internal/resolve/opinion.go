package resolve

import (
	"context"
	"sync"
	"time"

	"detour/internal/fault"
	"detour/internal/flow"
)

// opinionAge is how long another resolver's answer is good for.
const opinionAge = time.Minute

// maxOpinions bounds the names that are remembered.
const maxOpinions = 1000

// An Asker is a resolver that is asked for comparison; [Reference] is one. It may be
// used concurrently.
type Asker interface {
	// Ask returns the answer for host, in which a failure is an outcome; nil if the resolver
	// wasn't asked.
	Ask(ctx context.Context, host string) *flow.Reference
}

// An Annotation adds another resolver's answer to a resolution. added is false if the
// resolution has it already, or the answer has nothing to add.
type Annotation func(r flow.Resolution, answer *flow.Reference) (annotated flow.Resolution, added bool)

// AsReference adds the answer of a resolver outside the VPC.
func AsReference(r flow.Resolution, answer *flow.Reference) (flow.Resolution, bool) {
	added := r.Reference == nil
	r.Reference = answer
	return r, added
}

// AsWire adds the answer of the system's nameserver to one of the system's resolver,
// which doesn't report how it came about.
func AsWire(r flow.Resolution, answer *flow.Reference) (flow.Resolution, bool) {
	added := r.Source == flow.SourceSystem && r.Wire == nil
	r.Wire, r.HTTPS = answer, answer.HTTPS
	return r, added
}

// AsHTTPS adds the HTTPS records alone, to a lookup of our own.
func AsHTTPS(r flow.Resolution, answer *flow.Reference) (flow.Resolution, bool) {
	added := len(answer.HTTPS) > 0 && r.HTTPS == nil
	r.HTTPS = answer.HTTPS
	return r, added
}

// A SecondOpinion asks another resolver about each name that is looked up. It has two
// halves: [SecondOpinion.Resolve] starts the query when a name is looked up, off the
// request's path; [SecondOpinion.Annotate] adds the answer to a connection, once it is
// there. It may be used concurrently.
type SecondOpinion struct {
	next     NameResolver
	annotate Annotation
	concerns func(host string) bool
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	pending  sync.WaitGroup // queries
	faults   *fault.Guard   // of the queries; nil: a panic ends the process

	mu      sync.Mutex
	asker   Asker // nil: nobody is asked
	asked   int   // counts the askers
	answers map[string]opinion
}

// An opinion is what the other resolver answered for a name.
type opinion struct {
	at     time.Time
	answer *flow.Reference // nil while it is pending
}

// NewSecondOpinion returns a SecondOpinion of asker on the lookups that go to next. asker is sent
// only the names that concerns reports. If asker is nil, nobody is asked until Replace. faults guards the queries.
func NewSecondOpinion(
	next NameResolver, asker Asker, concerns func(host string) bool, annotate Annotation, faults *fault.Guard,
) *SecondOpinion {
	ctx, cancel := context.WithCancel(context.Background())
	return &SecondOpinion{
		next: next, asker: asker, annotate: annotate, concerns: concerns, faults: faults,
		ctx: ctx, cancel: cancel, answers: make(map[string]opinion),
	}
}

// Replace changes who is asked; nil: nobody. What the one before answers from now on isn't used;
// connections that have its answer keep it.
func (s *SecondOpinion) Replace(asker Asker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asker = asker
	s.asked++
	clear(s.answers)
}

// Close cancels pending queries. Nobody is asked afterwards.
func (s *SecondOpinion) Close() {
	s.mu.Lock()
	s.cancel() // locked, so that no query begins while Wait waits
	s.mu.Unlock()
	s.pending.Wait()
}

// Resolve returns the lookup of next. It starts a query for the second opinion, for
// which it doesn't wait.
func (s *SecondOpinion) Resolve(ctx context.Context, host string) *flow.Resolution {
	s.query(host)
	return s.next.Resolve(ctx, host)
}

// query asks for a name if there is no recent answer.
func (s *SecondOpinion) query(host string) {
	if !s.concerns(host) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asker == nil || s.ctx.Err() != nil {
		return
	}
	if old, ok := s.answers[host]; ok && time.Since(old.at) < opinionAge || len(s.answers) >= maxOpinions && !ok {
		return
	}
	s.answers[host] = opinion{at: time.Now(), answer: s.answers[host].answer}
	asker, asked := s.asker, s.asked
	s.pending.Go(func() {
		s.faults.Do("a second opinion on a DNS answer is missing", func() { s.ask(asker, asked, host) })
	})
}

// ask asks one of the askers, and keeps the answer unless there is another one by then.
func (s *SecondOpinion) ask(asker Asker, asked int, host string) {
	answer := asker.Ask(s.ctx, host)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == asked {
		s.answers[host] = opinion{at: time.Now(), answer: answer}
	}
}

// Annotate returns the connection with the second opinion on its name, or the same
// connection if there is nothing to add. It doesn't change what c points to.
func (s *SecondOpinion) Annotate(c *flow.Conn) *flow.Conn {
	if c.Resolution == nil {
		return c
	}
	s.mu.Lock()
	answer := s.answers[c.Resolution.Name].answer
	s.mu.Unlock()
	if answer == nil {
		return c
	}
	annotated, added := s.annotate(*c.Resolution, answer)
	if !added {
		return c
	}
	out, res := *c, annotated // a pointer to annotated itself would allocate it on every call
	out.Resolution = &res
	return &out
}

// Limit returns an Asker that asks a only for the names that concerns reports. For other
// names its answer is nil.
func Limit(a Asker, concerns func(host string) bool) Asker { return limited{a, concerns} }

type limited struct {
	Asker
	concerns func(host string) bool
}

// Ask implements Asker.
func (l limited) Ask(ctx context.Context, host string) *flow.Reference {
	if !l.concerns(host) {
		return nil
	}
	return l.Asker.Ask(ctx, host)
}
