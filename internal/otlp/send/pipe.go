package send

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// A pipe sends the records of one signal. One goroutine runs it.
type pipe struct {
	to        *Endpoint
	what      string                         // "log records"
	request   func(records ...[]byte) []byte // encodes a batch
	transport interface {                    // an *http.Transport, except in tests
		http.RoundTripper
		CloseIdleConnections()
	}
	giveUp time.Duration
	notice func(string)
	said   map[topic]bool // of notices that were given; used by the goroutine
	stale  bool           // the last request had no response; used by the goroutine

	mu     sync.Mutex
	queue  []Record
	since  time.Time // when the oldest of them came
	counts Stats
	taken  int  // records that are being sent
	gone   bool // a batch was given up, and none has arrived since

	wake    chan struct{} // has a token if something was added
	left    chan struct{} // has a token if something was taken or given up
	closing chan struct{} // closed if nothing is added any more
	hurry   chan struct{} // closed if not much time is left
	once    sync.Once
	ended   chan struct{} // closed at the end of run
}

func newPipe(cfg *Config, to *Endpoint, what string, request func(...[]byte) []byte) *pipe {
	p := &pipe{
		to: to, what: what, request: request, transport: newTransport(cfg, to), giveUp: cfg.GiveUp, notice: cfg.Notice,
		said: make(map[topic]bool),
		wake: make(chan struct{}, 1), left: make(chan struct{}, 1), closing: make(chan struct{}), hurry: make(chan struct{}),
		ended: make(chan struct{}),
	}
	if p.giveUp == 0 {
		p.giveUp = defaultGiveUp
	}
	if p.notice == nil {
		p.notice = func(string) {}
	}
	return p
}

// add adds a record. It never waits.
func (p *pipe) add(r Record) {
	p.mu.Lock()
	if len(p.queue) == 0 {
		p.since = time.Now()
	}
	if len(p.queue) == queueSize {
		p.queue[0] = nil
		p.queue = p.queue[1:]
		p.counts.Dropped++
	}
	p.queue = append(p.queue, r)
	n := len(p.queue)
	p.mu.Unlock()
	if n == 1 || n >= batchSize {
		token(p.wake)
	}
}

func token(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it has one
	}
}

// errUnreachable is why nothing more is added by who waits for room.
var errUnreachable = errors.New("the collector can't be reached")

// room waits until half of the queue is free.
func (p *pipe) room(ctx context.Context) error {
	for {
		p.mu.Lock()
		n, gone := len(p.queue), p.gone
		p.mu.Unlock()
		switch {
		case gone:
			return errUnreachable
		case n <= queueSize/2:
			return nil
		}
		select {
		case <-p.left:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *pipe) stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.counts
	out.Waiting = len(p.queue) + p.taken
	return out
}

func (p *pipe) close(hurry bool) {
	p.once.Do(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if close(p.closing); hurry || p.gone {
			close(p.hurry)
		}
	})
}

// run sends batches until the pipe is closed and its queue is empty, or ctx is done.
func (p *pipe) run(ctx context.Context) {
	defer close(p.ended)
	for p.wait(ctx) {
		records := p.take()
		if len(records) == 0 {
			continue
		}
		if p.hopeless() {
			p.settle(len(records), func(c *Stats, n int) { c.Dropped += n })
			continue
		}
		p.deliver(ctx, records)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts.Dropped += len(p.queue)
	p.queue = nil
}

// hopeless reports whether the rest isn't tried any more.
func (p *pipe) hopeless() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone && isClosed(p.closing)
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// wait waits for a batch. It reports whether there is one.
func (p *pipe) wait(ctx context.Context) bool {
	for {
		p.mu.Lock()
		n, since, closed := len(p.queue), p.since, isClosed(p.closing) // together: nothing is added once it is closed
		p.mu.Unlock()
		if ctx.Err() != nil {
			return false
		}
		var due <-chan time.Time
		if n > 0 {
			rest := batchDelay - time.Since(since)
			if n >= batchSize || rest <= 0 || closed {
				return true
			}
			t := time.NewTimer(rest)
			defer t.Stop()
			due = t.C
		} else if closed {
			return false
		}
		select {
		case <-due:
		case <-p.wake:
		case <-p.closing:
		case <-ctx.Done():
		}
	}
}

// take takes a batch out of the queue, and encodes it.
func (p *pipe) take() (out [][]byte) {
	size := 0
	for len(out) < batchSize && size < batchBytes {
		p.mu.Lock()
		if len(p.queue) == 0 {
			p.mu.Unlock()
			break
		}
		r := p.queue[0]
		p.queue[0] = nil
		p.queue = p.queue[1:]
		p.since = time.Now()
		p.taken++
		p.mu.Unlock()
		b := r()
		size += len(b)
		out = append(out, b)
	}
	token(p.left)
	return out
}

// settle counts records whose sending has ended.
func (p *pipe) settle(n int, as func(c *Stats, n int)) {
	p.mu.Lock()
	p.taken -= n
	as(&p.counts, n)
	p.mu.Unlock()
	token(p.left)
}

// setTrouble says why nothing is accepted; "": it is.
func (p *pipe) setTrouble(why string) {
	p.mu.Lock()
	p.counts.Trouble = why
	p.mu.Unlock()
}

// A topic is what a notice is about.
type topic string

const (
	unreachable topic = "unreachable"
	refusing    topic = "refusing"
	rejecting   topic = "rejecting"
)

// tell gives a notice, unless there was one about this.
func (p *pipe) tell(about topic, text string) {
	if !p.said[about] {
		p.said[about] = true
		p.notice(text)
	}
}
