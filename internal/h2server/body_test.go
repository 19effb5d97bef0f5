package h2server

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestConn_sendsNo100AfterTheHead reads a body when the head of the response was sent.
func TestConn_sendsNo100AfterTheHead(t *testing.T) {
	conn, _ := serveConn(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	p := newPeer(t, conn)
	p.Head(1, false, get("POST", "/", "expect", "100-continue")...)
	p.await(func() bool { return len(p.answer(1).Head) > 0 })
	p.sync()
	_ = p.fr.WriteData(1, true, []byte("x"))
	p.await(func() bool { return p.over(1) })
	if heads := strings.Join(p.answer(1).Head, ", "); heads != ":status: 200" {
		t.Errorf("heads: %s", heads)
	}
}

// TestConn_readsNothing reads no bytes of a body that hasn't come.
func TestConn_readsNothing(t *testing.T) {
	conn, _ := serveConn(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = r.Body.Read(nil) }))
	p := newPeer(t, conn)
	p.Head(1, false, get("POST", "/")...)
	p.await(func() bool { return p.over(1) })
}

// TestConn_sendsNoMoreThanDeclared has a handler write more than its Content-Length.
func TestConn_sendsNoMoreThanDeclared(t *testing.T) {
	failed := make(chan error, 1)
	conn, _ := serveConn(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "3")
		_, _ = io.WriteString(w, "123")
		_, err := io.WriteString(w, "45")
		failed <- err
	}))
	p := newPeer(t, conn)
	p.Head(1, true, get("GET", "/")...)
	p.await(func() bool { return p.over(1) })
	if err := <-failed; err != http.ErrContentLength || p.answer(1).Body != "123" { //nolint:errorlint // as net/http's
		t.Errorf("%v, %v", err, p.answer(1))
	}
}
