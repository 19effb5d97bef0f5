package serve

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"detour/internal/leaktest"
	"detour/internal/share"
	"detour/internal/share/link"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

const (
	testPage   = "<!doctype html><title>detour</title>"
	testPolicy = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
)

// A run is what a test shares: every stream says hello, and then what the test sends.
type run struct {
	mu      sync.Mutex
	streams map[*stream]struct{}
	changes atomic.Int64
	sent    atomic.Int64 // events of streams that have them without end
}

// endless is the number to begin after for a stream that has events without end.
const endless = 666

type stream struct {
	run    *run
	floods bool
	events chan share.Event
	closed chan struct{}
	once   sync.Once
}

func (x *run) begin(first string, floods bool) Stream {
	s := &stream{run: x, floods: floods, events: make(chan share.Event, 16), closed: make(chan struct{})}
	s.events <- share.Event{Number: 1, Name: share.EventHello, Data: []byte(first)}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.streams[s] = struct{}{}
	return s
}

func (x *run) watching() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.streams)
}

// Next implements Stream.
func (s *stream) Next(ctx context.Context) (share.Event, error) {
	if s.floods { // whatever ctx says, as a stream that has events may
		s.run.sent.Add(1)
		return share.Event{Name: share.EventRow, Data: []byte(`{"cells":"` + strings.Repeat("x", 4<<10) + `"}`)}, nil
	}
	select {
	case e := <-s.events:
		return e, nil
	case <-s.closed:
		return share.Event{}, io.EOF
	case <-ctx.Done():
		return share.Event{}, ctx.Err()
	}
}

// Close implements Stream.
func (s *stream) Close() {
	s.once.Do(func() {
		close(s.closed)
		s.run.mu.Lock()
		defer s.run.mu.Unlock()
		delete(s.run.streams, s)
	})
}

func (x *run) config(id string) Config {
	return Config{
		Run:      id,
		Document: func() ([]byte, string) { return []byte(testPage), testPolicy },
		Watch: func(rows bool, after uint64) Stream {
			return x.begin(fmt.Sprintf(`{"rows":%t,"after":%d}`, rows, after), after == endless)
		},
		Match:   func(expression string) Stream { return x.begin(fmt.Sprintf(`{"q":%q}`, expression), false) },
		Changed: func() { x.changes.Add(1) },
		Flow: func(id uint64, rows bool) []byte {
			if id != 17 {
				return nil
			}
			return fmt.Appendf(nil, `{"id":%d,"rows":%t}`, id, rows)
		},
		Complete: func(expression string, at int) []byte { return fmt.Appendf(nil, `{"q":%q,"at":%d}`, expression, at) },
	}
}

// serving returns a server with nobody at it yet.
func serving(t testing.TB) (*Server, *run) {
	t.Helper()
	x := &run{streams: make(map[*stream]struct{})}
	s := New(x.config("run-1"))
	t.Cleanup(func() {
		s.Close("the test is over")
		if n := x.watching(); n != 0 {
			t.Errorf("%d streams are left", n)
		}
	})
	return s, x
}

// sharedOnLoopback is a server with a link.
func sharedOnLoopback(t testing.TB) (*Server, *run, link.Link) {
	t.Helper()
	s, x := serving(t)
	l, err := s.Share(Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s, x, l
}

// browserOf sends what a browser sends for its page's own requests.
func browserOf(header http.Header) {
	header.Set("Sec-Fetch-Site", "same-origin")
	header.Set("Sec-Fetch-Mode", "cors")
	header.Set("Sec-Fetch-Dest", "empty")
}

// A request is one that a test changes before it is sent.
func request(t testing.TB, url string, change func(*http.Request)) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	return r
}

// send sends a request on a connection of its own, and returns the response's head and text.
func send(t testing.TB, r *http.Request) (*http.Response, string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

// session exchanges the token for the cookie.
func session(t testing.TB, l link.Link) *http.Cookie {
	t.Helper()
	resp, text := send(t, request(t, l.Base()+"/session", func(r *http.Request) {
		browserOf(r.Header)
		r.Header.Set("Authorization", "Bearer "+l.Token)
	}))
	if resp.StatusCode != http.StatusNoContent || len(resp.Cookies()) != 1 {
		t.Fatalf("got %s, %d cookies: %s", resp.Status, len(resp.Cookies()), text)
	}
	return resp.Cookies()[0]
}

// raw sends bytes and returns the head of what comes back, until the end of the connection.
func raw(t testing.TB, addr, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(c)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%.90q holds its connection for a minute", text)
	}
	return string(b)
}

// A watcher reads a stream.
type watcher struct {
	t    testing.TB
	resp *http.Response
	in   *bufio.Reader
	end  func()
}

func watch(t testing.TB, r *http.Request) *watcher {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	ctx, cancel := context.WithCancel(r.Context())
	resp, err := transport.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	w := &watcher{t, resp, bufio.NewReader(resp.Body), sync.OnceFunc(func() {
		cancel()
		_ = resp.Body.Close()
		transport.CloseIdleConnections()
	})}
	t.Cleanup(w.end)
	return w
}

// next returns the lines of the next event; io.EOF's text at the end.
func (w *watcher) next() string {
	var b strings.Builder
	for {
		line, err := w.in.ReadString('\n')
		if err != nil {
			return err.Error()
		}
		if line == "\n" {
			return b.String()
		}
		b.WriteString(line)
	}
}

// eventually waits until it is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: it isn't so after a minute", what)
		}
	}
}
