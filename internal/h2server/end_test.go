package h2server

import (
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
)

// A pipeConn is a Transport that has no buffer.
type pipeConn struct{ net.Conn }

func (c pipeConn) CloseWrite() error { return nil }
func (c pipeConn) NetConn() net.Conn { return c.Conn }

// servePipe serves a connection without requests. It returns the client's end, and what Serve's
// return closes.
func servePipe() (net.Conn, *Conn, <-chan struct{}) {
	client, server := net.Pipe()
	c := New(context.Background(), pipeConn{server}, Config{Handler: http.NotFoundHandler(), MaxHeaderBytes: 1 << 16, IdleTimeout: time.Minute})
	served := make(chan struct{})
	go func() { defer close(served); c.Serve() }()
	return client, c, served
}

// TestConn_endsWhenIdleThoughNothingIsRead sends pings, and reads no answers.
func TestConn_endsWhenIdleThoughNothingIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _, served := servePipe()
		begun := time.Now()
		_, _ = io.WriteString(client, http2.ClientPreface)
		fr := http2.NewFramer(client, nil)
		_ = fr.WriteSettings()
		for range 100 {
			if err := fr.WritePing(false, [8]byte{}); err != nil {
				t.Fatal(err)
			}
		}
		<-served
		if d := time.Since(begun); d < time.Minute || d > time.Minute+closeTimeout {
			t.Errorf("the connection ended after %v", d)
		}
	})
}

// TestConn_drainsBeforeThePreface has the client's preface come after Drain.
func TestConn_drainsBeforeThePreface(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c, served := servePipe()
		c.Drain()
		begun := time.Now()
		fr := http2.NewFramer(client, client)
		for _, want := range []http2.FrameType{http2.FrameSettings, http2.FrameWindowUpdate, http2.FrameGoAway} {
			if f, err := fr.ReadFrame(); err != nil || f.Header().Type != want {
				t.Errorf("%v, %v instead of %v", f, err, want)
			}
		}
		synctest.Wait() // for the server to wait for the preface alone
		_, _ = io.WriteString(client, http2.ClientPreface)
		_ = fr.WriteSettings()
		<-served
		if d := time.Since(begun); d > closeTimeout {
			t.Errorf("the connection ended after %v", d)
		}
	})
}

// TestConn_endsAfterTheClientsGOAWAY has the client go away when its request is over.
func TestConn_endsAfterTheClientsGOAWAY(t *testing.T) {
	conn, _ := serveConn(t, http.NotFoundHandler())
	p := newPeer(t, conn)
	p.Head(1, true, get("GET", "/")...)
	p.await(func() bool { return p.over(1) })
	_ = p.fr.WriteGoAway(0, http2.ErrCodeNo, nil)
	p.await(func() bool { return false })
	if p.code != http2.ErrCodeNo {
		t.Errorf("the connection: %s", p.end())
	}
}

// TestConn_ignoresFramesOfStreamsItHasReset sends the rest of a request that was on its way when
// its handler returned.
func TestConn_ignoresFramesOfStreamsItHasReset(t *testing.T) {
	conn, _ := serveConn(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hang" {
			<-r.Context().Done()
		}
	}))
	p := newPeer(t, conn)
	p.Head(1, true, get("GET", "/hang")...)
	p.Head(3, false, get("POST", "/", "trailer", "x-sum")...)
	p.await(func() bool { return p.answer(3).Reset != "" })
	_ = p.fr.WriteData(3, false, []byte("late"))
	p.Head(3, true, "x-sum", "1")
	p.sync()
	if p.end() != "open" || p.over(1) || p.answer(3).Reset != "NO_ERROR" {
		t.Errorf("the connection: %s, stream 1: %v, stream 3: %v", p.end(), p.answer(1), p.answer(3))
	}
}

// TestConn_drainsThoughRequestsCome sends a whole request after GOAWAY was sent.
func TestConn_drainsThoughRequestsCome(t *testing.T) {
	release := make(chan struct{})
	conn, c := serveConn(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-release
		_, _ = io.WriteString(w, "whole")
	}))
	p := newPeer(t, conn)
	p.Head(1, true, get("GET", "/")...)
	p.sync()
	c.Drain()
	p.Head(3, false, get("POST", "/", "trailer", "x-sum")...)
	_ = p.fr.WriteData(3, false, []byte("ignored"))
	p.Head(3, true, "x-sum", "1")
	p.sync()
	close(release)
	p.await(func() bool { return p.ended })
	if p.code != http2.ErrCodeNo || p.answer(1).Body != "whole" || p.over(3) {
		t.Errorf("%s, stream 1: %v, stream 3: %v", p.end(), p.answer(1), p.answer(3))
	}
}

// TestConn_keepsFewGoroutines counts goroutines after a burst of requests.
func TestConn_keepsFewGoroutines(t *testing.T) {
	var all sync.WaitGroup
	all.Add(maxStreams)
	conn, _ := serveConn(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { all.Done(); all.Wait() }))
	p := newPeer(t, conn)
	p.sync()
	before := runtime.NumGoroutine()
	for i := range uint32(maxStreams) {
		p.Head(2*i+1, true, get("GET", "/")...)
	}
	for i := range uint32(maxStreams) {
		p.await(func() bool { return p.over(2*i + 1) })
	}
	poll(t, "few goroutines are left", func() bool { return runtime.NumGoroutine()-before <= maxIdleWorkers })
}

// TestConn_saysWhyItEndsHoweverLateItIsWritten: the time to read that begins when it is written.
func TestConn_saysWhyItEndsHoweverLateItIsWritten(t *testing.T) {
	conn, _, g := serveGated(t, http.NotFoundHandler())
	p := newPeer(t, conn)
	p.sync()
	g.shut.Lock()
	_ = p.fr.WriteData(1, true, nil)
	poll(t, "the server writes", func() bool { return g.waiting.Load() > 0 })
	<-time.After(goAwayTimeout + goAwayTimeout/2) // as on a busy machine
	g.shut.Unlock()
	p.await(func() bool { return p.away })
	if got := p.end(); got != "GOAWAY PROTOCOL_ERROR" {
		t.Error(got)
	}
}
