package h2client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"detour/internal/h2wire/h2test"
)

// A plainConn is a Transport without TLS.
type plainConn struct{ net.Conn }

func (c plainConn) NetConn() net.Conn { return c.Conn }

const authority = "example.test:443"

// newTestPool returns a Pool that makes no connections. Everything of it is over at the end of the
// test.
func newTestPool(t testing.TB, change ...func(*Config)) *Pool {
	t.Helper()
	cfg := Config{
		MaxHeaderBytes: 64 << 10, MaxUnread: 256 << 10, IdleTimeout: time.Minute, ContinueTimeout: time.Second,
		PingAfter: 30 * time.Second, PingTimeout: 15 * time.Second,
		Guard: func(do func()) error { do(); return nil },
	}
	for _, c := range change {
		c(&cfg)
	}
	p := NewPool(cfg, roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, errNoConn }))
	t.Cleanup(p.Close)
	return p
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// pipe returns the two ends of a TCP connection.
func pipe(t testing.TB) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = client.Close(), server.Close() })
	return client, server
}

// A peer is a server that follows a script, frame by frame.
type peer struct {
	*h2test.Encoder

	conn   net.Conn
	fr     *http2.Framer
	stream uint32 // of the current request
}

// addPeer adds a connection to a server that sends SETTINGS and then follows a script. The
// connection ends with the script.
func addPeer(t testing.TB, p *Pool, play func(p *peer), settings ...http2.Setting) {
	t.Helper()
	client, server := pipe(t)
	serveScript(t, server, play, settings...)
	p.Add(authority, plainConn{client})
}

func serveScript(t testing.TB, server net.Conn, play func(p *peer), settings ...http2.Setting) {
	t.Helper()
	_ = server.SetDeadline(time.Now().Add(time.Minute))
	over := make(chan struct{})
	go func() {
		defer close(over)
		defer server.Close()
		s := &peer{conn: server, fr: http2.NewFramer(server, server)}
		s.Encoder = h2test.NewEncoder(s.fr)
		_, _ = io.CopyN(io.Discard, server, int64(len(http2.ClientPreface)))
		_ = s.fr.WriteSettings(settings...)
		play(s)
	}()
	t.Cleanup(func() { _ = server.Close(); <-over })
}

// frame reads a frame, and acknowledges SETTINGS.
func (p *peer) frame() (http2.Frame, error) {
	f, err := p.fr.ReadFrame()
	if s, ok := f.(*http2.SettingsFrame); ok && !s.IsAck() {
		_ = p.fr.WriteSettingsAck()
	}
	return f, err
}

// request waits for the head of a request, and reports whether one came.
func (p *peer) request() bool {
	_, ok := await[*http2.HeadersFrame](p)
	return ok
}

// await reads until a frame of a kind comes.
func await[F http2.Frame](p *peer) (found F, ok bool) {
	for {
		f, err := p.frame()
		if err != nil {
			return found, false
		}
		if found, ok = f.(F); ok {
			if id := f.Header().StreamID; id > 0 {
				p.stream = id
			}
			return found, true
		}
	}
}

// drain reads until the client closes the connection.
func (p *peer) drain() {
	for {
		if _, err := p.frame(); err != nil {
			return
		}
	}
}

// fin ends the server's side of the connection. A close with unread bytes would reset it.
func (p *peer) fin() { _ = p.conn.(*net.TCPConn).CloseWrite() }

// end reads until the client ends the stream or the connection, and says how.
func (p *peer) end() string {
	for {
		f, err := p.frame()
		switch f := f.(type) {
		case *http2.RSTStreamFrame:
			return "RST_STREAM " + f.ErrCode.String()
		case *http2.GoAwayFrame:
			return "GOAWAY " + f.ErrCode.String()
		}
		if err != nil {
			return "closed"
		}
	}
}

func (p *peer) head(end bool, kv ...string) { p.Head(p.stream, end, kv...) }

func (p *peer) data(s string, end bool) { _ = p.fr.WriteData(p.stream, end, []byte(s)) }

// answer sends a whole response.
func (p *peer) answer(body string) {
	p.head(false, ":status", "200")
	p.data(body, true)
}

// newRequest returns a request; without a body if that is nil.
func newRequest(t testing.TB, method string, body io.Reader) *http.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, "https://example.test/path", body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// result sends a request, and returns what came of it, in words.
func result(rt http.RoundTripper, r *http.Request) string {
	resp, err := rt.RoundTrip(r)
	if err != nil {
		return "error: " + err.Error()
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	s := fmt.Sprintf("%d %v %q trailer %v", resp.StatusCode, resp.Header, body, resp.Trailer)
	if err != nil {
		s += " error: " + err.Error()
	}
	return s
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

func contains(t testing.TB, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("%s, want %q", got, want)
	}
}

var errTest = errors.New("the test's")
