package proxy

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/internal/dial"
	"detour/internal/flow"
)

// A stuckConn is a connection whose other side reads only the first bytes: a write of more waits
// until it is closed.
type stuckConn struct {
	net.Conn
	left   int
	closed chan struct{}
	ended  chan<- time.Time // gets when it was closed
	once   sync.Once
}

func (c *stuckConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p[:min(len(p), c.left)])
	if c.left -= n; err == nil && n < len(p) {
		<-c.closed
		err = net.ErrClosed
	}
	return n, err
}

func (c *stuckConn) Close() error {
	c.once.Do(func() {
		c.ended <- time.Now()
		close(c.closed)
	})
	return c.Conn.Close()
}

// stuck returns a Connect whose first connection is stuck after 20 KiB, and when that ends.
func stuck(connect dial.Connect) (dial.Connect, <-chan time.Time) {
	ended := make(chan time.Time, 1)
	var first sync.Once
	return func(ctx context.Context, to netip.AddrPort, observe dial.Observe) (c net.Conn, err error) {
		if c, err = connect(ctx, to, observe); err == nil {
			first.Do(func() { c = &stuckConn{Conn: c, left: 20 << 10, closed: make(chan struct{}), ended: ended} })
		}
		return c, err
	}, ended
}

// A server may respond before it has read a request, and read no more: its response arrives, the
// upload ends, and no other request is sent on that connection (RFC 9112, 9.3 and 9.6).
func TestUpload_endsWithAnEarlyResponse(t *testing.T) {
	const whole = 60_000
	for name, v := range map[string]struct {
		response string
		status   int
		stage    flow.Stage // of the failure; "": none
	}{
		"too large":         {"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno", 413, ""},
		"closes":            {"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno", 413, ""},
		"redirects":         {"HTTP/1.1 307 Temporary Redirect\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", 307, ""},
		"chunks":            {"HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", 401, ""},
		"after interim":     {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", 403, ""},
		"a broken response": {"HTTP/1.1 x\r\n\r\n", 502, flow.StageSend},
		"no response":       {"", 502, flow.StageSend},
	} {
		t.Run(name, func(t *testing.T) {
			var ended <-chan time.Time
			s := newScriptedServer(t, false, func(p *peer) {
				r := p.request()
				for ; p.nth > 1 && r != nil; r = p.request() {
					_, _ = io.Copy(io.Discard, r.Body)
					p.answer("again")
				}
				if p.write(v.response); v.response != "" {
					p.drain()
				}
			}, func(s *setup) { s.connect, ended = stuck(s.connect) })
			c := s.client(t, false)
			post := func() *http.Response {
				resp, err := c.Post("https://example.com/", "text/plain", strings.NewReader(strings.Repeat("x", whole)))
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				return resp
			}
			c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			c.Timeout = time.Minute
			if resp := post(); resp.StatusCode != v.status {
				t.Errorf("status %d, want %d", resp.StatusCode, v.status)
			}
			if resp := post(); resp.StatusCode != http.StatusOK {
				t.Errorf("the next request: %d", resp.StatusCode)
			}
			fs := s.sink.finals(t, 2)
			f := fs[0]
			if f.Request.BodySize >= whole || !f.Times.WroteRequest.IsZero() {
				t.Errorf("the flow says that %d bytes were sent, all of them by %v", f.Request.BodySize, f.Times.WroteRequest)
			}
			if at := <-ended; f.Response != nil && f.Times.Done.After(at) {
				t.Errorf("the response was received at %v, and the upload given up before, at %v", f.Times.Done, at)
			}
			if (f.Failure == nil) != (v.stage == "") || f.Failure != nil && f.Failure.Stage != v.stage {
				t.Errorf("failure %+v, want %q", f.Failure, v.stage)
			}
			if fs[1].Reused || fs[1].Request.BodySize != whole {
				t.Errorf("the next flow: reused %v, %d bytes", fs[1].Reused, fs[1].Request.BodySize)
			}
		})
	}
}

// An upload that the server has read leaves the connection usable.
func TestUpload_aWholeOneKeepsTheConnection(t *testing.T) {
	b := newFixture(t, setup{patient: true}, echo)
	b.proxy.uploadGrace = time.Minute // however busy the machine is
	c := b.client(t, false)
	for _, size := range []int{60_000, 1, maxWriteAtOnce, 60_000} {
		resp, err := c.Post("https://example.com/", "text/plain", strings.NewReader(strings.Repeat("x", size)))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if len(body) != size+len("POST ") {
			t.Errorf("%d bytes came back of %d", len(body), size)
		}
	}
	for i, f := range b.sink.finals(t, 4) {
		if f.Reused != (i > 0) || f.Times.WroteRequest.IsZero() {
			t.Errorf("flow %d: reused %v, sent at %v", i, f.Reused, f.Times.WroteRequest)
		}
	}
}

// The client's end ends an upload that no server reads.
func TestUpload_endsWithItsClient(t *testing.T) {
	s := newScriptedServer(t, false, func(p *peer) { p.drain() }, func(s *setup) { s.connect, _ = stuck(s.connect) })
	tc := s.openTLS(t, "http/1.1")
	_, _ = io.WriteString(tc, "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 60000\r\n\r\n"+strings.Repeat("x", 60_000))
	s.sink.wait(t, 1, func(f flow.Flow) bool { return f.State == flow.StateWaiting })
	_ = tc.Close()
	if f := s.sink.finals(t, 1)[0]; f.Failure == nil || f.Failure.Stage != flow.StageClient {
		t.Errorf("failure %+v", f.Failure)
	}
}

// Shutdown ends one, too.
func TestUpload_endsWithShutdown(t *testing.T) {
	begun := make(chan struct{})
	s := newScriptedServer(t, false, func(p *peer) {
		p.request()
		p.upload(1)
		close(begun)
		p.drain()
	}, func(s *setup) { s.connect, _ = stuck(s.connect) })
	tc := s.openTLS(t, "http/1.1")
	_, _ = io.WriteString(tc, "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 60000\r\n\r\n"+strings.Repeat("x", 60_000))
	s.sink.wait(t, 1, func(f flow.Flow) bool { return f.State == flow.StateWaiting })
	<-begun
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	_ = s.proxy.Shutdown(stopped)
	if f := s.sink.finals(t, 1)[0]; f.Failure == nil || f.Failure.Message != errStopped.Error() || f.Request.BodySize == 0 {
		t.Errorf("failure %+v, %d bytes were sent", f.Failure, f.Request.BodySize)
	}
}

// So does a panic, before the flow is final.
func TestUpload_endsWithAPanic(t *testing.T) {
	s := newScriptedServer(t, false, func(p *peer) { p.request(); p.answer("early"); p.drain() }, func(s *setup) {
		s.connect, _ = stuck(s.connect)
		s.bodies = func(f *flow.Flow) int { return panicIf(f.Response != nil) }
	})
	resp, err := s.client(t, false).Post("https://example.com/", "text/plain", strings.NewReader(strings.Repeat("x", 60_000)))
	if err == nil {
		resp.Body.Close()
		t.Error("there is a response")
	}
	if f := s.sink.finals(t, 1)[0]; f.Request.BodySize == 0 || f.Failure == nil || f.Failure.Message != errFault.Error() {
		t.Errorf("%d bytes were sent, failure %+v", f.Request.BodySize, f.Failure)
	}
}

// A failingConn is a connection on which writes fail, and nothing arrives.
type failingConn struct {
	net.Conn
	fail     chan struct{} // closed when writes fail
	deadline time.Time     // of reads
}

func (c *failingConn) Write([]byte) (int, error) {
	<-c.fail
	return 0, net.ErrClosed
}

func (c *failingConn) SetReadDeadline(t time.Time) error {
	c.deadline = t
	return nil
}

// After an upload has failed, the head of a response has to arrive soon. What follows the head
// has as long as it takes.
func TestUpload_itsFailureLimitsTheWaitForTheHeadOnly(t *testing.T) {
	for _, early := range []bool{false, true} {
		c := &failingConn{fail: make(chan struct{})}
		s := &serverConn{Conn: c, answered: true}
		u := startUpload(&exchange{p: &Proxy{}}, s, borrow(), 0)
		if early {
			_ = u.endHead(s, nil)
		}
		close(c.fail)
		<-u.over
		if c.deadline.IsZero() != early {
			t.Errorf("the deadline is %v; the head arrived before: %v", c.deadline, early)
		}
		_ = u.endHead(s, nil)
		if !c.deadline.IsZero() {
			t.Errorf("the deadline after the head is %v", c.deadline)
		}
	}
}

// If no response comes after an upload has failed, its error is the reason, also after an interim
// response. What ends the connection otherwise is its own reason.
func TestUpload_itsErrorIsTheReason(t *testing.T) {
	for _, v := range []struct {
		answered         bool
		read, want       error
		mayBeUnprocessed bool
	}{
		{false, io.EOF, net.ErrClosed, true},
		{false, os.ErrDeadlineExceeded, net.ErrClosed, true},
		{true, os.ErrDeadlineExceeded, net.ErrClosed, false},
		{true, io.ErrUnexpectedEOF, io.ErrUnexpectedEOF, false},
	} {
		c := &failingConn{fail: make(chan struct{})}
		close(c.fail)
		s := &serverConn{Conn: c, answered: v.answered}
		u := startUpload(&exchange{p: &Proxy{uploadGrace: time.Minute}}, s, borrow(), 0)
		<-u.over
		err := u.endHead(s, v.read)
		var unanswered *unansweredError
		if !errors.Is(err, v.want) || errors.As(err, &unanswered) != v.mayBeUnprocessed {
			t.Errorf("answered %v, %v: %v", v.answered, v.read, err)
		}
	}
}

// A request that is sent again was sent when it was sent on its connection.
func TestExchange_gotConnBeginsAnew(t *testing.T) {
	b := newFixture(t, setup{}, echo)
	x := b.proxy.beginExchange(flow.Request{Method: "GET", URL: "https://example.com/"}, nil)
	x.client = t.Context()
	defer b.proxy.work.Leave()
	x.gotConn(nil)
	x.wroteRequest(nil)
	x.gotConn(nil)
	if stage := x.roundTripFailed(io.EOF); stage != flow.StageSend {
		t.Errorf("it failed at %s, but was only sent on another connection", stage)
	}
	x.finish()
}
