package h2client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"

	"detour/internal/h2wire"
)

// A Pool doesn't send more requests at a time than a server allows.
func TestPool_keepsToTheServersLimit(t *testing.T) {
	p := newTestPool(t)
	addPeer(t, p, func(s *peer) {
		for s.request() {
			s.head(false, ":status", "200")
		}
	}, http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 2})
	c := p.conns[authority][0]
	poll(t, "the settings have come", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.max == 2 })
	var open []io.Closer
	for range 2 {
		resp, err := p.RoundTrip(newRequest(t, "GET", nil))
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, resp.Body)
	}
	if _, err := p.RoundTrip(newRequest(t, "GET", nil)); !errors.Is(err, errNoConn) {
		t.Errorf("a third request: %v", err)
	}
	_ = open[0].Close()
	resp, err := p.RoundTrip(newRequest(t, "GET", nil))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = resp.Body.Close(), open[1].Close()
}

// A request that a server hasn't processed is sent on another connection, with its body.
func TestPool_sendsAgainWhatAServerHasNotProcessed(t *testing.T) {
	for name, refuse := range map[string]func(s *peer){
		"GOAWAY":         func(s *peer) { _ = s.fr.WriteGoAway(0, http2.ErrCodeNo, nil) },
		"REFUSED_STREAM": func(s *peer) { _ = s.fr.WriteRSTStream(s.stream, http2.ErrCodeRefusedStream); s.answerNext() },
	} {
		t.Run(name, func(t *testing.T) {
			p := newTestPool(t)
			play := func(s *peer) {
				s.request()
				_, _ = await[*http2.DataFrame](s)
				refuse(s)
				s.drain()
			}
			addPeer(t, p, play)
			p.dial = roundTripFunc(func(r *http.Request) (*http.Response, error) {
				client, server := pipe(t)
				serveScript(t, server, func(s *peer) { s.answerNext() })
				return p.Add(authority, plainConn{client}).RoundTrip(r)
			})
			contains(t, result(p, newRequest(t, "POST", strings.NewReader("hello"))), `"hello"`)
		})
	}
}

// answerNext responds to the next request with its body.
func (p *peer) answerNext() {
	p.request()
	var body strings.Builder
	for {
		f, ok := await[*http2.DataFrame](p)
		if !ok {
			return
		}
		body.Write(f.Data())
		if f.StreamEnded() {
			break
		}
	}
	p.answer(body.String())
	p.drain()
}

// A request is canceled at once, and its stream counts until the server shows that it is alive.
func TestPool_aCanceledRequestCountsUntilTheServerIsHeard(t *testing.T) {
	p := newTestPool(t)
	pinged, pong := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	addPeer(t, p, func(s *peer) {
		s.request()
		cancel()
		f, ok := await[*http2.PingFrame](s)
		if !ok {
			return
		}
		close(pinged)
		<-pong
		_ = s.fr.WritePing(true, f.Data)
		s.drain()
	})
	if _, err := p.RoundTrip(newRequest(t, "GET", nil).WithContext(ctx)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	<-pinged
	c := p.conns[authority][0]
	resets := func() int { c.mu.Lock(); defer c.mu.Unlock(); return c.resets }
	if n := resets(); n != 1 {
		t.Errorf("%d streams count", n)
	}
	close(pong)
	poll(t, "none counts", func() bool { return resets() == 0 })
}

// A connection that fails before its first request tells that one why.
func TestPool_aConnectionThatFailsAtOnceSaysWhy(t *testing.T) {
	p := newTestPool(t)
	addPeer(t, p, func(s *peer) { s.fin(); s.drain() })
	c := p.conns[authority][0]
	poll(t, "the connection has ended", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.err != nil })
	contains(t, result(p, newRequest(t, "GET", nil)), "EOF")
	if _, err := p.RoundTrip(newRequest(t, "GET", nil)); !errors.Is(err, errNoConn) {
		t.Error(err)
	}
}

// Close closes idle connections at once, others after their requests, and lets no request begin.
func TestPool_closes(t *testing.T) {
	p := newTestPool(t)
	goOn := make(chan struct{})
	addPeer(t, p, func(s *peer) {
		s.request()
		s.head(false, ":status", "200")
		<-goOn
		s.data("ok", true)
		s.drain()
	})
	resp, err := p.RoundTrip(newRequest(t, "GET", nil))
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	if _, err := p.RoundTrip(newRequest(t, "GET", nil)); !errors.Is(err, errNoConn) {
		t.Error(err)
	}
	close(goOn)
	body, err := io.ReadAll(resp.Body)
	if string(body) != "ok" || err != nil {
		t.Errorf("%q, %v", body, err)
	}
}

// inBubble runs a test with a connection in memory and a clock of its own.
func inBubble(t *testing.T, play func(s *peer), test func(t *testing.T, p *Pool, c *conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newTestPool(t)
		client, server := net.Pipe()
		serveScript(t, server, play)
		p.Add(authority, plainConn{client})
		test(t, p, p.conns[authority][0])
		_ = client.Close()
		synctest.Wait()
	})
}

func TestConn_isClosedWhenItIsIdle(t *testing.T) {
	inBubble(t, func(s *peer) {
		_ = s.conn.SetDeadline(time.Time{})
		s.request()
		s.answer("ok")
		for {
			f, err := s.frame()
			if err != nil {
				return
			}
			if ping, ok := f.(*http2.PingFrame); ok && !ping.IsAck() {
				_ = s.fr.WritePing(true, ping.Data)
			}
		}
	}, func(t *testing.T, p *Pool, c *conn) {
		time.Sleep(10 * time.Second)
		contains(t, result(p, newRequest(t, "GET", nil)), `"ok"`)
		time.Sleep(59 * time.Second)
		if !c.hasRoom() {
			t.Error("closed before its time")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if c.hasRoom() || len(p.conns) > 0 {
			t.Error("not closed")
		}
	})
}

func TestConn_isLostIfTheServerAnswersNoPing(t *testing.T) {
	inBubble(t, func(s *peer) {
		_ = s.conn.SetDeadline(time.Time{})
		s.request()
		_, _ = await[*http2.PingFrame](s)
		s.drain()
	}, func(t *testing.T, p *Pool, _ *conn) {
		start := time.Now()
		_, err := p.RoundTrip(newRequest(t, "GET", nil))
		if took := time.Since(start); !errors.Is(err, ErrLost) || took < 45*time.Second || took > 46*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}

// A server that answers pings may take as long as it wants.
func TestConn_waitsForAServerThatAnswersPings(t *testing.T) {
	inBubble(t, func(s *peer) {
		_ = s.conn.SetDeadline(time.Time{})
		s.request()
		for range 5 {
			if f, ok := await[*http2.PingFrame](s); ok {
				_ = s.fr.WritePing(true, f.Data)
			}
		}
		s.stream = 1
		s.answer("late")
		s.drain()
	}, func(t *testing.T, p *Pool, _ *conn) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		contains(t, result(p, newRequest(t, "GET", nil).WithContext(ctx)), `"late"`)
	})
}

// A server that reads nothing gets a bounded number of answers to its frames.
func TestConn_endsIfTheServerReadsNoAnswers(t *testing.T) {
	for name, send := range map[string]func(s *peer) error{
		"PING":     func(s *peer) error { return s.fr.WritePing(false, [8]byte{}) },
		"SETTINGS": func(s *peer) error { return s.fr.WriteSettings() },
	} {
		t.Run(name, func(t *testing.T) {
			p := newTestPool(t)
			client, server := pipe(t)
			serveScript(t, server, func(s *peer) {
				for send(s) == nil {
				}
			})
			f := newFull(client, 1<<10)
			p.Add(authority, f)
			if _, err := p.RoundTrip(newRequest(t, "GET", nil)); !errors.Is(err, h2wire.ErrFlooded) {
				t.Error(err)
			}
		})
	}
}

// Interim responses are passed on in order, and too many are a fault.
func TestConn_passesOnInterimResponses(t *testing.T) {
	p := newTestPool(t)
	addPeer(t, p, func(s *peer) {
		s.request()
		s.head(false, ":status", "103", "link", "</a>")
		s.head(false, ":status", "103", "link", "</b>")
		s.answer("ok")
		s.request()
		for range 10 * maxInterim {
			s.head(false, ":status", "103", "link", "</a>")
		}
		s.drain()
	})
	var links []string
	trace := func(got func(http.Header) error) *http.Request {
		r := newRequest(t, "GET", nil)
		return r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(_ int, h textproto.MIMEHeader) error { return got(http.Header(h)) },
		}))
	}
	contains(t, result(p, trace(func(h http.Header) error { links = append(links, h.Get("Link")); return nil })), `"ok"`)
	if got := strings.Join(links, " "); got != "</a> </b>" {
		t.Error(got)
	}
	c := p.conns[authority][0]
	contains(t, result(p, trace(func(http.Header) error {
		poll(t, "too many have come", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return len(c.streams) == 0 })
		return nil
	})), errInterim.Error())
}

// guarded is a Config.Guard that recovers from panics.
func guarded(do func()) (err error) {
	defer func() {
		if recover() != nil {
			err = errTest
		}
	}()
	do()
	return nil
}

// A panicky is a Transport, or a body, whose Read panics.
type panicky struct {
	plainConn
	wait <-chan struct{}
}

func (p panicky) Read([]byte) (int, error) { <-p.wait; panic("test") }

func (panicky) Close() error { return nil }

// A panic ends the connection that it concerns, and its requests.
func TestConn_endsWithAPanic(t *testing.T) {
	p := newTestPool(t, func(c *Config) { c.Guard = guarded })
	client, server := pipe(t)
	sent := make(chan struct{})
	serveScript(t, server, func(s *peer) { s.request(); close(sent); s.drain() })
	p.Add(authority, panicky{plainConn{client}, sent})
	contains(t, result(p, newRequest(t, "GET", nil)), errTest.Error())
}

// A panic while a body is read ends its request.
func TestUpload_endsWithAPanic(t *testing.T) {
	p := newTestPool(t, func(c *Config) { c.Guard = guarded })
	addPeer(t, p, func(s *peer) {
		s.request()
		if end := s.end(); end == "RST_STREAM CANCEL" && s.request() {
			s.answer("ok")
		}
		s.drain()
	})
	now := make(chan struct{})
	close(now)
	contains(t, result(p, newRequest(t, "POST", panicky{wait: now})), errTest.Error())
	contains(t, result(p, newRequest(t, "GET", nil)), `"ok"`)
}

// A mute is a Transport whose Write fails.
type mute struct{ plainConn }

func (mute) Write([]byte) (int, error) { return 0, errTest }

// Nothing can be written to a connection: its first request learns that. Otherwise http.Transport
// would make another connection, again and again.
func TestPool_aRequestLearnsThatNothingIsWritten(t *testing.T) {
	p := newTestPool(t)
	client, server := pipe(t)
	serveScript(t, server, (*peer).drain)
	p.Add(authority, mute{plainConn{client}})
	c := p.conns[authority][0]
	poll(t, "writing has failed", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.out.Err != nil
	})
	contains(t, result(p, newRequest(t, "GET", nil)), errTest.Error())
	contains(t, result(p, newRequest(t, "GET", nil)), errNoConn.Error())
}
