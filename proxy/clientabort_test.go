package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"detour/internal/flow"
)

// The keys say how far the bytes of a client have come when it goes.
func TestVanish_beforeThereIsARequestNothingIsRecordedAndNothingStays(t *testing.T) {
	const connect = "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"
	hello := clientHello(t, "example.com")
	for name, first := range map[string]string{
		"at once":                        "",
		"within the CONNECT":             connect[:20],
		"after the CONNECT":              connect,
		"within the hello's head":        connect + string(hello[:3]),
		"within the hello":               connect + string(hello[:len(hello)/2]),
		"after the hello":                connect + string(hello),
		"within a plain request":         "GET http://example.com/ HTTP/1.1\r\nHost: exa",
		"within a request in the tunnel": connect + "GET / HTTP/1.1\r\nHost: exa",
	} {
		for _, how := range []string{"FIN", "RST"} {
			t.Run(name+", by "+how, func(t *testing.T) {
				leak := goleak.IgnoreCurrent()
				t.Cleanup(func() {
					if err := goleak.Find(leak); err != nil {
						t.Error(err)
					}
				})
				b := newBench(t, setup{}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the server was asked") }))
				c, err := net.Dial("tcp", b.addr)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.WriteString(c, first)
				if how == "RST" {
					_ = c.(*net.TCPConn).SetLinger(0)
				}
				c.Close()
				// A flow of another client comes after whatever this one left.
				if resp := get(t, b.client(t, false), "http://"+b.addr+"/"); resp.StatusCode != http.StatusLoopDetected {
					t.Errorf("status %d", resp.StatusCode)
				}
				if fs := b.sink.finals(t, 1); len(fs) != 1 || fs[0].Failure.Stage != flow.StageProxy {
					t.Errorf("flows %+v", fs)
				}
			})
		}
	}
}

// clientHello is what crypto/tls sends first.
func clientHello(tb testing.TB, name string) []byte {
	tb.Helper()
	ours, theirs := net.Pipe()
	defer ours.Close()
	go func() {
		_ = tls.Client(theirs, &tls.Config{ServerName: name, NextProtos: []string{"h2", "http/1.1"}}).Handshake()
		theirs.Close()
	}()
	buf := make([]byte, 8<<10)
	n, err := ours.Read(buf)
	if err != nil {
		tb.Fatal(err)
	}
	return buf[:n]
}

// The client goes when the server has got so far.
func TestVanish_afterTheRequestItIsTheClientsFailureAndTheServerHearsOfIt(t *testing.T) {
	for name, v := range map[string]struct {
		upload   int64
		play     func(p *peer) // until the client is to go
		status   int
		received int64
	}{
		"after the head":       {play: func(p *peer) { p.request() }},
		"in the upload":        {upload: much, play: func(p *peer) { p.request(); p.upload(32 << 10) }},
		"in the download":      {status: 200, received: 10, play: func(p *peer) { p.request(); p.begin(100, "0123456789"); p.awaited() }},
		"in an early answer":   {upload: much, status: 200, received: 10, play: func(p *peer) { p.request(); p.begin(100, "0123456789"); p.awaited() }},
		"in a body that idles": {status: 200, received: 0, play: func(p *peer) { p.request(); p.begin(100, ""); p.awaited() }},
	} {
		for _, server := range []bool{false, true} {
			for _, client := range []bool{false, true} {
				proto := map[bool]string{false: "h1", true: "h2"}
				t.Run(name+", "+proto[client]+" to "+proto[server], func(t *testing.T) {
					vanish, heard := make(chan struct{}), make(chan struct{})
					s := newScripted(t, server, func(p *peer) {
						v.play(p)
						close(vanish)
						p.untilOver()
						close(heard)
					})
					c := s.pausing(t, client, v.upload)
					if v.status != 0 {
						resp := c.response(t)
						_, _ = io.CopyN(io.Discard, resp.Body, v.received)
						close(s.seen)
						leave := c.leave
						c.leave = func() { leave(); _ = resp.Body.Close() } // net/http's client heeds but one of the two
					}
					wait(t, vanish, "the server to get so far")
					c.leave()
					wait(t, heard, "the server to hear of it")
					f := s.sink.finals(t, 1)[0]
					if f.Failure == nil || f.Failure.Stage != flow.StageClient {
						t.Errorf("failure %+v, want the client's", f.Failure)
					}
					if v.status == 0 && f.Response != nil || v.status != 0 && (f.Response == nil || f.Response.Status != v.status || f.Response.BodySize != v.received) {
						t.Errorf("response %+v, want %d with %d bytes", f.Response, v.status, v.received)
					}
				})
			}
		}
	}
}

func wait(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(5 * time.Second):
		t.Fatalf("waited 5 s for %s", what)
	}
}

// pausing is a client that has sent the head of a POST and some of its body, and
// sends no more.
type pausing struct {
	leave    func()
	answered chan *http.Response // closed without one if none came
}

const beforePause = 64 << 10

func (b *bench) pausing(t *testing.T, h2 bool, length int64) *pausing {
	t.Helper()
	c := &pausing{answered: make(chan *http.Response, 1)}
	if !h2 { // by hand, for net/http's client doesn't leave while its own body pauses
		tc := b.inside(t, "http/1.1")
		go func() {
			defer close(c.answered)
			if resp, err := http.ReadResponse(bufio.NewReader(tc), nil); err == nil {
				c.answered <- resp
			}
		}()
		fmt.Fprintf(tc, "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: %d\r\n\r\n", length)
		_, _ = io.Copy(tc, zeros(min(length, beforePause)))
		c.leave = func() { _ = tc.Close() }
		return c
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	c.leave = cancel
	req, _ := http.NewRequestWithContext(ctx, "POST", "https://example.com/", nil)
	if length > 0 {
		r, w := io.Pipe()
		t.Cleanup(func() { _ = w.Close() })
		req.Body, req.ContentLength = r, length
		go func() { _, _ = io.Copy(w, zeros(beforePause)) }()
	}
	client := b.client(t, true)
	go func() {
		defer close(c.answered)
		if resp, err := client.Do(req); err == nil {
			c.answered <- resp
		}
	}()
	return c
}

// response waits for the head of the answer.
func (c *pausing) response(t *testing.T) *http.Response {
	t.Helper()
	select {
	case resp := <-c.answered:
		if resp == nil {
			t.Fatal("no answer")
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	case <-time.After(5 * time.Second):
		t.Fatal("waited 5 s for an answer")
	}
	return nil
}
