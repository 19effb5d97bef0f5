package disk

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"detour/internal/capture"
	"detour/internal/fault"
	"detour/internal/flow"
)

// Intervals of a Recorder. A final flow is on disk within batchEvery plus the time of writing a batch.
const (
	batchEvery = 100 * time.Millisecond
	lookEvery  = 500 * time.Millisecond // for findings that change without a flow
	retryEvery = 2 * time.Second
	aliveEvery = time.Second // while a flow is pending: how long it has been is then known after a kill
)

// many flows that are over are written without waiting for the rest of batchEvery: in memory, a flow that waits to
// be written takes several times as much as one that was.
const many = 1 << 7

// Limits of what waits while the disk can't be written to: flows, and bytes of bodies.
const (
	maxWaiting       = 1 << 12
	maxWaitingBodies = 16 << 20
)

// A Recorder writes the flows of a store to a file until it is closed. Store.Put never
// waits for it.
type Recorder struct {
	file    *File
	store   *capture.Store
	sub     *capture.Subscription
	opt     RecorderOptions
	trouble atomic.Pointer[string]
	done    chan struct{}

	waiting  map[flow.ID]*flow.Flow // the newest revisions
	order    []flow.ID
	weight   int          // bytes of bodies in waiting
	lost     flow.Omitted // what was dropped
	omitted  flow.Omitted // as written last
	retry    time.Time    // when to retry after an error; zero if there was none
	wrote    time.Time    // when something was written last
	findings []flow.Finding
	steps    int
	checks   map[int]*flow.Check // as written last, by ID
	redacted int
	closer   sync.Once
}

// RecorderOptions configure a Recorder. All are optional.
type RecorderOptions struct {
	// Redacted returns the number of redacted values by kind.
	Redacted func() map[string]int
	// Trouble is called when what [Recorder.Trouble] returns changes, by the Recorder's
	// goroutine.
	Trouble func(trouble string)
	// Faults guards the Recorder: a flow that can't be written because that panics is lost alone. nil:
	// a panic ends the process.
	Faults *fault.Guard
}

// Record starts a Recorder.
func Record(store *capture.Store, file *File, opt RecorderOptions) *Recorder {
	r := &Recorder{
		file: file, store: store, sub: store.Subscribe(true), opt: opt, done: make(chan struct{}), waiting: make(map[flow.ID]*flow.Flow),
	}
	go r.run()
	return r
}

// Trouble says why nothing can be written, or that the file was moved; "" if all is well.
// Flows that wait are written as soon as that is possible, as far as they fit in memory.
func (r *Recorder) Trouble() string {
	if s := r.trouble.Load(); s != nil {
		return *s
	}
	return ""
}

// Missing counts what isn't in the file after Close: what didn't fit into memory while it
// couldn't be written, and what still waited at the end. If the file was removed, that is
// everything.
func (r *Recorder) Missing() flow.Omitted {
	if r.file.removed() {
		n, _ := r.file.Count(context.Background(), Query{})
		return flow.Omitted{Flows: n + r.lost.Flows + r.sub.Dropped() + len(r.order)}
	}
	return flow.Omitted{Flows: r.lost.Flows + r.sub.Dropped() + len(r.order), Bodies: r.lost.Bodies}
}

// Close writes what is left and stops. It doesn't close the file.
func (r *Recorder) Close() {
	r.closer.Do(r.sub.Close)
	<-r.done
}

func (r *Recorder) run() {
	defer close(r.done)
	yieldToRequests()
	if !r.opt.Faults.Do("the capture isn't written any more", r.record) {
		r.trouble.Store(&stopped)
	}
}

// record writes until the Recorder is closed.
func (r *Recorder) record() {
	for {
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), lookEvery)
		news := r.sub.Next(ctx)
		over := news == nil && ctx.Err() == nil
		cancel()
		r.take(news)
		if over {
			r.write()
			return
		}
		if time.Now().After(r.retry) {
			r.write()
		}
		if len(news) > 0 {
			r.sub.Gather(many, batchEvery-time.Since(began))
		}
	}
}

// take queues flows. A newer revision replaces an older one.
func (r *Recorder) take(news []*flow.Flow) {
	for _, f := range news {
		if old := r.waiting[f.ID]; old == nil {
			r.order = append(r.order, f.ID)
		} else {
			r.weight -= old.BodyBytes()
		}
		if n := f.BodyBytes(); n > 0 && r.weight+n > maxWaitingBodies {
			light := *f
			light.DropBodies()
			f = &light
			r.lost.Bodies++
		}
		r.weight += f.BodyBytes()
		r.waiting[f.ID] = f
	}
	if surplus := len(r.order) - maxWaiting; surplus > 0 && !r.retry.IsZero() {
		for _, id := range r.order[:surplus] {
			r.weight -= r.waiting[id].BodyBytes()
			delete(r.waiting, id)
		}
		r.order = append(r.order[:0], r.order[surplus:]...)
		r.lost.Flows += surplus
	}
}

// write tries to write everything that waits. If that panics, it writes what it can.
func (r *Recorder) write() {
	if !r.opt.Faults.Do(partLost, r.writeAll) {
		r.writeEach()
	}
}

func (r *Recorder) writeAll() {
	b := Batch{At: time.Now(), Flows: make([]*flow.Flow, 0, len(r.order))}
	slices.Sort(r.order) // so that most are appended to their tables, which leaves no gaps
	for _, id := range r.order {
		b.Flows = append(b.Flows, r.waiting[id])
	}
	findings, steps := r.store.Findings(), r.store.Steps()
	if !sameSlice(findings, r.findings) {
		b.Findings = append([]flow.Finding{}, findings...)
	}
	if len(steps) != r.steps {
		b.Steps = steps
	}
	checks := r.store.Checks()
	for _, c := range checks {
		if r.checks[c.ID] != c {
			b.Checks = append(b.Checks, c)
		}
	}
	redacted := 0
	if r.opt.Redacted != nil {
		if all := r.opt.Redacted(); total(all) != r.redacted {
			b.Redacted, redacted = all, total(all)
		}
	}
	omitted := flow.Omitted{Flows: r.lost.Flows + r.sub.Dropped(), Bodies: r.lost.Bodies}
	recent := b.At.Sub(r.wrote) < aliveEvery || r.store.Stats().Pending == 0
	if len(b.Flows) == 0 && b.Findings == nil && b.Steps == nil && b.Checks == nil && b.Redacted == nil && omitted == r.omitted && recent {
		if r.retry.IsZero() {
			r.tell(r.file.displaced())
		}
		return
	}
	b.Omitted = &omitted
	if err := r.file.Write(b); err != nil {
		r.tell("can't write the capture: " + err.Error())
		r.retry = time.Now().Add(retryEvery)
		return
	}
	r.tell(r.file.displaced())
	clear(r.waiting)
	r.order, r.weight, r.retry = r.order[:0], 0, time.Time{}
	r.omitted, r.findings, r.steps, r.wrote = omitted, findings, len(steps), b.At
	r.checks = make(map[int]*flow.Check, len(checks))
	for _, c := range checks {
		r.checks[c.ID] = c
	}
	if b.Redacted != nil {
		r.redacted = redacted
	}
}

func (r *Recorder) tell(trouble string) {
	before := r.Trouble()
	r.trouble.Store(&trouble)
	if trouble != before && r.opt.Trouble != nil {
		r.opt.Trouble(trouble)
	}
}

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

func sameSlice(a, b []flow.Finding) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
