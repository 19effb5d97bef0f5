package h2server

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"detour/internal/h2wire"
)

// endless writes until it fails.
func endless(w http.ResponseWriter) {
	for {
		if _, err := w.Write(make([]byte, h2wire.MaxFrame)); err != nil {
			return
		}
	}
}

// TestConn_keepsItsWindowThroughCancels cancels downloads that wait to be written. The client gives
// back all that it gets, so that the window is the same in the end.
func TestConn_keepsItsWindowThroughCancels(t *testing.T) {
	conn, c, g := serveGated(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/endless" {
			endless(w)
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 2*h2wire.InitialWindow))
	}))
	p := newPeer(t, conn)
	const window = 1 << 20
	_ = p.fr.WriteWindowUpdate(0, window-h2wire.InitialWindow)
	p.sync()
	id := uint32(1)
	for range 20 {
		g.shut.Lock()
		first := id
		for ; id < first+20; id += 2 {
			p.Head(id, true, get("GET", "/endless")...)
		}
		pollLocked(t, c, "handlers wait", c.out.IsFull)
		for i := first; i < id; i += 2 {
			_ = p.fr.WriteRSTStream(i, http2.ErrCodeCancel)
		}
		pollLocked(t, c, "the handlers have returned", func() bool { return c.handlers == 0 })
		g.shut.Unlock()
		p.sync()
		p.sync() // what the client has given back has come
		c.mu.Lock()
		left := c.windows.Conn
		c.mu.Unlock()
		if left != window {
			t.Fatalf("the connection's window is %d", left)
		}
	}
	p.Head(id, true, get("GET", "/")...)
	p.await(func() bool { return p.over(id) })
	if n := len(p.answer(id).Body); n != 2*h2wire.InitialWindow {
		t.Errorf("the download after the cancels got %d bytes", n)
	}
}

// TestConn_cancelEndsAWrite cancels requests whose handlers write, while the client reads nothing.
func TestConn_cancelEndsAWrite(t *testing.T) {
	returned := make(chan struct{})
	conn, c, g := serveGated(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		endless(w)
		returned <- struct{}{}
	}))
	p := newPeer(t, conn)
	p.sync()
	_ = p.fr.WriteWindowUpdate(0, 1<<20)
	p.sync()
	g.shut.Lock()
	defer g.shut.Unlock()
	for id := uint32(1); id < 10; id += 2 {
		p.Head(id, true, get("GET", "/")...)
	}
	pollLocked(t, c, "a handler waits", c.out.IsFull)
	poll(t, "the connection is written to", func() bool { return g.waiting.Load() > 0 })
	for id := uint32(1); id < 10; id += 2 {
		_ = p.fr.WriteRSTStream(id, http2.ErrCodeCancel)
		<-returned
	}
}

// TestConn_readsWhileHandlersAreSlow has a canceled request whose handler doesn't return, and as
// many others as are allowed. The frames after those of one more are read all the same, and it is
// served once another is canceled.
func TestConn_readsWhileHandlersAreSlow(t *testing.T) {
	release, canceled := make(chan struct{}), make(chan string, 2*maxStreams)
	conn, c := serveConn(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			<-release
		case "/hang":
			<-r.Context().Done()
			canceled <- r.URL.RawQuery
		}
	}))
	p := newPeer(t, conn)
	p.sync()
	p.sync()
	p.Head(1, true, get("GET", "/slow")...)
	for id := uint32(3); id < 2*maxStreams; id += 2 {
		p.Head(id, true, get("GET", "/hang")...)
	}
	_ = p.fr.WriteRSTStream(1, http2.ErrCodeCancel)
	p.Head(601, false, get("POST", "/hang?queued")...)
	_ = p.fr.WriteData(601, false, make([]byte, h2wire.MaxFrame))
	p.sync()
	pollLocked(t, c, "a stream waits", func() bool { return len(c.queued) == 1 })
	_ = p.fr.WriteRSTStream(601, http2.ErrCodeCancel)
	p.Head(603, true, get("GET", "/")...)
	p.sync()
	c.mu.Lock()
	if n := c.received.Left + c.received.Read; len(c.queued) != 1 || n != connWindow {
		t.Errorf("%d streams wait, and %d bytes of the connection's window are left", len(c.queued), n)
	}
	c.mu.Unlock()
	if p.over(603) {
		t.Errorf("stream 603: %v", p.answer(603))
	}
	_ = p.fr.WriteRSTStream(3, http2.ErrCodeCancel)
	if q := <-canceled; q != "" {
		t.Error("a canceled stream was served")
	}
	p.await(func() bool { return p.over(603) })
	_ = conn.Close()
	for range maxStreams - 2 {
		<-canceled
	}
	close(release)
}
