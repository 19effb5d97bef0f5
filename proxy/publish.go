package proxy

import (
	"sync"
	"time"
)

// beat is how often changes of exchanges in progress are published. Most exchanges end
// before the first beat and are published once: the revisions of a request of one
// millisecond would take longer than the request. To a person, 50 ms is no delay.
const beat = 50 * time.Millisecond

// live is the set of exchanges in progress. The zero value is ready.
type live struct {
	mu   sync.Mutex
	open map[*exchange]struct{}
}

func (l *live) enter(x *exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		l.open = make(map[*exchange]struct{})
	}
	l.open[x] = struct{}{}
}

func (l *live) leave(x *exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, x)
}

func (l *live) all(to []*exchange) []*exchange {
	l.mu.Lock()
	defer l.mu.Unlock()
	for x := range l.open {
		to = append(to, x)
	}
	return to
}

// report publishes changes at every beat, until the proxy is stopped.
func (p *Proxy) report() {
	t := time.NewTicker(beat)
	defer t.Stop()
	var xs []*exchange
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-t.C:
		}
		xs = p.live.all(xs[:0])
		for _, x := range xs {
			x.stuck()
			x.publish()
		}
		clear(xs) // don't keep exchanges alive
	}
}

// begin adds the exchange to those in progress.
func (x *exchange) begin() {
	x.news = true
	x.p.live.enter(x)
}

// stuck starts to read the body of a request that is waiting for a connection.
func (x *exchange) stuck() {
	x.mu.Lock()
	waits, body := !x.got && !x.over, x.body
	x.mu.Unlock()
	if waits {
		body.lookAhead()
	}
}

// publish puts the next revision of the flow if it has changed.
func (x *exchange) publish() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.over {
		return
	}
	if sent := x.sent.Load(); sent != x.f.Request.BodySize {
		x.f.Request.BodySize, x.news = sent, true
	}
	if body, cut := x.body.seen(); len(body) > 0 && !x.asked {
		x.f.Request.Body, x.f.Request.BodyTruncated = x.p.decoded(x.f.Request.Headers, body, cut)
		x.asked, x.news = true, true
	}
	if r := x.f.Response; r != nil && x.received.Load() != r.BodySize {
		grown := *r // the published one must not change
		grown.BodySize = x.received.Load()
		x.f.Response, x.news = &grown, true
	}
	if x.talk != nil {
		if m := x.talk.messages(); x.f.Messages == nil || m != *x.f.Messages {
			x.f.Messages, x.news = &m, true
		}
	}
	if !x.news {
		return
	}
	x.news, x.over = false, x.f.Final()
	x.f.Rev++
	x.p.cfg.Sink.Put(x.f)
}
