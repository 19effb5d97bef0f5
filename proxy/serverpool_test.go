package proxy

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"detour/internal/dial"
	"detour/internal/flow"
)

// After a change of the network, the resolver or the hosts, no request is sent on a connection
// from before, even if that was in use when it happened.
func TestServerPool_closeIdleConcernsConnectionsInUse(t *testing.T) {
	began, goOn := make(chan struct{}, 1), make(chan struct{})
	s := newScriptedServer(t, false, func(p *peer) {
		for r := p.request(); r != nil; r = p.request() {
			if r.URL.Path == "/in-use" {
				began <- struct{}{}
				<-goOn
			}
			p.answer(string('0' + p.nth))
		}
	})
	c := s.client(t, false)
	get := func(path string) string { return fetched(t, c, "GET", path, nil) }
	first := make(chan string, 1)
	go func() { first <- get("/in-use") }()
	<-began
	s.proxy.CloseIdle()
	close(goOn)
	if got := <-first; got != "1" {
		t.Errorf("the exchange in progress went on connection %s", got)
	}
	for _, want := range []string{"2", "2"} {
		if got := get("/"); got != want {
			t.Errorf("the next request went on connection %s, want %s", got, want)
		}
	}
}

// The same goes for a connection that was being made: it carries the request that it is for.
func TestServerPool_closeIdleConcernsDials(t *testing.T) {
	const authority = "example.com:443"
	lookups, goOn := make(chan struct{}, 1), make(chan struct{})
	b := newFixture(t, setup{resolver: func(host string) *flow.Resolution {
		select {
		case lookups <- struct{}{}:
			<-goOn
		default:
		}
		return resolveFixed(host)
	}}, echo)
	pool := &b.proxy.pool
	x := b.proxy.beginExchange(flow.Request{Method: "GET", URL: "https://example.com/"}, nil)
	x.client = t.Context()
	defer b.proxy.work.Leave()
	defer x.finish()
	got := make(chan *serverConn, 1)
	go func() {
		c, err := pool.get(x, authority)
		if err != nil {
			t.Error(err)
		}
		got <- c
	}()
	for deadline := time.Now().Add(time.Minute); len(lookups) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("no lookup")
		}
	}
	b.proxy.CloseIdle()
	close(goOn)
	c := <-got
	if c == nil {
		t.Fatal("no connection")
	}
	if c.dialed.Closed() {
		t.Error("the request's own connection is closed")
	}
	pool.put(authority, c)
	if !c.dialed.Closed() {
		t.Error("it is kept")
	}
}

// And for the connections of net/http, which forgets the wish to close idle ones at the next
// request, and shares one of HTTP/2 as long as it is in use.
func TestCloseIdle_concernsConnectionsOfNetHTTPInUse(t *testing.T) {
	matrix(t, func(t *testing.T, client, server bool) {
		began, goOn := make(chan struct{}, 1), make(chan struct{})
		b := newFixture(t, setup{h2: server}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/in-use" {
				began <- struct{}{}
				<-goOn
			}
			_, _ = io.WriteString(w, r.RemoteAddr)
		}))
		c := b.client(t, client)
		post := func(path string) string {
			return fetched(t, c, "POST", path, struct{ io.Reader }{strings.NewReader("a")}) // of unknown length
		}
		first := make(chan string, 1)
		go func() { first <- post("/in-use") }()
		<-began
		b.proxy.CloseIdle()
		second := post("/")
		close(goOn)
		old := <-first
		if third := post("/"); old == "" || second == old || third == old {
			t.Errorf("the next requests went on %s and %s; the one from before is %s", second, third, old)
		}
	})
}

// A request whose connection turns out to be closed gets another one, even while the connect that it
// began with goes on: that isn't its own any more.
func TestServerPool_aRequestDoesNotWaitForAConnectThatItDidNotNeed(t *testing.T) {
	busy, goOn, hanging, end := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	var connects atomic.Int32
	s := newScriptedServer(t, false, func(p *peer) {
		p.request()
		if p.nth == 1 {
			close(busy)
			<-goOn
			p.answer("busy")
			p.request() // the other one, which it doesn't answer
			p.Close()
			return
		}
		p.answer("another")
	}, func(x *setup) {
		connect := x.connect
		x.connect = func(ctx context.Context, a netip.AddrPort, observe dial.Observe) (net.Conn, error) {
			if connects.Add(1) == 2 {
				close(hanging)
				select {
				case <-end:
				case <-ctx.Done():
				}
				return nil, context.Canceled
			}
			return connect(ctx, a, observe)
		}
	})
	defer close(end)
	c := s.client(t, false)
	first, second := make(chan string, 1), make(chan string, 1)
	go func() { first <- fetched(t, c, "GET", "/busy", nil) }()
	<-busy
	go func() { second <- fetched(t, c, "GET", "/", nil) }()
	<-hanging
	close(goOn)
	if got := <-first; got != "busy" {
		t.Errorf("the first request got %q", got)
	}
	select {
	case got := <-second:
		if got != "another" {
			t.Errorf("the second request got %q", got)
		}
	case <-time.After(time.Minute):
		t.Error("the second request waits for the connect that hangs")
	}
}
