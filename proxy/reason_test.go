package proxy

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// The status line reaches an HTTP/1.1 client as the server wrote it, on each response of
// the connection.
func TestReason_passesAsTheServerWroteIt(t *testing.T) {
	lines := []string{
		"HTTP/1.1 418 I am a teapot", "HTTP/1.1 200 OK", "HTTP/1.1 200 ", "HTTP/1.1 499 Client Closed Request", "HTTP/1.1 499 ",
		"HTTP/1.1 200 Très bien", "HTTP/1.1 404 Nothing " + strings.Repeat("x", 5000), "HTTP/1.1 599 status code 599", "HTTP/1.1 503 Slow Down",
	}
	for _, https := range []bool{false, true} {
		var n atomic.Int32
		b := newFixture(t, setup{plain: !https}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			defer c.Close()
			line := lines[n.Add(1)-1]
			_, _ = io.WriteString(c, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"+line+"\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
		}))
		c, target := b.dialRaw(t), "http://example.com"
		if https {
			c, target = b.openTLS(t, "http/1.1"), ""
		}
		r := bufio.NewReader(c)
		for _, want := range lines {
			_, _ = fmt.Fprintf(c, "GET %s/ HTTP/1.1\r\nHost: example.com\r\n\r\n", target)
			if got := rawStatus(t, r); got != "HTTP/1.1 103 Early Hints" {
				t.Errorf("the interim response is %q", got)
			}
			if got := rawStatus(t, r); got != want {
				t.Errorf("the client got %.100q, want %.100q", got, want)
			}
			body := make([]byte, 2)
			if _, err := io.ReadFull(r, body); err != nil || string(body) != "ok" {
				t.Fatalf("body %q, %v", body, err)
			}
		}
	}
}

// rawStatus reads a head and returns its status line without the line's end.
func rawStatus(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	first := ""
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line = strings.TrimSuffix(line, "\r\n"); line == "" {
			return first
		}
		if first == "" {
			first = line
		}
	}
}

func TestReason_isNotWhatCouldBreakTheHead(t *testing.T) {
	for _, status := range []string{"200 a\rb", "200 a\x00b", "200 OK"} {
		if phrase, ok := reasonPhrase(&http.Response{ProtoMajor: 1, StatusCode: 200, Status: status}); ok {
			t.Errorf("%q: %q passes", status, phrase)
		}
	}
}
