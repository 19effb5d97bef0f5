package h2server

import (
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/http2"

	"detour/internal/h2wire"
)

// handle is a handler whose response depends on the request alone.
func handle(w http.ResponseWriter, r *http.Request) {
	w.Header()["Content-Type"] = nil
	w.Header().Set("X-Request", fmt.Sprintf("%s %s %q %q %d %v", r.Method, r.RequestURI, r.Host, r.URL, r.ContentLength, r.Header))
	n, _ := strconv.Atoi(r.URL.Query().Get("n"))
	body := strings.Repeat("0123456789", n/10)
	switch r.URL.Path {
	case "/echo":
		got, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%d bytes, %v, trailer %v", len(got), err, r.Trailer)
	case "/length":
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = io.WriteString(w, body)
	case "/flush":
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, body)
	case "/parts":
		for len(body) > 0 {
			part := body[:min(len(body), 3000)]
			_, _ = io.WriteString(w, part)
			body = body[len(part):]
		}
	case "/trailer":
		w.Header().Set("Trailer", "X-Sum, X-None")
		_, _ = io.WriteString(w, body)
		w.Header().Set("X-Sum", "1")
		w.Header().Set(http.TrailerPrefix+"X-Late", "2")
	case "/interim":
		w.Header().Set("Link", "</a>")
		w.WriteHeader(http.StatusEarlyHints)
		_, _ = io.WriteString(w, body)
	case "/status":
		w.WriteHeader(min(max(n, 200), 999))
	case "/status-body":
		w.WriteHeader(http.StatusNoContent)
		_, _ = io.WriteString(w, "none")
	case "/ended":
		w.Header()["Content-Length"] = nil
	case "/early": // without reading the request
		_, _ = io.WriteString(w, body)
	case "/abort":
		_, _ = io.WriteString(w, body)
		panic(http.ErrAbortHandler)
	case "/fields":
		w.Header()["X-Many"] = []string{"a", "b", "bad\x00", "c"}
		w.Header()["Bad Name"] = []string{"x"}
		w.Header().Set("X-Long", strings.Repeat("y", n))
	}
}

// TestConn_answersLikeNetHTTP plays random requests to this server and to net/http's.
func TestConn_answersLikeNetHTTP(t *testing.T) {
	reference := httptest.NewUnstartedServer(http.HandlerFunc(handle))
	reference.EnableHTTP2 = true
	reference.StartTLS()
	t.Cleanup(reference.Close)
	for seed := range uint64(40) {
		ours, _ := serveConn(t, http.HandlerFunc(handle))
		got := dialogue(t, ours, seed)
		// Afterwards: net/http waits for the first frame for two seconds.
		theirs, err := tls.Dial("tcp", reference.Listener.Addr().String(), &tls.Config{
			InsecureSkipVerify: true, NextProtos: []string{"h2"}, //nolint:gosec // the test's own server
		})
		if err != nil {
			t.Fatal(err)
		}
		want := dialogue(t, theirs, seed)
		_ = theirs.Close()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("dialogue %d (-net/http +h2server):\n%s", seed, diff)
		}
	}
}

// dialogue sends random requests, some of them interleaved, and returns what comes back.
func dialogue(t *testing.T, conn net.Conn, seed uint64) map[uint32]*answer {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	p := newPeer(t, conn)
	if r.IntN(3) == 0 {
		_ = p.fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(r.IntN(5000))},
			http2.Setting{ID: http2.SettingHeaderTableSize, Val: uint32(r.IntN(4096))})
	}
	p.sync()
	for first := uint32(1); first < 40; first += 8 {
		for id := first; id < first+8; id += 2 {
			sendRandom(r, p, id)
		}
		for id := first; id < first+8; id += 2 {
			p.await(func() bool { return p.over(id) })
		}
	}
	p.sync() // for what may follow the end of a response
	delete(p.got, 0)
	for _, a := range p.got {
		a.Head = slices.DeleteFunc(a.Head, func(h string) bool { return h == ":status: 100" }) // if the body hasn't come by then
		if a.Reset == "INTERNAL_ERROR" {                                                       // how much was sent before depends on when it was written
			a.Head, a.Body = nil, ""
		}
	}
	return p.got
}

// sendRandom sends a random request.
func sendRandom(r *rand.Rand, p *peer, id uint32) {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	path := pick("/echo", "/length", "/flush", "/parts", "/trailer", "/interim", "/status", "/status-body", "/ended", "/early", "/abort", "/fields")
	size := pick("0", "0", "100", "204", "304", "404", "4090", "4100", "20000", "70000")
	fields := get(pick("GET", "GET", "HEAD", "POST"), path+"?n="+size)
	for range r.IntN(4) {
		fields = append(fields, pick("accept", "cookie", "x-long-"+size), pick("a", strings.Repeat("v", r.IntN(300))))
	}
	switch r.IntN(4) {
	case 0:
		fields = append(fields, "expect", "100-continue")
	case 1:
		fields = append(fields, "trailer", "X-Sum, Content-Length")
	}
	body := r.IntN(3) * r.IntN(20_000)
	if path != "/echo" { // whether the rest of another is read depends on when it comes
		body = 0
	}
	if body > 0 && r.IntN(2) == 0 {
		fields = append(fields, "content-length", strconv.Itoa(body))
	}
	if body == 0 {
		p.Head(id, true, fields...)
		return
	}
	p.Head(id, false, fields...)
	trailer := r.IntN(3) == 0
	for body > 0 {
		n := min(body, 1+r.IntN(h2wire.MaxFrame-300))
		body -= n
		_ = p.fr.WriteDataPadded(id, body == 0 && !trailer, make([]byte, n), make([]byte, r.IntN(2)*r.IntN(255)))
	}
	if trailer {
		p.Head(id, true, "x-sum", "1", "x-other", "2")
	}
}
