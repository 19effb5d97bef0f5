package serve

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"detour/internal/share"
)

func withToken(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func TestStream_isServerSentEvents(t *testing.T) {
	_, x, l := sharedOnLoopback(t)
	w := watch(t, request(t, l.Base()+"/events?as=rows", func(r *http.Request) {
		r.AddCookie(session(t, l))
		browserOf(r.Header)
		r.Header.Set("Last-Event-ID", "41")
	}))
	if got := w.resp.Header.Get("Content-Type"); got != "text/event-stream; charset=utf-8" {
		t.Errorf("the type is %s", got)
	}
	if got, want := w.next(), "event: hello\nid: 1\ndata: {\"rows\":true,\"after\":41}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	x.sendAll(share.Event{Name: share.EventRow, Data: []byte("{\"a\":1,\r\n\n\"b\":2}")})
	if got, want := w.next(), "event: row\ndata: {\"a\":1,\ndata: \"b\":2}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	x.sendAll(share.Event{Number: 9, Name: share.EventEnd, Data: []byte(`{"why":"the run ended"}`)})
	if got, want := w.next(), "event: end\nid: 9\ndata: {\"why\":\"the run ended\"}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := w.next(); got != "EOF" {
		t.Errorf("after the end: %q", got)
	}
	for path, want := range map[string]string{
		"/events":                 `{"rows":false,"after":0}`,
		"/events?after=7":         `{"rows":false,"after":7}`,
		"/events?after=-7":        `{"rows":false,"after":0}`,
		"/matches?q=tcp:timeout":  `{"q":"tcp:timeout"}`,
		"/matches":                `{"q":""}`,
		"/matches?q=a%0Aevent:+x": `{"q":"a\nevent: x"}`,
	} {
		w := watch(t, request(t, l.Base()+path, withToken(l.Token)))
		if got := w.next(); !strings.HasSuffix(got, "data: "+want+"\n") {
			t.Errorf("%s: %q", path, got)
		}
		w.end()
	}
	eventually(t, "those who left are gone", func() bool { return x.watching() == 0 })
	eventually(t, "each came and left, and sharing began", func() bool { return x.changes.Load() == 1+2*4 })
}

// sendAll sends an event to all streams.
func (x *run) sendAll(e share.Event) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for s := range x.streams {
		s.events <- e
	}
}

// TestStop_cutsTheStreamOfWhoNeverReads: that one has half a second, not the 20 s that it has otherwise.
func TestStop_cutsTheStreamOfWhoNeverReads(t *testing.T) {
	s, x, l := sharedOnLoopback(t)
	deaf := stuck(t, x, l)
	defer deaf.Close()
	began := time.Now()
	s.Stop("sharing was stopped")
	if d := time.Since(began); endTimeout > time.Second/2 || d > writeTimeout/2 {
		t.Errorf("it took %v", d)
	}
	if n := x.watching(); n != 0 {
		t.Errorf("%d streams go on", n)
	}
}

func TestStop_saysSoToEachWatcher(t *testing.T) {
	s, x, l := sharedOnLoopback(t)
	s.parting = time.Minute // the machine may be busy
	const n = 20
	var ws []*watcher
	for range n {
		ws = append(ws, watch(t, request(t, l.Base()+"/events", withToken(l.Token))))
	}
	for _, w := range ws {
		w.next()
	}
	if !s.Stop("sharing was stopped") {
		t.Error("it wasn't shared")
	}
	if n := x.watching(); n != 0 {
		t.Errorf("%d streams go on", n)
	}
	for _, w := range ws {
		last := ""
		for e := w.next(); strings.HasPrefix(e, "event:"); e = w.next() {
			last = e
		}
		if want := "event: end\ndata: {\"why\":\"sharing was stopped\"}\n"; last != want {
			t.Fatalf("the last event is %.100q, want %q", last, want)
		}
	}
	if s.Stop("again") || s.State() != (State{}) {
		t.Errorf("it is still shared: %+v", s.State())
	}
	if _, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request(t, l.Base()+"/", nil)); err == nil {
		t.Error("the port is still open")
	}
}

func TestShare_aNewLinkMakesTheOldOneInvalid(t *testing.T) {
	s, _, l := sharedOnLoopback(t)
	c := session(t, l)
	if _, err := s.Share(Options{}); !errors.Is(err, ErrShared) {
		t.Errorf("a second share: %v", err)
	}
	if resp, _ := send(t, request(t, l.Base()+"/flow/17", withToken(l.Token))); resp.StatusCode != http.StatusOK {
		t.Errorf("the first link gets %s", resp.Status)
	}
	s.Stop("sharing was stopped")
	again, err := s.Share(Options{Addr: s.addrOf(t, l.Addr)})
	if err != nil {
		t.Fatal(err)
	}
	if again.Token == l.Token || again.Addr != l.Addr {
		t.Fatalf("%s and %s", l, again)
	}
	for name, change := range map[string]func(*http.Request){
		"the old token": withToken(l.Token),
		"the old cookie": func(r *http.Request) {
			browserOf(r.Header)
			r.AddCookie(c)
		},
	} {
		if resp, _ := send(t, request(t, again.Base()+"/flow/17", change)); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s gets %s", name, resp.Status)
		}
	}
}

func TestShare_endsAfterItsTime(t *testing.T) {
	s, x := serving(t)
	s.parting = time.Minute
	l, err := s.Share(Options{For: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if until := time.Until(s.State().Until); until <= 0 || until > time.Hour {
		t.Errorf("it ends in %v", until)
	}
	w := watch(t, request(t, l.Base()+"/events", withToken(l.Token)))
	w.next()
	if !s.shared.timer.Reset(0) { // an hour later
		t.Error("the time was over")
	}
	if got, want := w.next(), "event: end\ndata: {\"why\":\"the time of sharing is over (1h0m0s)\"}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	eventually(t, "it isn't shared", func() bool { return s.State() == State{} && x.watching() == 0 })
	if l, err = s.Share(Options{}); err != nil { // the time was the first one's
		t.Fatal(err)
	}
	if s.State().Until != (time.Time{}) || s.State().Addr.String() != l.Addr {
		t.Errorf("%+v", s.State())
	}
}

func TestClose_endsEverything(t *testing.T) {
	s, _, l := sharedOnLoopback(t)
	s.parting = time.Minute
	w := watch(t, request(t, l.Base()+"/matches?q=", withToken(l.Token)))
	w.next()
	s.Close("the run ended")
	if got := w.next(); got != "event: end\ndata: {\"why\":\"the run ended\"}\n" {
		t.Errorf("%q", got)
	}
	if _, err := s.Share(Options{}); err == nil || errors.Is(err, ErrShared) {
		t.Errorf("it is shared after its end: %v", err)
	}
}
