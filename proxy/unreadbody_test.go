package proxy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"detour/internal/dial"
	"detour/internal/flow"
)

// TestExchange_anUnreadBodyIsNeverARequest: whatever is left of a body when an HTTP/1.1
// request ends early, the connection ends with it (RFC 9112, 9.3). Otherwise the client's
// next request gets the response to what the body had at that place.
func TestExchange_anUnreadBodyIsNeverARequest(t *testing.T) {
	refuse := func(context.Context, netip.AddrPort, dial.Observe) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	}
	nxdomain := func(host string) *flow.Resolution {
		return &flow.Resolution{Name: host, Outcome: flow.DNSNXDomain, Source: flow.SourceDNS}
	}
	reject := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		http.Error(w, "no", http.StatusForbidden)
	})
	hangUp := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for name, tc := range map[string]struct {
		setup   setup
		handler http.Handler
		status  int
	}{
		"nxdomain":                 {setup{plain: true, resolver: nxdomain}, reject, http.StatusBadGateway},
		"refused":                  {setup{plain: true, connect: refuse}, reject, http.StatusBadGateway},
		"the server hangs up":      {setup{plain: true}, hangUp, http.StatusBadGateway},
		"the server rejects early": {setup{plain: true}, reject, http.StatusForbidden},
	} {
		for _, size := range []int{20 << 10, 100 << 10, 2 << 20} {
			for _, chunked := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %d KiB, chunked %v", name, size>>10, chunked), func(t *testing.T) {
					t.Parallel()
					b := newFixture(t, tc.setup, tc.handler)
					c, err := net.Dial("tcp", b.addr)
					if err != nil {
						t.Fatal(err)
					}
					defer c.Close()
					uploaded := make(chan struct{})
					go func() {
						defer close(uploaded)
						upload(c, size, chunked)
					}()
					r := bufio.NewReader(c)
					resp, err := http.ReadResponse(r, nil)
					if err == nil {
						_, err = io.Copy(io.Discard, resp.Body)
					}
					switch {
					case err != nil && !errors.Is(err, syscall.ECONNRESET):
						t.Fatal(err)
					case err == nil && resp.StatusCode != tc.status:
						t.Errorf("status %d, want %d", resp.StatusCode, tc.status)
					}
					want := 1
					if err == nil && !resp.Close { // the body was read to its end
						<-uploaded
						_, _ = io.WriteString(c, "GET http://example.com/second HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n")
						second, err := http.ReadResponse(r, nil)
						if err != nil {
							t.Fatal(err)
						}
						if _, err := io.Copy(io.Discard, second.Body); err != nil || second.StatusCode != tc.status {
							t.Errorf("the second response: %d, %v", second.StatusCode, err)
						}
						want = 2
					}
					if rest, _ := io.ReadAll(r); len(rest) > 0 {
						t.Errorf("after the last response comes %.80q", rest)
					}
					finals := b.sink.finals(t, want)
					for _, f := range finals {
						if !strings.HasSuffix(f.Request.URL, "/first") && !strings.HasSuffix(f.Request.URL, "/second") {
							t.Fatalf("a request that nobody sent: %.80s %s", f.Request.Method, f.Request.URL)
						}
					}
					if len(finals) != want {
						t.Errorf("%d flows, want %d", len(finals), want)
					}
				})
			}
		}
	}
}

// TestRequestBody_isSentAgainAfterItWasClosedUnread: a connection that was idle may turn
// out to be closed before the transport reads from the body.
func TestRequestBody_isSentAgainAfterItWasClosedUnread(t *testing.T) {
	b := &requestBody{
		ReadCloser: io.NopCloser(strings.NewReader("body")), x: &exchange{w: httptest.NewRecorder(), client: t.Context()},
		length: 4, h1: true, record: true, unbind: func() {},
	}
	b.prefetch.progress.L = &b.mu
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := b.getBody()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(again); string(got) != "body" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// upload sends a request with a body that looks like requests, whole or until the other
// side ends the connection.
func upload(c net.Conn, size int, chunked bool) {
	const line = "GET http://example.com/smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n"
	body := strings.Repeat(line, size/len(line)+1)[:size]
	head := "POST http://example.com/first HTTP/1.1\r\nHost: example.com\r\n"
	if chunked {
		_, _ = fmt.Fprintf(c, "%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", head, size, body)
		return
	}
	_, _ = fmt.Fprintf(c, "%sContent-Length: %d\r\n\r\n%s", head, size, body)
}
