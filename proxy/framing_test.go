package proxy

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// Without a Content-Length that the server sent, a browser shows no progress and an SDK
// can't check the length.
func TestFraming_ofAResponseIsPreserved(t *testing.T) {
	for name, v := range map[string]struct {
		method, response string
		chunked          bool
		length           string // Content-Length; "": none
	}{
		"a length":           {"GET", okHead + "Content-Length: 5\r\n\r\nhello", false, "5"},
		"a length of a MiB":  {"GET", okHead + "Content-Length: 1048576\r\n\r\n" + strings.Repeat("x", 1<<20), false, "1048576"},
		"no body":            {"GET", okHead + "Content-Length: 0\r\n\r\n", false, "0"},
		"chunks":             {"GET", okHead + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true, ""},
		"no chunks":          {"GET", okHead + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true, ""},
		"HEAD with a length": {"HEAD", okHead + "Content-Length: 1234\r\n\r\n", false, "1234"},
		"HEAD without":       {"HEAD", okHead + "\r\n", false, ""},
		"204":                {"GET", "HTTP/1.1 204 No Content\r\n\r\n", false, ""},
		// net/http reduces a 304 to what RFC 9110, 15.4.5, requires.
		"304 with a length":   {"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nETag: \"x\"\r\n\r\n", false, ""},
		"304 without":         {"GET", "HTTP/1.1 304 Not Modified\r\n\r\n", false, ""},
		"an error, a length":  {"GET", "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", false, "2"},
		"a response to a PUT": {"PUT", okHead + "Content-Length: 0\r\n\r\n", false, "0"},
		"compressed":          {"GET", okHead + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\n\x1f\x8b\x08\x00\x00", false, "5"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScriptedServer(t, false, func(p *peer) {
				for p.request() != nil {
					p.write(v.response)
				}
			})
			tc := s.openTLS(t, "http/1.1")
			br := bufio.NewReader(tc)
			for range 2 { // the second proves that the first ended where its framing says
				fmt.Fprintf(tc, "%s / HTTP/1.1\r\nHost: example.com\r\n\r\n", v.method)
				head := ""
				for !strings.HasSuffix(head, "\r\n\r\n") {
					line, err := br.ReadString('\n')
					if head += line; err != nil {
						t.Fatalf("%q: %v", head, err)
					}
				}
				whole := bufio.NewReader(io.MultiReader(strings.NewReader(head), br))
				resp, err := http.ReadResponse(whole, &http.Request{Method: v.method})
				if err != nil {
					t.Fatal(err)
				}
				chunked := strings.Contains(head, "Transfer-Encoding: chunked\r\n")
				if got := resp.Header.Get("Content-Length"); got != v.length || chunked != v.chunked {
					t.Errorf("Content-Length %q, chunked %v; want %q, %v in\n%s", got, chunked, v.length, v.chunked, head)
				}
				_, body, _ := strings.Cut(v.response, "\r\n\r\n")
				if v.chunked {
					body = strings.TrimSuffix(body, "0\r\n\r\n")
				}
				rest := br
				if v.chunked { // the bytes on the wire: the same chunks
					body += "0\r\n\r\n"
				}
				got := make([]byte, len(body))
				if _, err := io.ReadFull(rest, got); err != nil || string(got) != body {
					t.Errorf("%d bytes of the body: %v", len(got), err)
				}
			}
			for _, f := range s.sink.finals(t, 2) {
				if f.Failure != nil {
					t.Errorf("failure %+v", f.Failure)
				}
			}
			if n := s.conns.Load(); n != 1 {
				t.Errorf("%d connections to the server, want 1", n)
			}
		})
	}
}

// S3 rejects a PUT with chunked coding.
func TestFraming_ofARequestIsPreserved(t *testing.T) {
	for name, v := range map[string]struct {
		head, body string
		want       string // the field that the server sees
		not        string
	}{
		"a length": {"PUT / HTTP/1.1\r\nContent-Length: 5\r\n", "hello", "Content-Length: 5\r\n", "Transfer-Encoding"},
		"chunks": {
			"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n",
			"Transfer-Encoding: chunked\r\n", "Content-Length",
		},
		"an empty PUT":  {"PUT / HTTP/1.1\r\nContent-Length: 0\r\n", "", "Content-Length: 0\r\n", "Transfer-Encoding"},
		"an empty POST": {"POST / HTTP/1.1\r\nContent-Length: 0\r\n", "", "Content-Length: 0\r\n", "Transfer-Encoding"},
		"a GET":         {"GET / HTTP/1.1\r\n", "", "GET / HTTP/1.1\r\n", "Content-Length"},
		"a DELETE":      {"DELETE / HTTP/1.1\r\n", "", "DELETE / HTTP/1.1\r\n", "Content-Length"},
		"a GET, a body": {"GET / HTTP/1.1\r\nContent-Length: 5\r\n", "hello", "Content-Length: 5\r\n", "Transfer-Encoding"},
	} {
		t.Run(name, func(t *testing.T) {
			saw := make(chan string, 1)
			s := newScriptedServer(t, false, func(p *peer) {
				head := ""
				for !strings.HasSuffix(head, "\r\n\r\n") {
					line, err := p.br.ReadString('\n')
					if head += line; err != nil {
						return
					}
				}
				body := make([]byte, len(v.body))
				_, _ = io.ReadFull(p.br, body)
				saw <- head + string(body)
				p.answer("ok")
				p.drain()
			})
			tc := s.openTLS(t, "http/1.1")
			_, _ = io.WriteString(tc, v.head+"Host: example.com\r\n\r\n"+v.body)
			status(t, bufio.NewReader(tc))
			head, body, _ := strings.Cut(<-saw, "\r\n\r\n")
			if head += "\r\n"; !strings.Contains(head, v.want) || strings.Contains(head, v.not) || body != v.body {
				t.Errorf("the server saw\n%s\n%q; want %q, not %q, and %q", head, body, v.want, v.not, v.body)
			}
		})
	}
}

func TestTrailers_ofARequestAreForwarded(t *testing.T) {
	matrix(t, func(t *testing.T, client, server bool) {
		b := newFixture(t, setup{h2: server}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			_, _ = io.WriteString(w, string(body)+r.Trailer.Get("X-Sum"))
		}))
		req, _ := http.NewRequestWithContext(t.Context(), "POST", "https://example.com/", io.MultiReader(strings.NewReader("body")))
		req.Trailer = http.Header{"X-Sum": {"42"}}
		resp, err := b.client(t, client).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if got, _ := io.ReadAll(resp.Body); string(got) != "body42" {
			t.Errorf("the server saw %q", got)
		}
	})
}

// Without full duplex, net/http reads an upload to its end, or closes the connection,
// before it writes a response.
func TestFullDuplex_forwardsAResponseDuringTheUpload(t *testing.T) {
	for _, scheme := range []string{"https", "http"} {
		for _, client := range []bool{false, true} {
			b := newFixture(t, setup{plain: scheme == "http"}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = http.NewResponseController(w).EnableFullDuplex()
				_, _ = io.Copy(flusher{w}, r.Body)
			}))
			r, w := net.Pipe() // unbuffered: each byte must be echoed before the next is sent
			req, _ := http.NewRequestWithContext(t.Context(), "POST", scheme+"://example.com/", struct{ io.Reader }{r})
			go func() { _, _ = w.Write([]byte{0}) }()
			resp, err := b.client(t, client).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = w.SetDeadline(time.Now().Add(time.Minute))
			one := make([]byte, 1)
			for i := range byte(100) {
				if _, err := io.ReadFull(resp.Body, one); err != nil || one[0] != i {
					t.Fatalf("%s: got %d, %v; want %d", scheme, one[0], err, i)
				}
				if _, err := w.Write([]byte{i + 1}); err != nil {
					t.Fatal(err)
				}
			}
			_ = w.Close()
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if f := b.sink.finals(t, 1)[0]; f.Failure != nil || f.Request.BodySize != 101 || f.Response.BodySize != 101 {
				t.Errorf("%s: failure %+v, %d and %d bytes", scheme, f.Failure, f.Request.BodySize, f.Response.BodySize)
			}
		}
	}
}

// flusher flushes after each write.
type flusher struct{ w http.ResponseWriter }

func (f flusher) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	_ = http.NewResponseController(f.w).Flush()
	return n, err
}

// A trailer can't say how a message is read, nor who sent it (RFC 9110, 6.5.1).
func TestTrailers_thatMayNotBeAreNotForwarded(t *testing.T) {
	trailer := "Content-Length: 1\r\nhost: a\r\nConnection: x\r\nTransfer-Encoding: chunked\r\nauthorization: a\r\nIf-Match: a\r\nx-SUM: 42\r\n"
	s := newScriptedServer(t, false, func(p *peer) {
		for r := p.request(); r != nil; r = p.request() {
			p.write(okHead + "Trailer: " + r.URL.Query().Get("announced") + "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n" + trailer + "\r\n")
		}
	})
	for announced, status := range map[string]int{
		"X-Sum": 200, "host": 200, "Content-Length": 502, "x,%20trailer": 502, "TRANSFER-encoding": 502,
	} {
		resp, err := s.client(t, false).Get("https://example.com/?announced=" + announced)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != status || err != nil {
			t.Errorf("%s: %d, %v, want %d", announced, resp.StatusCode, err, status)
		}
		if want := (http.Header{"X-Sum": {"42"}}); announced == "X-Sum" && !maps.EqualFunc(resp.Trailer, want, slices.Equal) {
			t.Errorf("trailer %v", resp.Trailer)
		}
	}
}
