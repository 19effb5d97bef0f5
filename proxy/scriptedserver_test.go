package proxy

import (
	"bufio"
	"bytes"
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
	"golang.org/x/net/http2/hpack"
)

// A script is what a server does on one connection, after the TLS handshake.
// When it returns the connection is closed, if the script hasn't done so.
type script func(p *peer)

// scripted is a bench with a server that follows a script.
type scriptedServer struct {
	*fixture
	conns atomic.Int32  // on which the server came to play
	seen  chan struct{} // closed by a client that has seen what a script waits for
}

// newScripted makes a bench whose upstream server follows a script, byte by byte
// and frame by frame, in HTTP/1.1 or in HTTP/2 alone. When the test ends, every
// connection to it must have ended and no goroutine be left.
func newScriptedServer(tb testing.TB, h2 bool, play script) *scriptedServer {
	tb.Helper()
	before := goleak.IgnoreCurrent()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	var open sync.WaitGroup
	tb.Cleanup(func() {
		_ = l.Close()
		ended := make(chan struct{})
		go func() { open.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			tb.Error("a connection to the server outlives the proxy")
		}
		if err := goleak.Find(before); err != nil {
			tb.Error(err)
		}
	})
	s := &scriptedServer{seen: make(chan struct{})}
	s.fixture = newFixture(tb, setup{connect: connectTo(l.Addr().String())}, http.NotFoundHandler())
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
				_ = c.SetDeadline(time.Now().Add(20 * time.Second)) // of the whole script
				tc := tls.Server(c, conf)
				if tc.Handshake() != nil { // HTTP/1.1 was offered to a server that has HTTP/2 alone
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

// A peer is the server's end of a connection. Its methods leave errors alone:
// what they couldn't do, the test on the client's side misses.
type peer struct {
	net.Conn // TLS
	tcp      *net.TCPConn
	nth      int32 // connection, from 1
	br       *bufio.Reader
	seen     <-chan struct{}
	fr       *http2.Framer // nil for HTTP/1.1
	enc      *hpack.Encoder
	block    bytes.Buffer // what enc writes to
	stream   uint32       // of the request under way
}

// greet exchanges the prefaces of HTTP/2.
func (p *peer) exchangePrefaces() {
	_, _ = io.CopyN(io.Discard, p.br, int64(len(http2.ClientPreface)))
	p.fr = http2.NewFramer(p.Conn, p.br)
	p.enc = hpack.NewEncoder(&p.block)
	_ = p.fr.WriteSettings()
}

// request waits for a request's head; nil if none comes. The body is left
// unread. Of an HTTP/2 request no more is told than that it came.
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

// answer is a whole response in either protocol.
func (p *peer) answer(body string) {
	if p.fr == nil {
		p.write(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
		return
	}
	p.head(false, ":status", "200")
	p.data(body, true)
}

// begin is the beginning of a response that says it has n bytes.
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

// untilOver reads until the exchange is called off: the stream in HTTP/2, the
// connection in HTTP/1.1.
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

// frame reads one frame, acknowledges settings and makes room for more data.
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

// say writes bytes as they are.
func (p *peer) write(s string) { _, _ = io.WriteString(p.Conn, s) }

// fields encodes a header block; names and values in turn.
func (p *peer) fields(kv ...string) []byte {
	p.block.Reset()
	for i := 0; i < len(kv); i += 2 {
		_ = p.enc.WriteField(hpack.HeaderField{Name: kv[i], Value: kv[i+1]})
	}
	return bytes.Clone(p.block.Bytes())
}

// head writes a response's head in HTTP/2.
func (p *peer) head(end bool, kv ...string) {
	_ = p.fr.WriteHeaders(http2.HeadersFrameParam{
		StreamID: p.stream, BlockFragment: p.fields(kv...), EndHeaders: true, EndStream: end,
	})
}

func (p *peer) data(s string, end bool) { _ = p.fr.WriteData(p.stream, end, []byte(s)) }

// rest waits until the other side is done with the connection.
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

// awaited waits until the client has seen what was sent.
func (p *peer) waitSeen() {
	select {
	case <-p.seen:
	case <-time.After(5 * time.Second):
	}
}

// cut ends the connection with a FIN, but without TLS's close_notify.
func (p *peer) closeTCP() { _ = p.tcp.Close() }

// reset ends the connection with an RST.
func (p *peer) reset() {
	_ = p.tcp.SetLinger(0)
	_ = p.tcp.Close()
}
