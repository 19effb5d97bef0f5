package h2server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"detour/internal/h2wire/h2test"
)

// A plainConn is a Transport without TLS.
type plainConn struct{ *net.TCPConn }

func (c plainConn) NetConn() net.Conn { return c.TCPConn }

// serveConn serves a connection and returns the client's end of it. The connection ends, and all
// handlers have returned, at the end of the test.
func serveConn(t testing.TB, h http.Handler) (net.Conn, *Conn) {
	t.Helper()
	conn, c, _ := serveGated(t, h)
	return conn, c
}

// A gate is a Transport whose Write waits while shut is locked.
type gate struct {
	plainConn
	shut    sync.Mutex
	waiting atomic.Int32
}

func (g *gate) Write(p []byte) (int, error) {
	g.waiting.Add(1)
	g.shut.Lock()
	g.shut.Unlock() //nolint:staticcheck // it has waited
	g.waiting.Add(-1)
	return g.plainConn.Write(p)
}

// serveGated is serveConn with the gate through which the server writes.
func serveGated(t testing.TB, h http.Handler) (net.Conn, *Conn, *gate) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{plainConn: plainConn{accepted.(*net.TCPConn)}}
	c := New(context.Background(), g, Config{
		Handler: h, MaxHeaderBytes: 64 << 10, IdleTimeout: time.Minute,
	})
	served := make(chan struct{})
	go func() { defer close(served); c.Serve() }()
	t.Cleanup(func() {
		_ = client.Close()
		g.shut.TryLock()
		g.shut.Unlock() // of a test that has failed
		select {
		case <-served:
		case <-time.After(time.Minute):
			t.Error("the connection doesn't end")
			c.Close()
			<-served
		}
	})
	return client, c, g
}

// poll waits until a condition holds.
func poll(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// pollLocked is poll for a condition that needs the connection's mu.
func pollLocked(t testing.TB, c *Conn, what string, holds func() bool) {
	t.Helper()
	poll(t, what, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return holds()
	})
}

// A peer is a client that writes frames, and notes what it gets.
type peer struct {
	*h2test.Encoder

	t     testing.TB
	conn  net.Conn
	fr    *http2.Framer
	got   map[uint32]*answer
	acks  int
	code  http2.ErrCode // of GOAWAY
	away  bool
	ended bool // the connection

	withhold bool // windows aren't given back
}

// An answer is what came back on a stream.
type answer struct {
	Head    []string // of the final response and the interim ones
	Body    string
	Trailer []string
	Ended   bool // by END_STREAM
	Reset   string
}

func newPeer(t testing.TB, c net.Conn) *peer {
	p := &peer{t: t, conn: c, fr: http2.NewFramer(c, c), got: make(map[uint32]*answer)}
	p.Encoder = h2test.NewEncoder(p.fr)
	p.fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	p.fr.AllowIllegalWrites = true
	_, _ = io.WriteString(c, http2.ClientPreface)
	_ = p.fr.WriteSettings()
	return p
}

// get returns the fields of a request.
func get(method, path string, more ...string) []string {
	return append([]string{":method", method, ":scheme", "https", ":authority", "example.test", ":path", path}, more...)
}

// read reads a frame, and reports whether one came.
func (p *peer) read() bool {
	_ = p.conn.SetReadDeadline(time.Now().Add(time.Minute))
	f, err := p.fr.ReadFrame()
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			p.t.Error("nothing came for a minute")
		}
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			p.t.Error("nothing came for a minute")
		}
		p.ended = true
		return false
	}
	a := p.answer(f.Header().StreamID)
	switch f := f.(type) {
	case *http2.SettingsFrame:
		if !f.IsAck() {
			_ = p.fr.WriteSettingsAck()
		}
	case *http2.PingFrame:
		if f.IsAck() {
			p.acks++
		}
	case *http2.GoAwayFrame:
		p.away, p.code = true, f.ErrCode
	case *http2.RSTStreamFrame:
		a.Reset = f.ErrCode.String()
	case *http2.DataFrame:
		a.Body += string(f.Data())
		a.Ended = f.StreamEnded()
		if n := f.Length; n > 0 && !p.withhold {
			_ = p.fr.WriteWindowUpdate(0, n)
			if !a.Ended {
				_ = p.fr.WriteWindowUpdate(f.StreamID, n)
			}
		}
	case *http2.MetaHeadersFrame:
		a.Ended = f.StreamEnded()
		a.note(f)
	}
	return true
}

func (p *peer) answer(id uint32) *answer {
	a := p.got[id]
	if a == nil {
		a = &answer{}
		p.got[id] = a
	}
	return a
}

// note notes fields, sorted, without Date.
func (a *answer) note(f *http2.MetaHeadersFrame) {
	var fields []string
	for _, h := range f.Fields {
		if h.Name != "date" {
			fields = append(fields, h.Name+": "+h.Value)
		}
	}
	sort.Strings(fields)
	if f.PseudoValue("status") == "" {
		a.Trailer = fields
	} else {
		a.Head = append(a.Head, strings.Join(fields, "\n"))
	}
}

// await reads until a condition holds or the connection has ended.
func (p *peer) await(done func() bool) {
	for !done() && !p.ended {
		p.read()
	}
}

// over reports whether a stream has ended.
func (p *peer) over(id uint32) bool {
	a := p.answer(id)
	return a.Ended || a.Reset != ""
}

// sync waits until the server has processed what was sent so far.
func (p *peer) sync() {
	want := p.acks + 1
	_ = p.fr.WritePing(false, [8]byte{1})
	p.await(func() bool { return p.acks >= want })
}

// end returns how the connection ended, or that it hasn't.
func (p *peer) end() string {
	switch {
	case p.away:
		return "GOAWAY " + p.code.String()
	case p.ended:
		return "closed"
	}
	return "open"
}

func (a *answer) String() string { return fmt.Sprintf("%+v", *a) }
