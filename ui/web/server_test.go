package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"detour/internal/filter"
	"detour/internal/flow"
	"detour/ui/web"
)

// token is that of the link.
const token = "AAECAwQFBgcICQoLDA0ODw"

// A run is what a page is about, and the server that the page reads it from: the routes and
// events of internal/share, as far as the page uses them.
type run struct {
	*httptest.Server
	page *web.Page
	now  time.Time

	mu       sync.Mutex
	flows    []*flow.Flow
	findings []flow.Finding
	events   [][2]string // name and data, all that were sent
	more     chan struct{}
	refused  int // requests for data without the cookie
	served   []string
}

func newRun(t testing.TB, now time.Time) *run {
	r := &run{page: web.New(web.Options{}), now: now, more: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		body, csp := r.page.Document()
		w.Header().Set("Content-Security-Policy", csp)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(body)
	})
	mux.HandleFunc("GET /session", func(w http.ResponseWriter, q *http.Request) {
		if q.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "detour-1", Value: "secret", HttpOnly: true, SameSite: http.SameSiteStrictMode, Path: "/"})
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /events", r.guard(r.serveEvents))
	mux.HandleFunc("GET /matches", r.guard(r.serveMatches))
	mux.HandleFunc("GET /complete", r.guard(r.serveComplete))
	mux.HandleFunc("GET /flow/{id}", r.guard(r.serveFlow))
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		r.served = append(r.served, q.Method+" "+q.URL.Path)
		r.mu.Unlock()
		mux.ServeHTTP(w, q)
	}))
	t.Cleanup(func() {
		r.CloseClientConnections()
		r.Close()
	})
	return r
}

// link is what a person opens.
func (r *run) link() string { return r.URL + "/#" + token }

func (r *run) guard(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		if c, err := q.Cookie("detour-1"); err != nil || c.Value != "secret" {
			r.mu.Lock()
			r.refused++
			r.mu.Unlock()
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		h(w, q)
	}
}

// send sends an event to every watcher, those to come as well.
func (r *run) send(name string, data any) {
	b, ok := data.([]byte)
	if !ok {
		b, _ = json.Marshal(data)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, [2]string{name, string(b)})
	close(r.more)
	r.more = make(chan struct{})
}

type object = map[string]any

// begin sends what every stream begins with.
func (r *run) begin(title string) {
	r.send("hello", object{"version": 1, "title": title, "kind": "run", "now": r.now, "privacy": "strict", "reset": true})
	r.state(object{})
}

func (r *run) state(with object) {
	s := object{
		"facts": []object{{"name": "proxy", "value": "127.0.0.1:8080"}, {"name": "capture", "value": "run.detour"}}, "watching": 1, "now": r.now,
	}
	for k, v := range with {
		s[k] = v
	}
	r.send("state", s)
}

// put sends flows as rows, in one event each.
func (r *run) put(fs ...*flow.Flow) {
	for _, f := range fs {
		r.mu.Lock()
		r.flows = append(slices.DeleteFunc(r.flows, func(x *flow.Flow) bool { return x.ID == f.ID }), f)
		r.mu.Unlock()
		r.send("row", r.page.Row(f, r.now))
	}
}

func (r *run) get(id flow.ID) *flow.Flow {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.flows {
		if f.ID == id {
			return f
		}
	}
	return nil
}

func (r *run) serveEvents(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	next := 0
	if s := q.Header.Get("Last-Event-ID"); s != "" {
		next, _ = strconv.Atoi(s)
	}
	for {
		r.mu.Lock()
		todo, more := r.events[next:], r.more
		r.mu.Unlock()
		for _, e := range todo {
			next++
			_, _ = fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", next, e[0], e[1])
		}
		w.(http.Flusher).Flush()
		select {
		case <-more:
		case <-q.Context().Done():
			return
		}
	}
}

func (r *run) serveMatches(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	text := q.URL.Query().Get("q")
	out := object{"q": text, "reset": true, "ids": []int{}}
	x, err := filter.Parse(text)
	if e, ok := err.(*filter.Error); ok { //nolint:errorlint // it is never wrapped
		out["error"] = object{"from": e.From, "to": e.To, "msg": e.Msg, "hint": e.Hint}
	} else {
		var ids []int
		r.mu.Lock()
		for _, f := range r.flows {
			if x.Match(f, r.now) {
				ids = append(ids, int(f.ID), 1)
			}
		}
		r.mu.Unlock()
		out["ids"] = ids
	}
	b, _ := json.Marshal(out)
	_, _ = fmt.Fprintf(w, "event: ids\ndata: %s\n\n", b)
	w.(http.Flusher).Flush()
	<-q.Context().Done()
}

func (r *run) serveComplete(w http.ResponseWriter, q *http.Request) {
	text := q.URL.Query().Get("q")
	at, _ := strconv.Atoi(q.URL.Query().Get("at"))
	c := filter.Complete(text[:min(at, len(text))], nil)
	out := object{"from": c.From}
	var all []object
	for _, x := range c.Candidates {
		all = append(all, object{"text": x.Text, "doc": x.Doc})
	}
	out["candidates"] = all
	_ = json.NewEncoder(w).Encode(out)
}

func (r *run) serveFlow(w http.ResponseWriter, q *http.Request) {
	id, _ := strconv.ParseUint(q.PathValue("id"), 10, 64)
	f := r.get(flow.ID(id))
	if f == nil || q.URL.Query().Get("as") != "rows" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	var fs []flow.Finding
	for _, x := range r.findings {
		if slices.Contains(x.Flows, f.ID) {
			fs = append(fs, x)
		}
	}
	_, _ = w.Write(r.page.Detail(f, fs, r.now))
}

// find sends findings.
func (r *run) find(fs []flow.Finding) {
	r.mu.Lock()
	r.findings = fs
	c := flow.Capture{Flows: slices.Clone(r.flows), Findings: fs}
	r.mu.Unlock()
	r.send("findings", r.page.Findings(c, r.now))
}
