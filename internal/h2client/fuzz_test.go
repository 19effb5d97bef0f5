package h2client

import (
	"io"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/http2"
)

// FuzzServer has a server send anything. Requests must end when the server leaves, and everything
// of the connection with it (newTestPool and TestMain check that).
func FuzzServer(f *testing.F) {
	const settings = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	f.Add([]byte(settings))
	f.Add([]byte(settings + "\x00\x00\x01\x01\x05\x00\x00\x00\x01\x88")) // 200
	f.Add([]byte(settings + "\x00\x00\x01\x01\x04\x00\x00\x00\x01\x88" + // 200, with a body
		"\x00\x00\x02\x00\x01\x00\x00\x00\x01ab" + "\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x08"))
	f.Add([]byte(settings + "\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00")) // GOAWAY
	f.Add([]byte(settings + "\x00\x00\x04\x08\x00\x00\x00\x00\x01\x00\x00\x10\x00"))                 // WINDOW_UPDATE
	f.Fuzz(func(t *testing.T, sent []byte) {
		p := newTestPool(t)
		client, server := pipe(t)
		var over sync.WaitGroup
		over.Go(func() {
			defer server.Close()
			_, _ = io.CopyN(io.Discard, server, int64(len(http2.ClientPreface)))
			_, _ = server.Write(sent)
		})
		p.Add(authority, plainConn{client})
		for _, method := range []string{"GET", "HEAD", "POST"} {
			over.Go(func() {
				var body io.Reader
				if method == "POST" {
					body = strings.NewReader(strings.Repeat("x", 70_000))
				}
				_ = result(p, newRequest(t, method, body))
			})
		}
		over.Wait()
	})
}
