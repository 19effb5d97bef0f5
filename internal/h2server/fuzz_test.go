package h2server

import (
	"io"
	"net/http"
	"testing"

	"golang.org/x/net/http2"
)

// FuzzConn sends anything after the preface. The connection must end when the client leaves, and
// with it all handlers (serveConn checks that).
func FuzzConn(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x04\x00\x00\x00\x00\x00"))
	f.Add([]byte("\x00\x00\x00\x04\x00\x00\x00\x00\x00" + "\x00\x00\x03\x01\x05\x00\x00\x00\x01\x82\x86\x84")) // GET /
	f.Add([]byte("\x00\x00\x00\x04\x00\x00\x00\x00\x00" + "\x00\x00\x03\x01\x04\x00\x00\x00\x01\x83\x86\x84" + // POST /
		"\x00\x00\x02\x00\x01\x00\x00\x00\x01ab" + "\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x08"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		conn, _ := serveConn(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(w, r.Body)
		}))
		go func() { _, _ = io.Copy(io.Discard, conn) }()
		_, _ = io.WriteString(conn, http2.ClientPreface)
		_, _ = conn.Write(sent)
	})
}
