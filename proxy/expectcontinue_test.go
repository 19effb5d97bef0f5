package proxy

import (
	"io"
	"net/http"
	"testing"
	"time"
)

// The server decides about Expect: 100-continue, and a client that it rejects sends no
// body. The exception is an HTTP/2 client: net/http's server sends it a 100 itself.
func TestExpect_theServerDecides(t *testing.T) {
	for name, v := range map[string]struct {
		play   script
		status int
		sent   int64
	}{
		"continues": {func(p *peer) {
			p.request()
			if p.fr != nil {
				p.head(false, ":status", "100")
			} else {
				p.write("HTTP/1.1 100 Continue\r\n\r\n")
			}
			p.upload(1000)
			p.answer("ok")
			p.drain()
		}, 200, 1000},
		"rejects": {func(p *peer) {
			p.request()
			if p.fr != nil {
				p.head(true, ":status", "417")
			} else {
				p.write("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
			}
			p.drain()
		}, 417, 0},
		"ignores it": {func(p *peer) { p.request(); p.upload(1000); p.answer("ok"); p.drain() }, 200, 1000},
	} {
		for _, server := range []bool{false, true} {
			for _, client := range []bool{false, true} {
				proto := map[bool]string{false: "h1", true: "h2"}
				t.Run(name+", "+proto[client]+" to "+proto[server], func(t *testing.T) {
					s := newScriptedServer(t, server, v.play)
					c := s.client(t, client)
					c.Transport.(*http.Transport).ExpectContinueTimeout = time.Minute
					req, _ := http.NewRequestWithContext(t.Context(), "PUT", "https://example.com/", zeros(1000))
					req.ContentLength = 1000
					req.Header.Set("Expect", "100-continue")
					begin := time.Now()
					resp, err := c.Do(req)
					if err != nil {
						t.Fatal(err)
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					if took := time.Since(begin); took > atOnce {
						t.Errorf("it took %v", took)
					}
					f := s.sink.finals(t, 1)[0]
					if resp.StatusCode != v.status || f.Failure != nil || f.Request.BodySize != v.sent && !client {
						t.Errorf("status %d, failure %+v, %d bytes; want %d, none, %d",
							resp.StatusCode, f.Failure, f.Request.BodySize, v.status, v.sent)
					}
				})
			}
		}
	}
}
