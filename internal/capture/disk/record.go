package disk

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"detour/internal/capture"
	"detour/internal/flow"
)

// Times of a Recorder. What is over is on disk within batchEvery and the time that
// a commit takes.
const (
	batchEvery = 100 * time.Millisecond
	lookEvery  = 500 * time.Millisecond // for findings, where no flow says that there is news
	retryEvery = 2 * time.Second
)

// Bounds of what waits for a disk that can't be written to: flows, and bytes of their
// bodies.
const (
	maxWaiting       = 1 << 12
	maxWaitingBodies = 16 << 20
)

// A Recorder writes what a store gets to a file until it is closed. The store's
// writers never wait for it.
type Recorder struct {
	file    *File
	store   *capture.Store
	sub     *capture.Subscription
	counts  func() map[string]int // what was redacted; nil: nobody counts
	trouble atomic.Pointer[string]
	done    chan struct{}

	waiting  map[flow.ID]*flow.Flow // by their newest revision
	order    []flow.ID
	weight   int          // bytes of bodies that wait
	lost     flow.Omitted // what there was no room for
	omitted  flow.Omitted // as it was written last
	retry    time.Time    // when to try again what failed; zero if nothing did
	findings []flow.Finding
	steps    int
	redacted int
	closer   sync.Once
}

// Record begins to write. counts says what was redacted, by kind; it may be nil.
func Record(store *capture.Store, file *File, counts func() map[string]int) *Recorder {
	r := &Recorder{
		file: file, store: store, sub: store.Subscribe(true), counts: counts, done: make(chan struct{}), waiting: make(map[flow.ID]*flow.Flow),
	}
	go r.run()
	return r
}

// Trouble says why nothing can be written, or where it goes; "" if all is well. What waits is written
// once it can be again, as far as there is room for it in memory.
func (r *Recorder) Trouble() string {
	if s := r.trouble.Load(); s != nil {
		return *s
	}
	return ""
}

// Close writes what is left and ends. The file stays open.
func (r *Recorder) Close() {
	r.closer.Do(r.sub.Close)
	<-r.done
}

func (r *Recorder) run() {
	defer close(r.done)
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
		if rest := batchEvery - time.Since(began); rest > 0 && len(news) > 0 {
			time.Sleep(rest)
		}
	}
}

// take queues flows. Of one that waits already the newer revision waits on.
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

// write tries to write all that waits.
func (r *Recorder) write() {
	b := Batch{Flows: make([]*flow.Flow, 0, len(r.order))}
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
	redacted := 0
	if r.counts != nil {
		if all := r.counts(); total(all) != r.redacted {
			b.Redacted, redacted = all, total(all)
		}
	}
	omitted := flow.Omitted{Flows: r.lost.Flows + r.sub.Dropped(), Bodies: r.lost.Bodies}
	if len(b.Flows) == 0 && b.Findings == nil && b.Steps == nil && b.Redacted == nil && omitted == r.omitted {
		return
	}
	b.Omitted = &omitted
	if err := r.file.Write(b); err != nil {
		r.tell("the capture can't be written: " + err.Error())
		r.retry = time.Now().Add(retryEvery)
		return
	}
	trouble := ""
	if r.file.away() {
		trouble = "the capture isn't where it was made any more: what comes goes with it"
	}
	r.tell(trouble)
	clear(r.waiting)
	r.order, r.weight, r.retry = r.order[:0], 0, time.Time{}
	r.omitted, r.findings, r.steps = omitted, findings, len(steps)
	if b.Redacted != nil {
		r.redacted = redacted
	}
}

func (r *Recorder) tell(trouble string) { r.trouble.Store(&trouble) }

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

func sameSlice(a, b []flow.Finding) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
