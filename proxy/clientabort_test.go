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
	"detour/internal/leaktest"
)

// The keys say at which stage the client closes its connection.
func TestClientAbort_beforeARequestRecordsAndLeaksNothing(t *testing.T) {
	const connect = "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"
	hello := clientHello(t, &tls.Config{ServerName: "example.com", NextProtos: []string{"h2", "http/1.1"}})
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
					if err := leaktest.Find(leak); err != nil {
						t.Error(err)
					}
				})
				b := newFixture(t, setup{}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
					t.Error("the server got a request")
				}))
				c, err := net.Dial("tcp", b.addr)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.WriteString(c, first)
				if how == "RST" {
					_ = c.(*net.TCPConn).SetLinger(0)
				}
				c.Close()
				// The flow of another client comes after any flow of this one.
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

// The client aborts once the server has done its play.
func TestClientAbort_duringARequestIsRecordedAndEndsTheServersRequest(t *testing.T) {
	download := func(p *peer) { p.request(); p.begin(100, "0123456789"); p.waitSeen() }
	for name, v := range map[string]struct {
		upload   int64
		play     func(p *peer) // what the server does before the client aborts
		status   int
		received int64
	}{
		"after the head":       {play: func(p *peer) { p.request() }},
		"in the upload":        {upload: largeUpload, play: func(p *peer) { p.request(); p.upload(32 << 10) }},
		"in the download":      {status: 200, received: 10, play: download},
		"in an early response": {upload: largeUpload, status: 200, received: 10, play: download},
		"in an idle body":      {status: 200, received: 0, play: func(p *peer) { p.request(); p.begin(100, ""); p.waitSeen() }},
	} {
		for _, server := range []bool{false, true} {
			for _, client := range []bool{false, true} {
				proto := map[bool]string{false: "h1", true: "h2"}
				t.Run(name+", "+proto[client]+" to "+proto[server], func(t *testing.T) {
					abort, ended := make(chan struct{}), make(chan struct{})
					s := newScriptedServer(t, server, func(p *peer) {
						v.play(p)
						close(abort)
						p.waitCanceled()
						close(ended)
					})
					c := s.startPausedUpload(t, client, v.upload)
					if v.status != 0 {
						resp := c.response(t)
						_, _ = io.CopyN(io.Discard, resp.Body, v.received)
						close(s.seen)
						closeConn := c.abort
						// net/http's client reacts to only one of the two.
						c.abort = func() { closeConn(); _ = resp.Body.Close() }
					}
					wait(t, abort, "the server's play")
					c.abort()
					wait(t, ended, "the server to see the end")
					f := s.sink.finals(t, 1)[0]
					if f.Failure == nil || f.Failure.Stage != flow.StageClient {
						t.Errorf("failure %+v, want the client's", f.Failure)
					}
					r := f.Response
					if (r != nil) != (v.status != 0) || r != nil && (r.Status != v.status || r.BodySize != v.received) {
						t.Errorf("response %+v, want %d with %d bytes", r, v.status, v.received)
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
	case <-time.After(time.Minute):
		t.Fatalf("waited a minute for %s", what)
	}
}

// pausedUpload is a client that has sent the head of a POST and part of the body, and
// sends no more.
type pausedUpload struct {
	abort     func()
	responded chan *http.Response // closed without a value if no response came
}

const sentBeforePause = 64 << 10

func (b *fixture) startPausedUpload(t *testing.T, h2 bool, length int64) *pausedUpload {
	t.Helper()
	c := &pausedUpload{responded: make(chan *http.Response, 1)}
	if !h2 { // by hand: net/http's client doesn't abort while its request body blocks
		tc := b.openTLS(t, "http/1.1")
		go func() {
			defer close(c.responded)
			if resp, err := http.ReadResponse(bufio.NewReader(tc), nil); err == nil {
				c.responded <- resp
			}
		}()
		fmt.Fprintf(tc, "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: %d\r\n\r\n", length)
		_, _ = io.Copy(tc, zeros(min(length, sentBeforePause)))
		c.abort = func() { _ = tc.Close() }
		return c
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	c.abort = cancel
	req, _ := http.NewRequestWithContext(ctx, "POST", "https://example.com/", nil)
	if length > 0 {
		r, w := io.Pipe()
		t.Cleanup(func() { _ = w.Close() })
		req.Body, req.ContentLength = r, length
		go func() { _, _ = io.Copy(w, zeros(sentBeforePause)) }()
	}
	client := b.client(t, true)
	go func() {
		defer close(c.responded)
		if resp, err := client.Do(req); err == nil {
			c.responded <- resp
		}
	}()
	return c
}

// response waits for the head of the response.
func (c *pausedUpload) response(t *testing.T) *http.Response {
	t.Helper()
	select {
	case resp := <-c.responded:
		if resp == nil {
			t.Fatal("no response")
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	case <-time.After(time.Minute):
		t.Fatal("waited a minute for a response")
	}
	return nil
}
