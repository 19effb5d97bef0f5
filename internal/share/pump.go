package share

import (
	"math"
	"time"

	"detour/internal/flow"
)

// How often the pump looks, and how long it may work each time. The proxy needs the processor
// more: under load, what the time doesn't suffice for waits, or is left out.
const (
	lookEvery  = 50 * time.Millisecond
	judgeEvery = 500 * time.Millisecond
	judgeAfter = 2 * time.Second // if not all flows were published by then
	stateEvery = time.Second
	quietWork  = 10 * time.Millisecond  // while little changes
	busyWork   = 750 * time.Microsecond // 1.5 % of a core
	busyFrom   = 50                     // changes in a round: a thousand a second
	lastWork   = time.Second            // when the run is over
)

// A pump looks for what has changed, redacts it and publishes it. One goroutine uses it.
type pump struct {
	feed *Feed
	mirror
	seen       uint64           // version of the source
	looked     bool             // in this run of the pump
	minded     []flow.Finding   // the source's
	important  map[flow.ID]bool // flows of these
	found      []flow.Finding   // the source's that were judged
	judged     time.Time
	judgedOnce bool
	partial    bool      // some flows weren't published when the findings were judged
	aged       time.Time // when rows of flows in progress were made again
	behind     time.Time // since when not all flows are published; zero: they are
	steps      []flow.Step
	checks     []*flow.Check
	cursor     flow.ID
	head       []Fact // the host's
	state      State
	stated     time.Time
	finished   bool // the last round was that of the end
}

// run publishes until nobody watches or the feed is over.
func (p *pump) run(done chan struct{}) {
	defer close(done)
	if !p.feed.cfg.Faults.Do(sharingLost, p.rounds) {
		p.fail()
	}
}

// sharingLost is what a panic means to the user.
const sharingLost = "those who watch see nothing more; the run goes on"

// fail ends all streams: after a panic, nobody knows what was published.
func (p *pump) fail() {
	f := p.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	f.end = "detour has a fault"
	f.stopped()
}

func (p *pump) rounds() {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	p.looked = false
	for {
		p.round()
		if p.rest() {
			return
		}
		select {
		case <-tick.C:
		case <-p.feed.wake:
		}
	}
}

// rest reports whether nothing is to do any more.
func (p *pump) rest() bool {
	f := p.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.end == "" && (len(f.watchers) > 0 || f.finish != "") && (f.finish == "" || !p.finished) {
		return false
	}
	f.stopped()
	return true
}

// stopped notes that the pump doesn't run any more. The caller holds mu.
func (f *Feed) stopped() {
	f.running, f.allowed = nil, math.MaxInt64
	f.announce()
}

// round publishes what has changed.
func (p *pump) round() {
	f := p.feed
	began := time.Now()
	f.mu.Lock()
	finish, forms := f.finish, f.forms()
	f.mu.Unlock()
	version := f.cfg.Source.Version()
	work := quietWork
	switch {
	case finish != "":
		work = lastWork
	case version-p.seen > busyFrom && p.looked:
		work = busyWork
	}
	p.mind(f.cfg.Source.Findings())
	var b batch
	if version != p.seen || p.open > 0 || !p.looked {
		b.gone = p.look(f.cfg.Source.Flows(), !p.looked)
		p.seen, p.looked = version, true
		p.choose(func(id flow.ID) bool { return p.important[id] }, func(it *item) bool {
			b.add(f, it, forms)
			return time.Since(began) < work
		})
	}
	p.age(&b, forms, began, work)
	p.publish(b, work)
	p.publishRest(finish)
	p.finished = finish != ""
}

// A batch is what a round publishes.
type batch struct {
	items []*item
	flows []published
	gone  []*item
}

// published is what is published of an item.
type published struct {
	sent, strict *flow.Flow
	data         [2][]byte
}

// add redacts the newest revision of an item, and encodes it.
func (b *batch) add(f *Feed, it *item, forms [2]bool) {
	x := published{sent: it.now}
	whole := it.now
	if forms[asRecords] && whole.Final() {
		if whole = f.cfg.Source.Get(it.id); whole == nil {
			return // it is gone
		}
	}
	x.strict = f.cfg.Strict.Flow(whole)
	if forms[asRecords] {
		x.data[asRecords] = f.record(x.strict)
	}
	x.strict = slim(x.strict)
	f.learnNames()
	if forms[asRows] {
		x.data[asRows] = f.cfg.Renderer.Row(x.strict, f.cfg.Now())
	}
	b.items, b.flows = append(b.items, it), append(b.flows, x)
}

// slim returns a finished flow without what only its details show. It writes to it.
func slim(f *flow.Flow) *flow.Flow {
	if f.Final() {
		f.DropHeaders()
		f.DropBodies()
	}
	return f
}

// publish publishes a batch.
func (p *pump) publish(b batch, work time.Duration) {
	f := p.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tick++
	f.allowed = work
	for i, it := range b.items {
		it.sent = b.flows[i].sent
		f.publish(it, b.flows[i])
		it.backlog = false
	}
	p.remove(b.gone)
	f.items, f.open = p.items, p.open
	if len(b.items) > 0 || len(b.gone) > 0 {
		f.version++
		f.announce()
	} else if f.loading() {
		f.announce()
	}
}

// publish publishes a flow.
func (f *Feed) publish(it *item, x published) {
	s := &it.subject
	s.name, s.flow, s.data = EventFlow, x.strict, [2][]byte{}
	counts := uint64(1)
	if it.backlog {
		counts = 0
	}
	f.log.add(s, counts)
	for as, data := range x.data {
		if data != nil {
			f.cached.keep(s, form(as), data)
		}
	}
}

// remove publishes which flows are gone. The caller holds mu.
func (p *pump) remove(gone []*item) {
	var lost uint64
	for _, it := range gone {
		switch {
		case it.sent != nil:
			p.feed.log.gone.add(it.id)
			it.subject = subject{number: it.subject.number} // an event that waits isn't sent any more
		case !it.backlog:
			lost++
		}
	}
	if lost > 0 {
		p.feed.log.add(&subject{name: EventGap, data: both(encode(Gap{int(lost)}))}, lost)
	}
}

// publishValue publishes the newest value of what there is one of.
func (f *Feed) publishValue(s *subject, data [2][]byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.data = data
	f.log.add(s, 1)
	f.version++
	f.announce()
}
