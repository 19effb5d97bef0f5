package h2server

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"detour/internal/h2wire"
)

// TestConn_keepsToTheClientsWindows sends more than the window of the connection allows, on
// streams whose own windows allow it.
func TestConn_keepsToTheClientsWindows(t *testing.T) {
	conn, _ := serveConn(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 40_000))
	}))
	p := newPeer(t, conn)
	p.withhold = true
	p.sync()
	p.Head(1, true, get("GET", "/")...)
	p.Head(3, true, get("GET", "/")...)
	got := func() int { return len(p.answer(1).Body) + len(p.answer(3).Body) }
	p.await(func() bool { return got() >= h2wire.InitialWindow })
	p.sync()
	if n := got(); n != h2wire.InitialWindow {
		t.Errorf("%d bytes came in a window of %d", n, h2wire.InitialWindow)
	}
	_ = p.fr.WriteWindowUpdate(0, 20_000)
	p.await(func() bool { return p.over(1) && p.over(3) })
	if n := got(); n != 80_000 {
		t.Errorf("%d bytes came", n)
	}
}

// TestConn_givesBackItsWindow uploads much more than the windows allow, to a handler that reads
// it and to one that doesn't.
func TestConn_givesBackItsWindow(t *testing.T) {
	conn, _ := serveConn(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/read" {
			_, _ = io.Copy(io.Discard, r.Body)
		}
	}))
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	tr := &http.Transport{Protocols: &protocols, DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}
	t.Cleanup(tr.CloseIdleConnections)
	for range 5 {
		for _, path := range []string{"/read", "/unread"} {
			body := io.LimitReader(zeros{}, 2*connWindow)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://example.test"+path, body)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := tr.RoundTrip(r)
			if err != nil {
				t.Fatal(path, err)
			}
			_ = resp.Body.Close()
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
