package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"detour/internal/flow"
)

// refusals are the ways in which a server never processes a request, on however many
// connections it is sent.
var refusals = map[string]struct {
	h1          bool // the server speaks HTTP/1.1
	unprocessed bool // the server says that it didn't process the request, so it is resent
	play        script
}{
	"GOAWAY": {unprocessed: true, play: func(p *peer) {
		p.request()
		_ = p.fr.WriteGoAway(0, http2.ErrCodeNo, nil)
		p.drain()
	}},
	"GOAWAY, FIN": {unprocessed: true, play: func(p *peer) {
		p.request()
		_ = p.fr.WriteGoAway(0, http2.ErrCodeNo, nil)
		p.Close()
	}},
	"GOAWAY before the request": {unprocessed: true, play: func(p *peer) {
		_ = p.fr.WriteGoAway(0, http2.ErrCodeNo, nil)
		p.drain()
	}},
	"GOAWAY, ENHANCE_YOUR_CALM": {play: func(p *peer) {
		p.request()
		_ = p.fr.WriteGoAway(0, http2.ErrCodeEnhanceYourCalm, []byte("too_many_pings"))
		p.drain()
	}},
	"GOAWAY after the body": {unprocessed: true, play: func(p *peer) {
		p.request()
		p.upload(5)
		_ = p.fr.WriteGoAway(0, http2.ErrCodeNo, nil)
		p.drain()
	}},
	"RST_STREAM, PROTOCOL_ERROR": {play: func(p *peer) {
		for p.request() != nil {
			_ = p.fr.WriteRSTStream(p.stream, http2.ErrCodeProtocol)
		}
	}},
	"no streams": {unprocessed: true, play: func(p *peer) {
		_ = p.fr.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 0})
		for p.request() != nil {
			_ = p.fr.WriteRSTStream(p.stream, http2.ErrCodeRefusedStream)
		}
	}},
	"close":                    {h1: true, play: func(p *peer) { p.request(); p.Close() }},
	"reset":                    {h1: true, play: func(p *peer) { p.request(); p.reset() }},
	"close before the request": {h1: true, play: func(p *peer) { p.Close() }},
}

func TestUnprocessed_aFewConnectionsAreMadeThenTheRequestFails(t *testing.T) {
	for name, r := range refusals {
		for _, method := range []string{"GET", "POST"} {
			for _, h2 := range []bool{false, true} {
				t.Run(name+" "+method, func(t *testing.T) {
					s := newScriptedServer(t, !r.h1, r.play)
					body := ""
					if method == "POST" || name == "GOAWAY after the body" {
						method, body = "POST", "hello"
					}
					start := time.Now()
					resp := sendRequest(t, s.client(t, h2), method, body)
					if ps := resp.Header.Get("Proxy-Status"); resp.StatusCode != http.StatusBadGateway || ps != "detour; error=connection_terminated" {
						t.Errorf("the client saw %d, Proxy-Status %q; want a 502", resp.StatusCode, ps)
					}
					if d := time.Since(start); d > 8*time.Second {
						t.Errorf("the response came after %v", d)
					}
					if n := s.conns.Load(); n > maxDials {
						t.Errorf("%d connections for one request, want at most %d", n, maxDials)
					}
					f := s.sink.finals(t, 1)[0]
					if f.Failure == nil || f.Failure.Unprocessed != r.unprocessed || len(f.Unused) > maxDials {
						t.Errorf("failure %+v with %d unused connections", f.Failure, len(f.Unused))
					}
					if f.Failure != nil && r.unprocessed && f.Failure.Stage != flow.StageWait && f.Failure.Stage != flow.StageSend {
						t.Errorf("the failure is at %s", f.Failure.Stage)
					}
				})
			}
		}
	}
}

// A server that allows few requests at a time on a connection has many connections made.
// That isn't a refusal.
func TestUnprocessed_manyRequestsToAServerWithFewStreamsSucceed(t *testing.T) {
	b := newFixture(t, setup{h2: true, streams: 4}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok")
	}))
	c := b.client(t, true)
	const requests = 200
	var failed atomic.Int32
	var all sync.WaitGroup
	for range requests {
		all.Go(func() {
			resp, err := c.Get("https://example.com/")
			if err != nil || resp.StatusCode != http.StatusOK {
				failed.Add(1)
			}
			if err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
	all.Wait()
	if n := failed.Load(); n > 0 {
		t.Errorf("%d of %d requests failed", n, requests)
	}
	for _, f := range b.sink.finals(t, requests) {
		if f.Failure != nil {
			t.Fatalf("failure %+v with %d unused connections", f.Failure, len(f.Unused))
		}
	}
}

// A connection that is still being made has refused nothing. net/http wants further ones meanwhile,
// each time that another request takes the last stream of a connection.
func TestUnprocessed_aConnectionInProgressIsNoRefusal(t *testing.T) {
	looksUp, goOn := make(chan struct{}, 2*maxDials), make(chan struct{})
	b := newFixture(t, setup{resolver: func(host string) *flow.Resolution {
		looksUp <- struct{}{}
		<-goOn
		return resolveFixed(host)
	}}, echo)
	x := b.proxy.beginExchange(flow.Request{Method: "GET", URL: "https://example.com/"}, nil)
	x.client = t.Context()
	defer b.proxy.work.Leave()
	defer x.finish()
	ended := make(chan error, 2*maxDials)
	dial := func() {
		c, err := b.proxy.dialTLS(context.WithValue(t.Context(), exchangeKey{}, x), "example.com:443", "http/1.1")
		if err == nil {
			err = c.Close()
		}
		ended <- err
	}
	go dial()
	<-looksUp
	go dial()
	for range maxDials {
		go dial() // one of those that wait gives up
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("a connection that isn't wanted any more: %v", err)
		}
	}
	close(goOn)
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if n := 1 + len(looksUp); n != 2 {
		t.Errorf("%d connections were made, want 2", n)
	}
}

// A body that is too long to be kept can't be sent again, and then the record has what the
// server said, not how net/http would like to be used.
func TestUnprocessed_aLongBodyThatWasRefusedFailsAsUnprocessed(t *testing.T) {
	for name, refuse := range map[string]func(p *peer){
		"GOAWAY": func(p *peer) { _ = p.fr.WriteGoAway(0, http2.ErrCodeNo, nil) },
		"RST_STREAM, REFUSED_STREAM": func(p *peer) {
			_ = p.fr.WriteRSTStream(p.stream, http2.ErrCodeRefusedStream)
		},
	} {
		for _, h2 := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				s := newScriptedServer(t, true, func(p *peer) {
					p.request()
					p.upload(1) // the body has begun
					refuse(p)
					p.drain()
				})
				sendRequest(t, s.client(t, h2), "POST", strings.Repeat("x", 2*maxBodyPrefix))
				f := s.sink.finals(t, 1)[0]
				if f.Failure == nil || !f.Failure.Unprocessed || f.Failure.Message != errNotReplayable.Error() {
					t.Errorf("failure %+v, want %q", f.Failure, errNotReplayable)
				}
				if n := s.conns.Load(); n != 1 {
					t.Errorf("%d connections", n)
				}
			})
		}
	}
}

func TestUnprocessed_aRefusedRequestIsResentWithPausesOnTheSameConnection(t *testing.T) {
	var sent atomic.Int32
	s := newScriptedServer(t, true, func(p *peer) {
		for p.request() != nil {
			p.upload(5) // a body that wasn't read can't be sent again
			if sent.Add(1) == 4 {
				p.answer("ok")
				continue
			}
			_ = p.fr.WriteRSTStream(p.stream, http2.ErrCodeRefusedStream)
		}
	})
	start := time.Now()
	resp := sendRequest(t, s.client(t, true), "POST", "hello")
	if d := time.Since(start); resp.StatusCode != http.StatusOK || d < 2*time.Second {
		t.Errorf("status %d after %v", resp.StatusCode, d)
	}
	if f := s.sink.finals(t, 1)[0]; f.Failure != nil || s.conns.Load() != 1 {
		t.Errorf("failure %+v, %d connections", f.Failure, s.conns.Load())
	}
}

// A body that is too long to be kept isn't sent again. Its flow says all the same that the server
// didn't process the request.
func TestUnprocessed_aLongIdempotentUpload(t *testing.T) {
	s := newScriptedServer(t, true, func(p *peer) {
		p.request()
		p.upload(maxBodyPrefix)
		_ = p.fr.WriteGoAway(0, http2.ErrCodeNo, nil)
		p.drain()
	})
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://example.com/", strings.NewReader(strings.Repeat("x", 2*maxBodyPrefix)))
	r.Header.Set("Idempotency-Key", "1")
	resp, err := s.client(t, true).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if f := s.sink.finals(t, 1)[0]; f.Failure == nil || !f.Failure.Unprocessed {
		t.Errorf("failure %+v", f.Failure)
	}
}
