package remote

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"detour/internal/alias"
	"detour/internal/share"
)

// A Watch is a run that is watched. Make one with [Connect]. It is what the table shows; its
// methods may be called concurrently.
type Watch struct {
	*mirror
	target Target
	sender *http.Transport
	timing timing
	first  *connection // until Run takes it
}

// A timing says when to try what.
type timing struct {
	silent        time.Duration // after which nothing more is expected of a connection
	soonest, last time.Duration // between two tries to connect again: the first ones, and later
}

// usual is the timing of every Watch, tests aside. A host sends something every [share.Heartbeat].
func usual() timing {
	return timing{silent: share.Heartbeat + 5*time.Second, soonest: 250 * time.Millisecond, last: 5 * time.Second}
}

// Connect opens the stream of a run, and returns once the host has said what it shares. names takes
// the names of stand-ins. The error has a hint.
func Connect(ctx context.Context, t Target, names *alias.Table) (*Watch, error) {
	return connect(ctx, t, newMirror(names, time.Now), usual())
}

func connect(ctx context.Context, t Target, m *mirror, at timing) (*Watch, error) {
	w := &Watch{mirror: m, target: t, sender: t.transport(), timing: at}
	c, _, err := w.open(ctx)
	if err != nil {
		w.sender.CloseIdleConnections()
		return nil, err
	}
	w.first = c
	return w, nil
}

// Run keeps what is known up to date until ctx is done, or nothing more comes. It connects again
// when it has to. It is called once.
func (w *Watch) Run(ctx context.Context) {
	defer w.sender.CloseIdleConnections()
	over := context.AfterFunc(ctx, func() { w.first.end(ctx.Err()) })
	for c := w.first; c != nil; {
		why := w.read(c)
		c.end(nil)
		over()
		switch {
		case ctx.Err() != nil:
			return
		case why != "":
			w.finish(why)
			return
		}
		w.lose(c.heard())
		c = w.again(ctx)
	}
}

// read takes the events of a connection. end is what the host says at its end; "": the connection
// broke.
func (w *Watch) read(c *connection) (end string) {
	for {
		switch e, err := c.stream.next(); {
		case errors.Is(err, errTooLong):
			w.change(func() { w.unread++ })
		case err != nil:
			return ""
		default:
			if end := w.apply(e); end != "" {
				return end
			}
		}
	}
}

// again connects again, until ctx is done or it is of no use: then it returns nil.
func (w *Watch) again(ctx context.Context) *connection {
	for delay := w.timing.soonest; ; delay = min(2*delay, w.timing.last) {
		w.pause(ctx, delay)
		if ctx.Err() != nil {
			return nil
		}
		c, over, err := w.open(ctx)
		switch {
		case err == nil:
			return c
		case ctx.Err() != nil:
			return nil
		case over:
			w.finish(reason(err))
			return nil
		}
	}
}

// pause waits. Every second, there is something new to show: how long there has been no contact.
func (w *Watch) pause(ctx context.Context, d time.Duration) {
	end := time.NewTimer(d)
	defer end.Stop()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-end.C:
			return
		case <-tick.C:
			w.change(func() {})
		}
	}
}

// A connection is one stream.
type connection struct {
	stream *stream
	body   io.Closer
	cancel context.CancelCauseFunc
	dog    *time.Timer
	last   atomic.Int64 // when something came last, in nanoseconds
}

func (c *connection) heard() time.Time { return time.Unix(0, c.last.Load()) }

// end closes the connection.
func (c *connection) end(why error) {
	c.dog.Stop()
	c.cancel(why)
	_ = c.body.Close()
}

// open opens a stream, and reads how it begins. The connection has to be ended. over says that
// trying again is of no use.
func (w *Watch) open(ctx context.Context) (_ *connection, over bool, err error) {
	w.mu.Lock()
	last := w.last
	w.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	r, err := w.target.request(ctx, "/events?as=records")
	if err != nil {
		cancel(nil)
		return nil, true, err
	}
	if last > 0 {
		r.Header.Set("Last-Event-ID", strconv.FormatUint(last, 10))
	}
	answer, err := w.sender.RoundTrip(r)
	if err != nil {
		cancel(nil)
		err, over = w.target.unreachable(err)
		return nil, over, err
	}
	kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if answer.StatusCode != http.StatusOK || kind != "text/event-stream" {
		err, over = w.target.refused(answer)
		_ = answer.Body.Close()
		cancel(nil)
		return nil, over, err
	}
	c := &connection{body: answer.Body, cancel: cancel}
	c.dog = time.AfterFunc(w.timing.silent, func() { cancel(errSilent) })
	c.stream = newStream(answer.Body, func() {
		c.last.Store(time.Now().UnixNano())
		c.dog.Reset(w.timing.silent)
	})
	if over, err := w.greet(c); err != nil {
		c.end(nil)
		return nil, over, err
	}
	return c, false, nil
}

// greet reads the first event of a stream.
func (w *Watch) greet(c *connection) (over bool, err error) {
	e, err := c.stream.next()
	if err != nil {
		err, _ := w.target.unreachable(err)
		return false, err
	}
	if e.Name == share.EventEnd {
		end, _ := w.take(e)
		return true, errors.New(end)
	}
	var h share.Hello
	switch err := read(e, func(x share.Hello) error { h = x; return nil }); {
	case e.Name != share.EventHello || err != nil:
		return true, errNotHello
	case w.About().Run != "" && w.About().Run != h.Run:
		return true, errOther
	}
	if err := check(h); err != nil {
		return true, err
	}
	w.begin(h)
	return false, nil
}
