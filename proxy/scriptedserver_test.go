package proxy

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/http2"

	"detour/internal/h2wire/h2test"
	"detour/internal/leaktest"
)

// A script is what a server does on one connection after the TLS handshake. When it
// returns, the connection is closed.
type script func(p *peer)

// scriptedServer is a fixture whose upstream server follows a script.
type scriptedServer struct {
	*fixture
	conns atomic.Int32  // connections with a completed handshake
	seen  chan struct{} // closed by the client when it has seen what waitSeen waits for
}

// newScriptedServer returns a fixture whose upstream server follows a script, byte by
// byte and frame by frame, in either HTTP/1.1 or HTTP/2. At the end of the test, every
// connection to the server must be closed and no goroutine left.
func newScriptedServer(tb testing.TB, h2 bool, play script, change ...func(*setup)) *scriptedServer {
	tb.Helper()
	before := goleak.IgnoreCurrent()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &scriptedServer{seen: make(chan struct{})}
	var open sync.WaitGroup
	tb.Cleanup(func() { // runs after the fixture's, so after the proxy's shutdown
		_ = l.Close()
		ended := make(chan struct{})
		go func() { open.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			tb.Error("a connection to the server is open after the proxy's shutdown")
		}
		if err := leaktest.Find(before); err != nil {
			tb.Error(err)
		}
	})
	conditions := setup{connect: connectTo(l.Addr().String()), patient: true}
	for _, c := range change {
		c(&conditions)
	}
	s.fixture = newFixture(tb, conditions, http.NotFoundHandler())
	conf := &tls.Config{Certificates: s.server.TLS.Certificates, NextProtos: []string{"http/1.1"}}
	if h2 {
		conf.NextProtos = []string{"h2"}
		requireH2(conf)
	}
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(time.Minute)) // of the whole script
				tc := tls.Server(c, conf)
				if tc.Handshake() != nil { // only HTTP/1.1 was offered to an HTTP/2 server
					return
				}
				p := &peer{Conn: tc, nth: s.conns.Add(1), tcp: c.(*net.TCPConn), seen: s.seen}
				p.br = bufio.NewReader(p.Conn)
				if h2 {
					p.exchangePrefaces()
				}
				play(p)
			})
		}
	})
	return s
}

// A peer is the server's end of a connection. Its methods ignore errors: the test sees
// on the client's side what is missing.
type peer struct {
	net.Conn        // TLS
	*h2test.Encoder // nil for HTTP/1.1

	tcp    *net.TCPConn
	nth    int32 // number of the connection, from 1
	br     *bufio.Reader
	seen   <-chan struct{}
	fr     *http2.Framer // nil for HTTP/1.1
	stream uint32        // of the current request
}

// exchangePrefaces reads and sends the connection preface of HTTP/2.
func (p *peer) exchangePrefaces() {
	_, _ = io.CopyN(io.Discard, p.br, int64(len(http2.ClientPreface)))
	p.fr = http2.NewFramer(p.Conn, p.br)
	p.Encoder = h2test.NewEncoder(p.fr)
	_ = p.fr.WriteSettings()
}

// request waits for a request's head and returns nil if none comes. It doesn't read the
// body. For HTTP/2 it returns an empty Request.
func (p *peer) request() *http.Request {
	if p.fr == nil {
		r, _ := http.ReadRequest(p.br)
		return r
	}
	for {
		f, err := p.frame()
		if err != nil {
			return nil
		}
		if h, ok := f.(*http2.HeadersFrame); ok {
			p.stream = h.StreamID
			return &http.Request{}
		}
	}
}

// answer sends a complete response in either protocol.
func (p *peer) answer(body string) {
	if p.fr == nil {
		p.write(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
		return
	}
	p.head(false, ":status", "200")
	p.data(body, true)
}

// begin sends the beginning of a response with a Content-Length of n.
func (p *peer) begin(n int, body string) {
	if p.fr == nil {
		p.write(fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", okHead, n, body))
		return
	}
	p.head(false, ":status", "200", "content-length", fmt.Sprint(n))
	if body != "" {
		p.data(body, false)
	}
}

// waitCanceled reads until the client cancels the request: until the stream is reset in
// HTTP/2, or the connection closed in HTTP/1.1.
func (p *peer) waitCanceled() {
	if p.fr == nil {
		p.drain()
		return
	}
	for {
		f, err := p.frame()
		if _, reset := f.(*http2.RSTStreamFrame); reset || err != nil {
			return
		}
	}
}

// frame reads one frame, acknowledges settings and opens the flow-control windows.
func (p *peer) frame() (http2.Frame, error) {
	f, err := p.fr.ReadFrame()
	if s, ok := f.(*http2.SettingsFrame); ok && !s.IsAck() {
		_ = p.fr.WriteSettingsAck()
	}
	if d, ok := f.(*http2.DataFrame); ok && d.Length > 0 {
		_ = p.fr.WriteWindowUpdate(0, d.Length)
		_ = p.fr.WriteWindowUpdate(d.StreamID, d.Length)
	}
	return f, err
}

// upload reads at least n bytes of the request's body.
func (p *peer) upload(n int64) {
	if p.fr == nil {
		_, _ = io.CopyN(io.Discard, p.br, n)
		return
	}
	for got := int64(0); got < n; {
		f, err := p.frame()
		if err != nil {
			return
		}
		if d, ok := f.(*http2.DataFrame); ok {
			got += int64(len(d.Data()))
		}
	}
}

// write writes raw bytes.
func (p *peer) write(s string) { _, _ = io.WriteString(p.Conn, s) }

// head writes a response's head in HTTP/2.
func (p *peer) head(end bool, kv ...string) { p.Head(p.stream, end, kv...) }

func (p *peer) data(s string, end bool) { _ = p.fr.WriteData(p.stream, end, []byte(s)) }

// drain reads until the other side closes the connection.
func (p *peer) drain() {
	if p.fr == nil {
		_, _ = io.Copy(io.Discard, p.br)
		return
	}
	for {
		var se http2.StreamError
		if _, err := p.frame(); err != nil && !errors.As(err, &se) {
			return
		}
	}
}

// waitSeen waits until the client has seen what was sent.
func (p *peer) waitSeen() {
	select {
	case <-p.seen:
	case <-time.After(time.Minute):
	}
}

// closeTCP closes the connection with a FIN, but without TLS's close_notify.
func (p *peer) closeTCP() { _ = p.tcp.Close() }

// reset closes the connection with a RST.
func (p *peer) reset() {
	_ = p.tcp.SetLinger(0)
	_ = p.tcp.Close()
}
