package proxy

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/internal/flow"
)

// A safeBuffer is a log that goroutines write to.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// await waits until the log has a text.
func (b *safeBuffer) await(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) { // polling interval
		b.mu.Lock()
		got := b.buf.String()
		b.mu.Unlock()
		if strings.Contains(got, text) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%q isn't in the log: %s", text, got)
		}
	}
}

// A panic ends the connection that it is about, as in net/http's server: not the program, nor
// what other connections do. The log has the stack, and the flow says what ended it.
func TestGuard_aPanicEndsOnlyItsExchange(t *testing.T) {
	isBad := func(f *flow.Flow) bool { return strings.HasSuffix(f.Request.URL, "/bad") }
	for name, v := range map[string]struct {
		bodies   func(*flow.Flow) int // panics
		put      func(flow.Flow)      // panics
		answered bool                 // the client gets its response
	}{
		"at a request":  {bodies: func(f *flow.Flow) int { return panicIf(isBad(f) && f.Response == nil) }},
		"at a response": {bodies: func(f *flow.Flow) int { return panicIf(isBad(f) && f.Response != nil) }},
		"in the sink": {answered: true, put: func(f flow.Flow) {
			panicIf(isBad(&f) && f.Response != nil)
		}},
		"in the sink, each time": {answered: true, put: func(f flow.Flow) { panicIf(isBad(&f)) }},
	} {
		t.Run(name, func(t *testing.T) {
			matrix(t, func(t *testing.T, client, server bool) {
				began, goOn := make(chan struct{}), make(chan struct{})
				log := &safeBuffer{}
				b := newFixture(t, setup{h2: server, bodies: v.bodies, log: log}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/other" {
						close(began)
						<-goOn
					}
					_, _ = io.WriteString(w, "ok")
				}))
				kept := newSink()
				b.sink.put = func(f flow.Flow) {
					if v.put != nil {
						v.put(f)
					}
					kept.Put(f)
				}
				other := make(chan error, 1)
				go func() {
					_, err := b.get(t, client, "/other")
					other <- err
				}()
				<-began
				body, err := b.get(t, client, "/bad")
				if v.answered != (err == nil && body == "ok") {
					t.Errorf("the client got %q, %v", body, err)
				}
				close(goOn)
				if err := <-other; err != nil {
					t.Errorf("the other exchange: %v", err)
				}
				if body, err := b.get(t, client, "/next"); err != nil || body != "ok" {
					t.Errorf("the next exchange: %q, %v", body, err)
				}
				n := 3
				if name == "in the sink, each time" {
					n = 2
				}
				for _, f := range kept.finals(t, n) {
					if failed := f.Failure != nil && f.Failure.Message == errFault.Error(); failed != isBad(&f) {
						t.Errorf("%s: failure %+v", f.Request.URL, f.Failure)
					}
				}
				log.await(t, "level=ERROR")
				log.await(t, "panicIf") // in the stack
			})
		})
	}
}

// panicIf panics in the middle of a function.
func panicIf(bad bool) int {
	if bad {
		panic("a fault")
	}
	return maxBodyPrefix
}

// get sends a POST on a connection of its own, and returns the body of the response.
func (b *fixture) get(tb testing.TB, h2 bool, path string) (string, error) {
	tb.Helper()
	c := b.client(tb, h2)
	defer c.CloseIdleConnections()
	return fetch(c, "POST", path, strings.NewReader("a"))
}

// The goroutines that don't belong to a handler recover as well: dials, and those of a WebSocket.
func TestGuard_otherGoroutines(t *testing.T) {
	t.Run("dial", func(t *testing.T) {
		matrix(t, func(t *testing.T, client, _ bool) {
			log := &safeBuffer{}
			b := newFixture(t, setup{log: log, resolver: func(string) *flow.Resolution { panic("a fault") }}, echo)
			resp, err := b.client(t, client).Get("https://example.com/")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if got := resp.Header.Get("Proxy-Status"); resp.StatusCode != 500 || got != "detour; error=proxy_internal_error" {
				t.Errorf("%d, %s", resp.StatusCode, got)
			}
			if f := b.sink.finals(t, 1)[0]; f.Failure == nil || f.Failure.Stage != flow.StageProxy {
				t.Errorf("failure %+v", f.Failure)
			}
			if len(b.notices) != 1 {
				t.Errorf("notices %q", b.notices)
			}
		})
	})
	t.Run("tunnel", func(t *testing.T) {
		log := &safeBuffer{}
		b := newFixture(t, setup{log: log, domain: "other.example", resolver: func(string) *flow.Resolution { panic("a fault") }}, echo)
		if _, err := b.client(t, false).Get("https://example.com/"); err == nil {
			t.Error("there is a response")
		}
		if f := b.sink.finals(t, 1)[0]; f.Failure == nil || f.Failure.Stage != flow.StageProxy {
			t.Errorf("failure %+v", f.Failure)
		}
	})
	t.Run("WebSocket", func(t *testing.T) {
		log := &safeBuffer{}
		b := newFixture(t, setup{log: log}, echo)
		x := &exchange{p: b.proxy, messages: &messageCounter{}}
		x.messages.sent.have = 99 // beyond a frame's header
		x.countFrames(flow.SideClient, []byte{0x81, 0})
		x.countFrames(flow.SideServer, []byte{0x81, 0})
		if got := x.messages.counts(); got != (flow.Messages{}) {
			t.Errorf("%+v", got)
		}
		log.await(t, "panicked")
	})
}
