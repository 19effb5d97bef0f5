package share

import (
	"context"
	"io"
	"math"
	"slices"
	"sort"
	"sync"
	"time"

	"detour/internal/flow"
)

// A Watcher is one stream. One goroutine reads it.
type Watcher struct {
	feed   *Feed
	opt    Options
	closed chan struct{}
	close  sync.Once

	// The Feed's mu guards the rest.
	pos   uint64   // number of the newest event that it had or lost
	live  uint64   // of that, as in entry
	gone  uint64   // flows of which it knows that they are gone
	named int      // stand-ins whose names it has
	later *later   // what of the flows comes when there is time; nil: it has all
	whole bool     // it was told that nothing is missing
	queue []queued // what comes first
	ended bool

	joined uint64 // the round before it came

	tick  uint64 // the round in which it spent time on older flows
	spent time.Duration
}

// later are flows whose newest event a watcher can't get from the log any more.
type later struct {
	upTo uint64  // they have events up to this number
	next flow.ID // those from this ID on have come, the newest first,
	low  uint64  // unless their event has a higher number than this one
	from flow.ID // and an ID from this one on
}

// queued is an event whose data is known, or that of a subject.
type queued struct {
	name  Name
	data  []byte
	about *subject
}

// newWatcher returns a watcher that begins with what there is. The caller holds the Feed's mu.
func newWatcher(f *Feed, opt Options) *Watcher {
	w := &Watcher{feed: f, opt: opt, closed: make(chan struct{}), joined: f.tick}
	if f.log.has(opt.After) {
		e := f.log.at(opt.After)
		w.pos, w.live, w.gone = opt.After, e.live, e.gone
	}
	if _, ok := f.log.gone.since(w.gone); ok && w.pos > 0 {
		w.hello(false)
	} else {
		w.restart()
	}
	return w
}

// restart begins anew.
func (w *Watcher) restart() {
	f := w.feed
	w.pos, w.live, w.gone = f.log.last, f.log.live, f.log.gone.count
	w.later = &later{upTo: w.pos, next: math.MaxUint64, from: math.MaxUint64}
	w.hello(true)
	for _, s := range f.values() {
		if s.number > 0 {
			w.queue = append(w.queue, queued{name: s.name, about: s})
		}
	}
}

// hello queues the events of every beginning.
func (w *Watcher) hello(reset bool) {
	c := &w.feed.cfg
	w.named = 0
	w.queue = []queued{{name: EventHello, data: encode(Hello{
		Version, c.Detour, c.Run, c.Strict.Text(withoutHomes(c.Title)), c.Kind, c.Now().UTC(), flow.PrivacyStrict, reset,
	})}}
	if w.opt.Rows {
		w.queue = append(w.queue, queued{name: EventSetup, data: c.Renderer.Setup()})
	}
}

// Next waits for the next event. It returns io.EOF after EventEnd and after Close, and the error
// of ctx.
func (w *Watcher) Next(ctx context.Context) (Event, error) {
	for {
		e, about, wait := w.next()
		switch {
		case about != nil:
			if e.Data = w.encode(about); e.Data == nil {
				continue
			}
			fallthrough
		case e.Data != nil:
			return e, nil
		case wait == nil:
			return Event{}, io.EOF
		}
		select {
		case <-wait:
		case <-w.closed:
		case <-ctx.Done():
			return Event{}, ctx.Err()
		}
	}
}

// Close ends the stream. It may be called more than once, and while Next waits.
func (w *Watcher) Close() {
	w.close.Do(func() {
		close(w.closed)
		w.feed.leave(w)
	})
}

// next returns the next event; about has its data if e doesn't. Without one it returns what to wait
// for, or nil at the end.
func (w *Watcher) next() (e Event, about *subject, wait <-chan struct{}) {
	f := w.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-w.closed:
		return e, nil, nil
	default:
	}
	switch {
	case w.ended:
		return e, nil, nil
	case f.end != "":
		return w.endWith(f.end), nil, nil
	}
	for _, look := range []func() (Event, *subject, bool){w.queued, w.names, w.goneNow, w.fromLog, w.older, w.nothingMissing} {
		if e, about, ok := look(); ok {
			return e, about, nil
		}
	}
	if f.finish != "" && f.running == nil {
		return w.endWith(f.finish), nil, nil
	}
	return e, nil, f.changed
}

func (w *Watcher) endWith(why string) Event {
	w.ended = true
	return Event{Name: EventEnd, Data: encode(End{why})}
}

// number is where the stream can be resumed; 0 if it can't be here.
func (w *Watcher) number() uint64 {
	if w.later != nil || len(w.queue) > 0 {
		return 0
	}
	return w.pos
}

// queued returns the first event that waits.
func (w *Watcher) queued() (Event, *subject, bool) {
	if len(w.queue) == 0 {
		return Event{}, nil, false
	}
	q := w.queue[0]
	w.queue = w.queue[1:]
	return Event{Name: q.name, Data: q.data}, q.about, true
}

// maxNames is how many names are in one event.
const maxNames = 1000

// names returns the names of new stand-ins.
func (w *Watcher) names() (e Event, about *subject, ok bool) {
	all := w.feed.named
	if w.opt.Rows || w.named == len(all) {
		return e, nil, false
	}
	for chunk := range slices.Chunk(all[w.named:], maxNames) {
		x := Names{make(map[string]string, len(chunk))}
		for _, name := range chunk {
			x.Names[name.StandIn] = name.Name
		}
		w.queue = append(w.queue, queued{name: EventNames, data: encode(x)})
	}
	w.named = len(all)
	return w.queued()
}

// goneNow returns what is gone.
func (w *Watcher) goneNow() (e Event, about *subject, ok bool) {
	f := w.feed
	ids, known := f.log.gone.since(w.gone)
	switch {
	case !known:
		w.restart()
		return w.queued()
	case len(ids) == 0:
		return e, nil, false
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	w.gone = f.log.gone.count
	return Event{Name: EventGone, Data: encode(Gone{ids})}, nil, true
}

// fromLog returns the next event of the log that isn't superseded.
func (w *Watcher) fromLog() (e Event, about *subject, ok bool) {
	f := w.feed
	if w.pos+1 < f.log.first() && w.fallBehind() {
		return w.queued()
	}
	for w.pos < f.log.last {
		x := f.log.at(w.pos + 1)
		w.pos, w.live = w.pos+1, x.live
		if s := x.about; s.number == w.pos && s.name != "" {
			return w.event(s), s, true
		}
	}
	return e, nil, false
}

// event is the newest event of a subject, without its data.
func (w *Watcher) event(s *subject) Event {
	name := s.name
	switch {
	case name == EventGap:
		w.whole = false
	case name == EventFlow && w.opt.Rows:
		name = EventRow
	}
	return Event{Number: w.number(), Name: name}
}

// fallBehind goes on with the oldest event that is there. What the lost ones were about comes
// later; flows that the watcher may have as they were before are gone until then. It reports
// whether events were queued.
func (w *Watcher) fallBehind() bool {
	f, had := w.feed, w.pos
	first := f.log.at(f.log.first())
	before := first.live - first.counts
	lost := before - w.live
	w.pos, w.live = f.log.first()-1, before
	var from flow.ID
	if w.later != nil {
		from = w.later.next
	}
	w.later = &later{upTo: w.pos, next: math.MaxUint64, low: had, from: from}
	isLost := func(s *subject) bool { return s.number > had && s.number <= w.pos }
	if w.whole = w.whole && lost == 0; lost > 0 {
		w.queue = append(w.queue, queued{name: EventGap, data: encode(Gap{int(lost)})}) //nolint:gosec // not that many
		if ids := f.about(isLost); len(ids) > 0 {
			w.queue = append(w.queue, queued{name: EventGone, data: encode(Gone{ids})})
		}
	}
	for _, s := range f.values() {
		if isLost(s) {
			w.queue = append(w.queue, queued{name: s.name, about: s})
		}
	}
	return len(w.queue) > 0
}

// encode returns the data of a subject's newest event; nil if there is none any more.
func (w *Watcher) encode(s *subject) []byte {
	f, as := w.feed, w.opt.form()
	f.mu.Lock()
	data, x, number := s.data[as], s.flow, s.number
	f.mu.Unlock()
	if data != nil || x == nil {
		return data
	}
	began := time.Now()
	if as == asRows {
		data = f.cfg.Renderer.Row(x, f.cfg.Now())
	} else {
		if x.Final() {
			x = f.Get(x.ID)
		}
		if x != nil {
			data = f.record(x)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	w.spent += time.Since(began)
	if s.number == number && s.flow != nil && data != nil {
		f.cached.keep(s, as, data)
	}
	return data
}

// older returns an older flow, while there is time.
func (w *Watcher) older() (e Event, about *subject, ok bool) {
	f := w.feed
	if w.later == nil {
		return e, nil, false
	}
	if w.tick != f.tick {
		w.tick, w.spent = f.tick, 0
	}
	if w.spent >= f.allowed && f.running != nil {
		return e, nil, false
	}
	l := w.later
	at := sort.Search(len(f.items), func(i int) bool { return f.items[i].id >= l.next })
	for at--; at >= 0; at-- {
		it := f.items[at]
		l.next = it.id
		if s := &it.subject; s.flow != nil && s.number <= l.upTo && (s.number > l.low || it.id < l.from) {
			return w.event(s), s, true
		}
	}
	w.later = nil
	return e, nil, false
}

// nothingMissing says once that the watcher has everything that the host has.
func (w *Watcher) nothingMissing() (e Event, about *subject, ok bool) {
	f := w.feed
	if w.whole || w.later != nil || f.open > 0 || f.tick == w.joined && f.running != nil {
		return e, nil, false
	}
	w.whole = true
	return Event{Number: w.number(), Name: EventGap, Data: encode(Gap{})}, nil, true
}
