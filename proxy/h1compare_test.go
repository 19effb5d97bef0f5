package proxy

import (
	"bufio"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"detour/internal/flow"
	"detour/internal/fulltest"
)

// A dialogue is a request, and what the server sends in response, piece by piece.
type dialogue struct {
	method, fields, body string
	pieces               []string
	closes               bool // the server closes the connection after them
}

func randomDialogue(r *rand.Rand) (d dialogue) {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	d.method = pick("GET", "GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS")
	if d.method == "POST" || d.method == "PUT" {
		d.body = strings.Repeat("b", r.IntN(3)*r.IntN(3000))
		d.fields = fmt.Sprintf("Content-Length: %d\r\n", len(d.body))
	}
	d.fields += pick("", "", "X-A: 1\r\nx-a: 2\r\n", "Keep-Alive: 5\r\n", "Proxy-Authorization: x\r\n", "Cookie: "+strings.Repeat("c", 300)+"\r\n")
	var b strings.Builder
	for range r.IntN(3) {
		b.WriteString(pick("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n", ""))
	}
	code := pick("200 OK", "200 OK", "200 OK", "204 No Content", "304 Not Modified", "403 No", "500 ", "099 Odd", "101 Switching Protocols", "20 OK")
	version := pick("HTTP/1.1 ", "HTTP/1.1 ", "HTTP/1.1 ", "HTTP/1.0 ")
	b.WriteString(version + code + "\r\n")
	b.WriteString(pick("", "X-B: 1\r\n", "Connection: close\r\n", "Connection: X-C\r\nX-C: 1\r\n", "Server: a\r\n b\r\n", "Set-Cookie: a\r\nset-cookie: b\r\n"))
	body := strings.Repeat("0123456789", r.IntN(4)*r.IntN(4)*r.IntN(600))
	switch kind := r.IntN(5); {
	case kind == 0:
		b.WriteString("\r\n" + body)
		d.closes = true
	case kind < 3 || version == "HTTP/1.0 ":
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	default:
		b.WriteString(pick("", "", "Trailer: X-Sum\r\n", "Content-Length: 3\r\n", "Trailer: X-Sum,Content-Length\r\n") + "Transfer-Encoding: chunked\r\n\r\n")
		for body != "" {
			n := 1 + r.IntN(len(body))
			fmt.Fprintf(&b, "%x%s\r\n%s\r\n", n, pick("", ";ext"), body[:n])
			body = body[n:]
		}
		b.WriteString("0\r\n" + pick("", "", "X-Sum: 1\r\n") + "\r\n")
	}
	all := b.String()
	if r.IntN(4) == 0 { // torn
		all = all[:r.IntN(len(all))]
		d.closes = true
	}
	for all != "" {
		n := 1 + r.IntN(len(all))
		d.pieces = append(d.pieces, all[:n])
		all = all[n:]
	}
	return d
}

// An account is what client, server and flow have seen of a dialogue.
type account struct {
	Request, Response, Body string
	Torn                    bool
	Trailer                 http.Header
	Flow                    string
}

// tell plays a dialogue, with connection as the client's Connection field.
func (d *dialogue) tell(t *testing.T, connection string) (a account) {
	t.Helper()
	saw := make(chan string, 4)
	s := newScriptedServer(t, false, func(p *peer) {
		r := p.request()
		if r == nil {
			return
		}
		body, _ := io.ReadAll(r.Body)
		r.Header.Del("Content-Length") // net/http adds one of 0
		saw <- fmt.Sprint(r.Method, r.RequestURI, r.Host, sorted(r.Header), digest(body))
		for _, piece := range d.pieces {
			p.write(piece)
		}
		if !d.closes {
			p.drain()
		}
	})
	tc := s.openTLS(t, "http/1.1")
	_, _ = fmt.Fprintf(tc, "%s /a%%2Fb?c HTTP/1.1\r\nHost: example.com\r\nConnection: %s\r\n%s\r\n%s", d.method, connection, d.fields, d.body)
	br := bufio.NewReader(tc)
	resp, err := http.ReadResponse(br, &http.Request{Method: d.method})
	for err == nil && resp.StatusCode == http.StatusEarlyHints {
		a.Response += fmt.Sprint(resp.Status, sorted(resp.Header))
		resp, err = http.ReadResponse(br, &http.Request{Method: d.method})
	}
	if err != nil {
		t.Fatalf("%q: %v", d.pieces, err)
	}
	body, err := io.ReadAll(resp.Body)
	a.Body, a.Torn, a.Trailer = digest(body), err != nil, resp.Trailer
	if a.Torn { // how much is flushed before is up to net/http
		a.Body = ""
	}
	resp.Header.Del("Date")
	if resp.StatusCode == http.StatusNotModified {
		resp.Header.Del("Content-Type")
	}
	if resp.Header.Get("Proxy-Status") != "" { // the text names times and parsers
		a.Body, resp.TransferEncoding = "", nil
		resp.Header.Del("Content-Length")
	}
	a.Response += fmt.Sprint(resp.Status, sorted(resp.Header), resp.TransferEncoding, resp.Close)
	a.Request = <-saw
	f := s.sink.finals(t, 1)[0]
	stage := flow.Stage("")
	if f.Failure != nil {
		stage = f.Failure.Stage
		if stage == flow.StageSend { // net/http may have the response before it has noted that it sent the request
			stage = flow.StageWait
		}
	}
	a.Flow = fmt.Sprint(f.Request.Method, f.Request.URL, f.Request.BodySize, digest(f.Request.Body), f.Request.BodyTruncated, stage, f.Reused, len(f.Unused))
	if r := f.Response; r != nil {
		a.Flow += fmt.Sprint(r.Status, r.Proto, r.BodySize, digest(r.Body), r.BodyTruncated)
	}
	if own := s.ownConns() == 1; own != (connection == "keep-alive") && !a.Torn {
		t.Errorf("served without net/http: %v", own)
	}
	return a
}

// digest stands for a body.
func digest(b []byte) string { return fmt.Sprintf("%d bytes, %08x", len(b), crc32.ChecksumIEEE(b)) }

func sorted(h http.Header) (out []string) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		out = append(out, fmt.Sprint(name, h[name]))
	}
	return out
}

// An exchange is the same whether net/http serves it or not.
func TestH1Conn_anExchangeIsThatOfNetHTTP(t *testing.T) {
	seed := rand.Uint64()
	for i := range fulltest.Or(30, 2000) {
		d := randomDialogue(rand.New(rand.NewPCG(seed, uint64(i))))
		t.Run(fmt.Sprintf("seed %d, %d", seed, i), func(t *testing.T) {
			own, std := d.tell(t, "keep-alive"), d.tell(t, "keep-alive, keep-alive")
			if fmt.Sprint(own) != fmt.Sprint(std) {
				t.Errorf("%s %q %.300q\n  own:      %+v\n  net/http: %+v", d.method, d.fields, d.pieces, own, std)
			}
		})
	}
}
