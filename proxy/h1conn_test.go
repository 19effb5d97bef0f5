package proxy

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// ownConns returns how many connections the proxy serves without net/http.
func (b *fixture) ownConns() int {
	b.proxy.ownConns.mu.Lock()
	defer b.proxy.ownConns.mu.Unlock()
	return len(b.proxy.ownConns.open)
}

// echo responds with the method and the body.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, _ = fmt.Fprintf(w, "%s %s", r.Method, body)
})

func TestH1Conn_servesPlainRequestsAndHandsOverOthers(t *testing.T) {
	const host, none = "Host: example.com\r\n", "none"
	for name, v := range map[string]struct {
		request string
		own     bool
		status  int    // 0: 200
		body    string // of the response; "": "GET "
	}{
		"a GET":                        {"GET / HTTP/1.1\r\n" + host + "\r\n", true, 0, ""},
		"a GET, keep-alive":            {"GET / HTTP/1.1\r\n" + host + "Connection: Keep-Alive\r\n\r\n", true, 0, ""},
		"the port in Host":             {"GET / HTTP/1.1\r\nHost: EXAMPLE.com:443\r\n\r\n", true, 0, ""},
		"a POST":                       {"POST / HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\nab", true, 0, "POST ab"},
		"an empty POST":                {"POST / HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n", true, 0, "POST "},
		"64 KiB":                       {"PUT / HTTP/1.1\r\n" + host + "Content-Length: 65536\r\n\r\n" + strings.Repeat("x", 65536), true, 0, "PUT " + strings.Repeat("x", 65536)},
		"a head of 8 KiB":              {"GET / HTTP/1.1\r\n" + host + "Cookie: " + strings.Repeat("c", 8000) + "\r\n\r\n", true, 0, ""},
		"more than 64 KiB":             {"PUT / HTTP/1.1\r\n" + host + "Content-Length: 65537\r\n\r\n" + strings.Repeat("x", 65537), false, 0, "PUT " + strings.Repeat("x", 65537)},
		"a head of 40 KiB":             {"GET / HTTP/1.1\r\n" + host + "Cookie: " + strings.Repeat("c", 40000) + "\r\n\r\n", false, 0, ""},
		"chunks":                       {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", false, 0, "POST ab"},
		"Expect":                       {"POST / HTTP/1.1\r\n" + host + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab", false, 0, "POST ab"},
		"TE":                           {"GET / HTTP/1.1\r\n" + host + "TE: trailers\r\n\r\n", false, 0, ""},
		"Upgrade":                      {"GET / HTTP/1.1\r\n" + host + "Upgrade: h2c\r\n\r\n", false, 0, ""},
		"Trailer":                      {"GET / HTTP/1.1\r\n" + host + "Trailer: a\r\n\r\n", false, 0, ""},
		"a field of the connection":    {"GET / HTTP/1.1\r\n" + host + "Connection: x-hop\r\nX-Hop: a\r\n\r\n", false, 0, ""},
		"an escaped path":              {"GET /%41?%zz HTTP/1.1\r\n" + host + "\r\n", true, 0, ""},
		"a broken escape":              {"GET /%4 HTTP/1.1\r\n" + host + "\r\n", false, 400, "400 Bad Request"},
		"another host":                 {"GET / HTTP/1.1\r\nHost: other.example\r\n\r\n", false, 421, "detour: this connection is for example.com:443, not for other.example\n"},
		"no host":                      {"GET / HTTP/1.1\r\n\r\n", false, 400, "400 Bad Request: missing required Host header"},
		"two hosts":                    {"GET / HTTP/1.1\r\n" + host + host + "\r\n", false, 400, "400 Bad Request"},
		"two lengths":                  {"POST / HTTP/1.1\r\n" + host + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc", false, 400, "400 Bad Request"},
		"a folded field":               {"GET / HTTP/1.1\r\n" + host + "A: b\r\n c\r\n\r\n", false, 0, ""},
		"bare LF":                      {"GET / HTTP/1.1\nHost: example.com\n\n", false, 0, ""},
		"a space before the colon":     {"GET / HTTP/1.1\r\n" + host + "Content-Length : 2\r\n\r\nab", false, 400, "400 Bad Request: invalid header name"},
		"asterisk-form":                {"OPTIONS * HTTP/1.1\r\n" + host + "\r\n", false, 0, none},
		"absolute-form, the authority": {"GET https://example.com/ HTTP/1.1\r\n" + host + "\r\n", false, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newFixture(t, setup{patient: true}, echo)
			tc := b.openTLS(t, "http/1.1")
			_, _ = io.WriteString(tc, v.request)
			br := bufio.NewReader(tc)
			method, _, _ := strings.Cut(v.request, " ")
			resp, err := http.ReadResponse(br, &http.Request{Method: method})
			for err == nil && resp.StatusCode == http.StatusContinue {
				resp, err = http.ReadResponse(br, &http.Request{Method: method})
			}
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			if v.status == 0 {
				v.status = http.StatusOK
			}
			switch v.body {
			case "":
				v.body = "GET "
			case none:
				v.body = ""
			}
			if resp.StatusCode != v.status || string(body) != v.body || err != nil {
				t.Errorf("%d %.100q, %v; want %d %.100q", resp.StatusCode, body, err, v.status, v.body)
			}
			if own := b.ownConns() == 1; own != v.own {
				t.Errorf("served without net/http: %v", own)
			}
			if resp.Close {
				return
			}
			_, _ = io.WriteString(tc, "GET /next HTTP/1.1\r\n"+host+"\r\n")
			if resp, err := http.ReadResponse(br, nil); err != nil || resp.StatusCode != http.StatusOK {
				t.Errorf("the next request: %v, %v", resp, err)
			}
		})
	}
}

// Once handed over, a connection keeps its order: what was read of it comes first.
func TestH1Conn_pipelinedRequestsAreAnsweredInOrder(t *testing.T) {
	b := newFixture(t, setup{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s %s", r.URL.Path, body)
	}))
	tc := b.openTLS(t, "http/1.1")
	_, _ = io.WriteString(tc, "POST /1 HTTP/1.1\r\nHost: example.com\r\nContent-Length: 28\r\n\r\nGET /no HTTP/1.1\r\nA: b\r\n\r\nxx"+
		"\r\nGET /2 HTTP/1.1\r\nHost: example.com\r\n\r\n"+
		"POST /3 HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nc\r\n0\r\n\r\n"+
		"GET /4 HTTP/1.1\r\nHost: example.com\r\n\r\n")
	br := bufio.NewReader(tc)
	for _, want := range []string{"/1 GET /no HTTP/1.1\r\nA: b\r\n\r\nxx", "/2 ", "/3 c", "/4 "} {
		resp, err := http.ReadResponse(br, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(resp.Body); string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A body that follows its head in another packet is awaited for a moment, and then by net/http.
func TestH1Conn_aBodyMayComeLater(t *testing.T) {
	b := newFixture(t, setup{}, echo)
	tc := b.openTLS(t, "http/1.1")
	_, _ = io.WriteString(tc, "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 4\r\n\r\nab")
	for deadline := time.Now().Add(time.Minute); b.ownConns() > 0; {
		if time.Now().After(deadline) {
			t.Fatal("the connection isn't handed over")
		}
	}
	_, _ = io.WriteString(tc, "cd")
	resp, err := http.ReadResponse(bufio.NewReader(tc), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(resp.Body); string(got) != "POST abcd" {
		t.Errorf("got %q", got)
	}
}

func TestH1Conn_keepsTheFieldsAsTheyCame(t *testing.T) {
	saw := make(chan string, 1)
	const sent = "HTTP/1.1 200 Fine\r\nx-b: 1\r\nContent-LENGTH: 2\r\nX-a: 2\r\nx-b: 3\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\n"
	s := newScriptedServer(t, false, func(p *peer) {
		saw <- readHead(p.br)
		p.write(sent + "ok")
		p.drain()
	})
	tc := s.openTLS(t, "http/1.1")
	const head = "GET /?a HTTP/1.1\r\nx-Amz: 1\r\nhost: example.com\r\nAccept: */*\r\ncookie: a\r\nX-AMZ: 2\r\n\r\n"
	_, _ = io.WriteString(tc, strings.Replace(head, "cookie", "Connection: keep-alive\r\ncookie", 1))
	if got := readHead(bufio.NewReader(tc)); got != sent {
		t.Errorf("the client got\n%s", got)
	}
	if got := <-saw; got != head {
		t.Errorf("the server got\n%s", got)
	}
	f := s.sink.finals(t, 1)[0]
	var names []string
	for _, h := range slices.Concat(f.Request.Headers, f.Response.Headers) {
		names = append(names, h.Name)
	}
	want := "x-Amz host Accept Connection cookie X-AMZ x-b Content-LENGTH X-a x-b Set-Cookie set-cookie"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("the flow has %s", got)
	}
}

func readHead(r *bufio.Reader) (head string) {
	for !strings.HasSuffix(head, "\r\n\r\n") {
		line, err := r.ReadString('\n')
		if head += line; err != nil {
			return head
		}
	}
	return head
}

// What a server sends without a request must never be the response to the next one.
func TestH1Conn_anUnaskedResponseIsNeverTheNextOne(t *testing.T) {
	one := func(body string) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}
	for name, play := range map[string]script{
		"in the same write":    func(p *peer) { p.write(one("first") + one("unasked")) },
		"in the next record":   func(p *peer) { p.write(one("first")); p.write(one("unasked")) },
		"after the first":      func(p *peer) { p.write(one("first")); p.waitSeen(); p.write(one("unasked")) },
		"a part of it":         func(p *peer) { p.write(one("first") + "HTTP/1.1 200 O") },
		"more than the length": func(p *peer) { p.write(one("first") + "x") },
		"after chunks": func(p *peer) {
			p.write(okHead + "Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n" + one("unasked"))
		},
		"after a 204":        func(p *peer) { p.write("HTTP/1.1 204 No Content\r\n\r\n" + one("unasked")) },
		"to a large first":   func(p *peer) { p.write(one(strings.Repeat("x", 40<<10)) + one("unasked")) },
		"a body after a 304": func(p *peer) { p.write("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\nunasked") },
		"an interim one":     func(p *peer) { p.write(one("first") + "HTTP/1.1 103 Early Hints\r\n\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			arrived := make(chan struct{})
			s := newScriptedServer(t, false, func(p *peer) {
				for p.request() != nil {
					if p.nth == 1 {
						play(p)
						close(arrived)
						p.drain()
						return
					}
					p.answer("second")
				}
			})
			tc := s.openTLS(t, "http/1.1")
			br := bufio.NewReader(tc)
			for i := range 2 {
				_, _ = io.WriteString(tc, "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 0\r\n\r\n")
				resp, err := http.ReadResponse(br, nil)
				if err != nil {
					t.Fatal(err)
				}
				body, _ := io.ReadAll(resp.Body)
				if i == 1 && string(body) != "second" {
					t.Errorf("the second request got %d %q", resp.StatusCode, body)
				}
				if i == 0 {
					close(s.seen)
					<-arrived
					s.awaitUnasked(t)
				}
			}
		})
	}
}

// awaitUnasked waits until what the server has sent has reached the idle connections, or there
// are none.
func (s *scriptedServer) awaitUnasked(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) { // polling interval
		s.proxy.pool.mu.Lock()
		n := s.proxy.pool.idle
		pending := false
		for _, h := range s.proxy.pool.hosts {
			for _, c := range h.idle {
				p, known := c.dialed.Pending()
				pending = pending || p || !known
			}
		}
		s.proxy.pool.mu.Unlock()
		if n == 0 || pending {
			return
		}
	}
	t.Fatal("nothing has arrived")
}

// A server that only speaks HTTP/2 gets the exchange that has begun, in the same flow.
func TestH1Conn_anExchangeWithAnHTTP2ServerGoesOnAsOneFlow(t *testing.T) {
	b := newFixture(t, setup{h2: true}, echo)
	for range 2 {
		tc := b.openTLS(t, "http/1.1")
		_, _ = io.WriteString(tc, "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 2\r\n\r\nab")
		resp, err := http.ReadResponse(bufio.NewReader(tc), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(resp.Body); string(got) != "POST ab" {
			t.Errorf("got %q", got)
		}
		if n := b.ownConns(); n != 0 {
			t.Errorf("%d connections without net/http", n)
		}
	}
	fs := b.sink.finals(t, 2)
	if fs[0].ID == fs[1].ID || len(fs[0].Unused) != 1 || len(fs[1].Unused) != 0 || !fs[1].Reused || string(fs[0].Request.Body) != "ab" {
		t.Errorf("flows %+v and %+v", fs[0], fs[1])
	}
	b.sink.mu.Lock()
	defer b.sink.mu.Unlock()
	for _, f := range b.sink.revs {
		if f.ID != fs[0].ID && f.ID != fs[1].ID {
			t.Errorf("a third flow: %+v", f)
		}
	}
}

// An exchange that has begun has an end, even if nobody goes on with it.
func TestHTTPConn_CloseEndsAnExchangeThatNobodyAdopted(t *testing.T) {
	b := newFixture(t, setup{}, echo)
	h := &httpConn{Conn: b.dialRaw(t)}
	x := b.proxy.beginExchange(flow.Request{Method: "GET", URL: "https://example.com/"}, nil)
	x.client = t.Context()
	h.begun.Store(x)
	_ = h.Close()
	_ = h.Close()
	if f := b.sink.finals(t, 1)[0]; f.Failure == nil || f.Failure.Kind != flow.KindPending {
		t.Errorf("failure %+v", f.Failure)
	}
}

// An idle connection holds little.
func TestH1Conn_anIdleConnectionHoldsLittle(t *testing.T) {
	const n = 100
	b := newFixture(t, setup{}, echo)
	before := heapInUse()
	for range n {
		tc := b.openTLS(t, "http/1.1")
		_, _ = io.WriteString(tc, "GET / HTTP/1.1\r\nHost: example.com\r\nCookie: "+strings.Repeat("c", 6000)+"\r\n\r\n")
		head := make([]byte, 1024)
		if _, err := tc.Read(head); err != nil {
			t.Fatal(err)
		}
	}
	b.sink.finals(t, n)
	b.sink.mu.Lock()
	b.sink.revs = nil
	b.sink.mu.Unlock()
	each := (heapInUse() - before) / n
	t.Logf("%d bytes each, with the client's side", each)
	if each > 60<<10 {
		t.Errorf("%d bytes each", each)
	}
}

func TestServerConn_isSilent(t *testing.T) {
	s := newScriptedServer(t, false, func(p *peer) { p.waitSeen(); p.write("x"); p.drain() })
	c, err := s.proxy.dialTLS(t.Context(), "example.com:443", "http/1.1")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sc := newServerConn(c, 0)
	if !sc.isUsable() || !sc.isSilent(past) || !sc.isSilent(time.Now().Add(settleSession)) {
		t.Error("a new connection isn't usable")
	}
	close(s.seen)
	for deadline := time.Now().Add(time.Minute); ; {
		pending, known := sc.dialed.Pending()
		if pending || !known {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing is pending")
		}
	}
	if sc.isUsable() {
		t.Error("a connection with an unread byte is usable")
	}
	_ = c.Close()
	if sc.isUsable() {
		t.Error("a closed connection is usable")
	}
}
