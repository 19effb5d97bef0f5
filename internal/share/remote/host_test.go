package remote

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/internal/alias"
	"detour/internal/flow"
	"detour/internal/share"
	"detour/internal/share/link"
)

const token = "AAECAwQFBgcICQoLDA0ODw"

// A host is a detour that is watched, as far as a watcher sees it.
type host struct {
	t      *testing.T
	server *httptest.Server
	hello  share.Hello

	mu     sync.Mutex
	events []share.Event // all so far
	after  []string      // the Last-Event-ID of each stream
	refuse int           // a status; 0: none
	news   chan struct{}
	cut    context.CancelFunc // ends all streams
	ctx    context.Context
}

// newHost returns a host on loopback that has said hello.
func newHost(t *testing.T) *host {
	h := &host{t: t, news: make(chan struct{}), hello: share.Hello{
		Version: 1, Detour: "v0.9", Run: "r1", Title: "run of today", Kind: share.KindRun, Privacy: flow.PrivacyStrict,
		Now: time.Date(2026, 11, 24, 10, 28, 0, 0, time.UTC), Reset: true,
	}}
	h.ctx, h.cut = context.WithCancel(t.Context())
	h.server = httptest.NewUnstartedServer(h)
	return h
}

// start serves on loopback.
func (h *host) start() Target {
	h.server.Start()
	h.t.Cleanup(h.close)
	return Target{Link: link.Link{Addr: h.server.Listener.Addr().String(), Token: token}}
}

// startTLS serves over TLS.
func (h *host) startTLS() Target {
	h.server.StartTLS()
	h.t.Cleanup(h.close)
	print := sha256.Sum256(h.server.Certificate().Raw)
	return Target{Link: link.Link{Addr: h.server.Listener.Addr().String(), Token: token, Fingerprint: print[:]}}
}

// startSocket serves on a Unix socket.
func (h *host) startSocket() Target {
	path := filepath.Join(h.t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		h.t.Skip(err)
	}
	_ = h.server.Listener.Close()
	h.server.Listener = l
	h.server.Start()
	h.t.Cleanup(h.close)
	return Target{Socket: path}
}

// close ends the host as a kill does.
func (h *host) close() {
	h.breaks()
	h.server.CloseClientConnections()
	h.server.Close()
}

// breaks ends all streams without a word.
func (h *host) breaks() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cut()
	h.ctx, h.cut = context.WithCancel(h.t.Context())
	h.t.Cleanup(h.cut)
}

// sends adds an event.
func (h *host) sends(name share.Name, data any) {
	h.t.Helper()
	b, err := json.Marshal(data)
	if err != nil {
		h.t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, share.Event{Number: uint64(len(h.events) + 1), Name: name, Data: b})
	close(h.news)
	h.news = make(chan struct{})
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	refuse, ctx := h.refuse, h.ctx
	h.mu.Unlock()
	if r.Method != http.MethodGet || r.URL.Query().Get("as") != "records" {
		h.t.Errorf("the watcher asks for %s %s", r.Method, r.URL)
	}
	switch {
	case refuse != 0:
		http.Error(w, "no \x1b[31mplace", refuse)
	case h.server.Listener.Addr().Network() == "tcp" && r.Header.Get("Authorization") != "Bearer "+token:
		http.Error(w, "no token", http.StatusUnauthorized)
	case r.URL.Path == "/events":
		h.stream(ctx, w, r)
	default:
		http.NotFound(w, r)
	}
}

func (h *host) stream(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	h.mu.Lock()
	last := r.Header.Get("Last-Event-ID")
	h.after = append(h.after, last)
	hello := h.hello
	h.mu.Unlock()
	sent := 0
	if _, err := fmt.Sscan(last, &sent); err == nil {
		hello.Reset = false
	}
	b, _ := json.Marshal(hello)
	fmt.Fprintf(w, "event: hello\ndata: %s\n\n", b)
	for {
		h.mu.Lock()
		events, news := h.events[min(sent, len(h.events)):], h.news
		h.mu.Unlock()
		for _, e := range events {
			sent++
			fmt.Fprintf(w, "event: %s\nid: %d\ndata: %s\n\n", e.Name, e.Number, e.Data)
			if e.Name == share.EventEnd {
				return
			}
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-ctx.Done():
			return
		case <-r.Context().Done():
			return
		case <-news:
		}
	}
}

// quick is a timing for tests.
func quick() timing {
	return timing{silent: time.Minute, soonest: time.Millisecond, last: 10 * time.Millisecond}
}

// watched watches a host for the duration of the test.
func watched(t *testing.T, to Target, at timing) *Watch {
	t.Helper()
	w, err := connect(t.Context(), to, newMirror(new(alias.Table), time.Now), at)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
	return w
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s doesn't come", what)
		}
	}
}

// strictFlow is a flow as a host sends it.
func strictFlow(id flow.ID, rev uint32, final bool) *flow.Flow {
	f := &flow.Flow{
		ID: id, Rev: rev, Strict: true, Source: flow.SourceProxy, Origin: flow.OriginDirect, State: flow.StateConnecting,
		Request: flow.Request{Method: "POST", URL: "https://monitoring.eu-west-1.amazonaws.com/"},
		Times:   flow.Times{Start: time.Date(2026, 11, 24, 10, 27, 50, 0, time.UTC)},
	}
	if final {
		f.State = flow.StateDone
		f.Response = &flow.Response{Status: 200}
		f.Times.Done = f.Times.Start.Add(time.Second)
	}
	return f
}

// facts are the facts of the head in one line.
func facts(w interface{ Facts() []share.Fact }) string {
	var out []string
	for _, f := range w.Facts() {
		out = append(out, f.Name+" "+f.Value)
	}
	return strings.Join(out, " · ")
}
