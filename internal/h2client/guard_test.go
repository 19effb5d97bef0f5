package h2client

import (
	"context"
	"io"
	"net"
	"net/http/httptrace"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A panickyWriter is a Transport whose Write panics after some calls.
type panickyWriter struct {
	plainConn
	left atomic.Int32
}

func (w *panickyWriter) Write(p []byte) (int, error) {
	if w.left.Add(-1) < 0 {
		panic("test")
	}
	return w.plainConn.Write(p)
}

// addPanicky adds a connection whose nth Write panics, from 0.
func addPanicky(t *testing.T, p *Pool, nth int32, play func(*peer)) {
	t.Helper()
	client, server := pipe(t)
	serveScript(t, server, play)
	w := &panickyWriter{plainConn: plainConn{client}}
	w.left.Store(nth)
	p.Add(authority, w)
}

// A panic of the goroutine that writes ends the connection and its requests.
func TestGuard_ofTheWritingGoroutine(t *testing.T) {
	p := newTestPool(t, func(c *Config) { c.Guard = guarded })
	addPanicky(t, p, 0, (*peer).drain)
	c := p.conns[authority][0]
	poll(t, "the connection has ended", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.err != nil
	})
	contains(t, result(p, newRequest(t, "GET", nil)), errTest.Error())
}

// If the goroutine of a request panics while it writes, the other requests of the connection end.
func TestGuard_ofARequestThatWrites(t *testing.T) {
	p := newTestPool(t, func(c *Config) { c.Guard = guarded })
	addPanicky(t, p, 3, (*peer).drain) // after the preface, an acknowledgment and a request
	c := p.conns[authority][0]
	poll(t, "the acknowledgment is written", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		waiting, _ := c.out.Buffered()
		return c.settled && waiting == 0
	})
	results := make(chan string, 2)
	send := func() {
		got := "a panic, which the caller sees"
		_ = guarded(func() { got = result(p, newRequest(t, "GET", nil)) })
		results <- got
	}
	go send()
	poll(t, "the request is sent", func() bool { return p.inProgress() == 1 })
	go send()
	for range 2 {
		contains(t, <-results, "a panic")
	}
}

// inProgress counts requests.
func (p *Pool) inProgress() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns[authority] {
		c.mu.Lock()
		n += len(c.streams)
		c.mu.Unlock()
	}
	return n
}

// A deadlineless is a Transport that has no deadlines: setting one panics.
type deadlineless struct{ plainConn }

func (deadlineless) SetWriteDeadline(time.Time) error { panic("test") }

// A panic of a timer ends its connection.
func TestGuard_ofTheTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTestPool(t, func(c *Config) { c.Guard, c.IdleTimeout = guarded, time.Second })
		client, server := net.Pipe()
		serveScript(t, server, (*peer).drain)
		p.Add(authority, deadlineless{plainConn{client}})
		time.Sleep(time.Minute)
		p.mu.Lock()
		defer p.mu.Unlock()
		if n := len(p.conns); n > 0 {
			t.Errorf("%d connections are left", n)
		}
	})
}

// A panic while a request is traced ends nothing but its upload.
func TestGuard_ofATrace(t *testing.T) {
	p := newTestPool(t, func(c *Config) { c.Guard = guarded })
	addPeer(t, p, func(s *peer) {
		for s.request() {
			s.answer("ok")
		}
	})
	r := newRequest(t, "POST", io.LimitReader(zeros{}, 5))
	r = r.WithContext(httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { panic("test") },
	}))
	_ = result(p, r)
	contains(t, result(p, newRequest(t, "GET", nil)), `"ok"`)
}

// A slowBody is a body whose Close waits.
type slowBody struct{ until <-chan struct{} }

func (slowBody) Read([]byte) (int, error) { return 0, io.EOF }
func (b slowBody) Close() error           { <-b.until; return nil }

// A request that can't be sent closes its body, which may take time. Others don't wait for that.
func TestRoundTrip_closesABodyWhileOthersGoOn(t *testing.T) {
	p := newTestPool(t)
	addPeer(t, p, func(s *peer) {
		for s.request() {
			s.answer("ok")
		}
	})
	until, closed := make(chan struct{}), make(chan string, 1)
	r := newRequest(t, "POST", slowBody{until})
	r.Header["a b"] = []string{"c"}
	go func() { closed <- result(p, r) }()
	contains(t, result(p, newRequest(t, "GET", nil)), `"ok"`)
	poll(t, "the body is being closed", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		c := p.conns[authority][0]
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.used && c.reserved == 0
	})
	contains(t, result(p, newRequest(t, "GET", nil)), `"ok"`)
	close(until)
	contains(t, <-closed, "isn't the name of a field")
}
