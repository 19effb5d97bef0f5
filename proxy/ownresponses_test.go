package proxy

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// TestProxy_itsOwnResponsesLeaveNoBodyBehind: the proxy itself responds, to requests that
// aren't forwarded and to invalid ones, and the body that came with them never becomes a
// request.
func TestProxy_itsOwnResponsesLeaveNoBodyBehind(t *testing.T) {
	for name, v := range map[string]struct {
		head    string // what the client sends first; a body that looks like requests follows
		tunnel  bool   // in a decrypted CONNECT
		status  int
		chunked string // the first chunk's size, as the client sends it; "": Content-Length
		flows   int
	}{
		"the landing page": {head: "POST /ca.pem HTTP/1.1\r\nHost: 127.0.0.1\r\n", status: 404},
		"the landing page, chunked": {
			head: "POST /ca.pem HTTP/1.1\r\nHost: 127.0.0.1\r\n", status: 404, chunked: "ok",
		},
		"a request for another host": {
			head: "POST / HTTP/1.1\r\nHost: other.example.com\r\n", tunnel: true, status: 421,
		},
		"a request without a host": {head: "POST http:///first HTTP/1.1\r\nHost: x\r\n", status: 502, flows: 1},
		"a malformed chunk":        {head: "POST http://example.com/first HTTP/1.1\r\nHost: x\r\n", status: 502, chunked: "zz", flows: 1},
		"a malformed chunk, decrypted": {
			head: "POST /first HTTP/1.1\r\nHost: example.com\r\n", tunnel: true, status: 502, chunked: "zz", flows: 1,
		},
		"a malformed chunk, in a loop":   {head: "POST http://SELF/first HTTP/1.1\r\nHost: x\r\n", status: 508, chunked: "zz", flows: 1},
		"a malformed chunk, to the page": {head: "POST /ca.pem HTTP/1.1\r\nHost: 127.0.0.1\r\n", status: 404, chunked: "zz"},
		"two lengths":                    {head: "POST http://example.com/first HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n", status: 400},
		"a length and chunks": {
			head: "POST http://example.com/first HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n", status: 502, chunked: "zz", flows: 1,
		},
		"an unknown transfer coding": {head: "POST http://example.com/first HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n", status: 501},
		"an unknown expectation":     {head: "POST http://example.com/first HTTP/1.1\r\nHost: x\r\nExpect: what\r\n", status: 417},
		"an invalid header field":    {head: "POST http://example.com/first HTTP/1.1\r\nHost: x\r\nA B: c\r\n", status: 400},
		"an invalid CONNECT":         {head: "CONNECT /nothing HTTP/1.1\r\nHost: x\r\n", status: 502, flows: 1},
	} {
		for _, size := range []int{20 << 10, 1 << 20} {
			t.Run(fmt.Sprintf("%s, %d KiB", name, size>>10), func(t *testing.T) {
				t.Parallel()
				b := newFixture(t, setup{plain: !v.tunnel, resolver: func(host string) *flow.Resolution {
					return &flow.Resolution{Name: host, Outcome: flow.DNSNXDomain, Source: flow.SourceDNS}
				}}, http.NotFoundHandler())
				c, err := net.Dial("tcp", b.addr)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if v.tunnel {
					c = b.openTLS(t, "http/1.1")
				}
				_ = c.SetDeadline(time.Now().Add(time.Minute))
				go func() {
					const line = "GET http://example.com/smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n"
					body := strings.Repeat(line, size/len(line))
					head := strings.ReplaceAll(v.head, "SELF", b.addr)
					switch v.chunked {
					case "":
						head += fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body))
					case "ok":
						head += fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n", len(body))
						body += "\r\n0\r\n\r\n"
					default:
						head += "Transfer-Encoding: chunked\r\n\r\n" + v.chunked + "\r\n"
					}
					_, _ = io.WriteString(c, head+body)
				}()
				r := bufio.NewReader(c)
				resp, err := http.ReadResponse(r, nil)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if resp.StatusCode != v.status {
					t.Errorf("status %d, want %d", resp.StatusCode, v.status)
				}
				if !resp.Close { // the body was read to its end
					return
				}
				if rest, _ := io.ReadAll(r); len(rest) > 0 {
					t.Errorf("after the response comes %.80q", rest)
				}
				if got := b.sink.finals(t, v.flows); len(got) != v.flows {
					t.Errorf("%d flows, want %d", len(got), v.flows)
				}
			})
		}
	}
}

// TestProxy_shutdownDuringAnUploadServesNothingElse: what is left of the body isn't read
// as requests while the proxy stops.
func TestProxy_shutdownDuringAnUploadServesNothingElse(t *testing.T) {
	for _, https := range []bool{false, true} {
		b := newFixture(t, setup{connect: dropSYNs, plain: !https}, http.NotFoundHandler())
		c, err := net.Dial("tcp", b.addr)
		if err != nil {
			t.Fatal(err)
		}
		target := "http://example.com"
		if https {
			c, target = b.openTLS(t, "http/1.1"), ""
		}
		go uploadForm{size: 300 << 10, pipelined: true}.send(c, target, "example.com")
		b.sink.wait(t, 1, func(f flow.Flow) bool { return f.State == flow.StateConnecting })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		begin := time.Now()
		_ = b.proxy.Shutdown(ctx)
		cancel()
		if took := time.Since(begin); took > atOnce {
			t.Errorf("the shutdown took %v", took)
		}
		_ = c.Close()
		if fs := b.sink.finals(t, 1); len(fs) != 1 || !strings.HasSuffix(fs[0].Request.URL, "/first") {
			t.Errorf("flows %+v", fs)
		}
	}
}

// TestExchange_aClientThatLeavesWithinItsBodyIsOneRow: by closing its connection, or its
// writing side alone.
func TestExchange_aClientThatLeavesWithinItsBodyIsOneRow(t *testing.T) {
	for _, chunked := range []bool{false, true} {
		for how, leave := range map[string]func(*net.TCPConn){
			"a close": func(c *net.TCPConn) { _ = c.Close() },
			"a reset": func(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() },
			"a FIN":   func(c *net.TCPConn) { _ = c.CloseWrite() },
		} {
			t.Run(fmt.Sprintf("%s, chunked %v", how, chunked), func(t *testing.T) {
				b := newFixture(t, setup{plain: true}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					_, _ = io.WriteString(w, "all of it?")
				}))
				c, err := net.Dial("tcp", b.addr)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				head := "POST http://example.com/first HTTP/1.1\r\nHost: example.com\r\nContent-Length: 100000\r\n\r\n"
				if chunked {
					head = "POST http://example.com/first HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n"
				}
				line := "GET http://example.com/smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n"
				_, _ = io.WriteString(c, head+strings.Repeat(line, 500))
				leave(c.(*net.TCPConn))
				fs := b.sink.finals(t, 1)
				if len(fs) != 1 || fs[0].Failure == nil || fs[0].Failure.Stage != flow.StageClient {
					t.Errorf("flows %+v, failure %+v", fs, fs[0].Failure)
				}
			})
		}
	}
}
