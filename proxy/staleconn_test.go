package proxy

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"

	"detour/internal/flow"
)

// staleServer responds to every request but the second, for which it runs lost. It
// counts the requests.
func staleServer(arrived *atomic.Int32, lost script) script {
	return func(p *peer) {
		for p.request() != nil {
			if arrived.Add(1) == 2 {
				lost(p)
				continue
			}
			p.answer("ok")
		}
	}
}

func sendRequest(t *testing.T, c *http.Client, method, body string) *http.Response {
	t.Helper()
	req, _ := http.NewRequestWithContext(t.Context(), method, "https://example.com/", nil)
	if body != "" {
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body)) // without GetBody
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return resp
}

// lostRequests are the ways in which a server loses a request on a connection that it
// has closed.
var lostRequests = map[string]struct {
	play script
	safe bool // the server says that it didn't process the request
	h2   bool // the server speaks HTTP/2
}{
	"closed":    {play: func(p *peer) { p.Close() }},
	"reset":     {play: func(p *peer) { p.reset() }},
	"h2 closed": {h2: true, play: func(p *peer) { p.Close() }},
	"h2 refused": {h2: true, safe: true, play: func(p *peer) {
		_ = p.fr.WriteRSTStream(p.stream, http2.ErrCodeRefusedStream)
	}},
	"h2 GOAWAY": {h2: true, safe: true, play: func(p *peer) {
		_ = p.fr.WriteGoAway(p.stream-2, http2.ErrCodeNo, nil)
		p.drain()
	}},
	"h2 GOAWAY, FIN": {h2: true, safe: true, play: func(p *peer) {
		_ = p.fr.WriteGoAway(p.stream-2, http2.ErrCodeNo, nil)
		p.Close()
	}},
}

func TestStaleConn_resendsAGET(t *testing.T) {
	for name, l := range lostRequests {
		for _, h2 := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				var arrived atomic.Int32
				s := newScriptedServer(t, l.h2, staleServer(&arrived, l.play))
				c := s.client(t, h2)
				sendRequest(t, c, "GET", "")
				if resp := sendRequest(t, c, "GET", ""); resp.StatusCode != http.StatusOK {
					t.Errorf("the second GET got %d", resp.StatusCode)
				}
				f := s.sink.finals(t, 2)[1]
				if f.Failure != nil || f.Conn == nil || f.Reused && name != "h2 refused" {
					t.Errorf("failure %+v, reused %v; want none, on a new connection", f.Failure, f.Reused)
				}
				if n := arrived.Load(); n != 3 {
					t.Errorf("%d requests arrived, want the lost one twice and the first", n)
				}
			})
		}
	}
}

func TestStaleConn_resendsAPOSTOnlyIfTheServerDidNotProcessIt(t *testing.T) {
	for name, l := range lostRequests {
		for _, h2 := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				var arrived atomic.Int32
				s := newScriptedServer(t, l.h2, staleServer(&arrived, func(p *peer) {
					p.upload(5)
					l.play(p)
				}))
				c := s.client(t, h2)
				sendRequest(t, c, "GET", "")
				resp := sendRequest(t, c, "POST", "hello")
				f := s.sink.finals(t, 2)[1]
				if l.safe {
					if resp.StatusCode != http.StatusOK || f.Failure != nil || arrived.Load() != 3 || f.Request.BodySize != 5 {
						t.Errorf("status %d, failure %+v, %d arrived, %d bytes", resp.StatusCode, f.Failure, arrived.Load(), f.Request.BodySize)
					}
					return
				}
				if resp.StatusCode != http.StatusBadGateway || f.Failure == nil || f.Failure.Stage != flow.StageWait {
					t.Errorf("status %d, failure %+v; want a 502 and a failure in the wait", resp.StatusCode, f.Failure)
				}
				if n := arrived.Load(); n != 2 {
					t.Errorf("%d requests arrived, want the GET and the POST once", n)
				}
			})
		}
	}
}

func TestStaleConn_aPOSTAvoidsAClosedConnection(t *testing.T) {
	matrix(t, func(t *testing.T, client, server bool) {
		ended := make(chan struct{})
		s := newScriptedServer(t, server, func(p *peer) {
			for p.request() != nil {
				p.upload(5)
				p.answer("ok")
				if p.nth == 1 {
					_ = p.tcp.CloseWrite()
					p.drain() // until the proxy has seen it
					close(ended)
					return
				}
			}
		})
		c := s.client(t, client)
		sendRequest(t, c, "POST", "hello")
		<-ended
		if resp := sendRequest(t, c, "POST", "hello"); resp.StatusCode != http.StatusOK {
			t.Errorf("status %d", resp.StatusCode)
		}
		if f := s.sink.finals(t, 2)[1]; f.Failure != nil || f.Reused {
			t.Errorf("failure %+v, reused %v", f.Failure, f.Reused)
		}
	})
}

// A server that says that it didn't process a request gets the POST again, on another
// connection, if its body was received and is short.
func TestStaleConn_resendsAPOSTOfUpTo64KiBAfterGOAWAY(t *testing.T) {
	for _, size := range []int{10 << 10, maxBodyPrefix, maxBodyPrefix + 1} {
		for _, h2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d bytes, h2 %v", size, h2), func(t *testing.T) {
				s := newScriptedServer(t, true, func(p *peer) {
					p.request()
					p.upload(int64(size))
					if p.nth == 1 {
						_ = p.fr.WriteGoAway(p.stream-1, http2.ErrCodeNo, nil)
					} else {
						p.answer("ok")
					}
					p.drain()
				})
				resp := sendRequest(t, s.client(t, h2), "POST", strings.Repeat("x", size))
				want := http.StatusOK
				if size > maxBodyPrefix {
					want = http.StatusBadGateway
				}
				if resp.StatusCode != want {
					t.Errorf("status %d, want %d: %+v", resp.StatusCode, want, s.sink.finals(t, 1)[0].Failure)
				}
			})
		}
	}
}
