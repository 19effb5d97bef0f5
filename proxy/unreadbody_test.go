package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/certs"
	"detour/internal/dial"
	"detour/internal/errno"
	"detour/internal/flow"
)

// An earlyEnd is a way in which an HTTP/1.1 request ends before its body was read.
type earlyEnd struct {
	setup   func(t *testing.T) setup
	handler http.HandlerFunc // of the server; nil: no request should reach it
	status  int
	url     string // scheme and authority; "": http://example.com
	https   bool   // with decryption only: the failure is one of TLS or CONNECT
	plain   bool   // without decryption only
	torn    bool   // the client's response is cut off, possibly before its head
}

func fixed(s setup) func(*testing.T) setup { return func(*testing.T) setup { return s } }

// hijacking returns a handler that reads n bytes of the body and takes the connection.
func hijacking(n int64, end func(net.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.CopyN(io.Discard, r.Body, n)
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		if end != nil {
			end(c)
		}
		_ = c.Close()
	}
}

// says returns a handler that sends raw bytes instead of reading the body, and lingers.
func says(response string) http.HandlerFunc {
	return hijacking(0, func(c net.Conn) {
		_, _ = io.WriteString(c, response)
		if tc, ok := c.(interface{ CloseWrite() error }); ok && strings.Contains(response, "Connection: close") {
			_ = tc.CloseWrite()
		}
		_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		_, _ = io.Copy(io.Discard, c)
	})
}

func reset(c net.Conn) {
	if tc, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = tc.NetConn()
	}
	_ = c.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
}

// viaProxy returns a setup whose upstream proxy handles every request with h.
func viaProxy(h http.HandlerFunc) func(*testing.T) setup {
	return func(t *testing.T) setup {
		t.Helper()
		corporate := httptest.NewServer(h)
		t.Cleanup(corporate.Close)
		return setup{via: "http://corp:3128", connect: connectTo(corporate.Listener.Addr().String())}
	}
}

func earlyEnds() map[string]earlyEnd {
	refuse := func(context.Context, netip.AddrPort, dial.Observe) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: errno.ConnRefused}
	}
	dns := func(o flow.DNSOutcome) func(*testing.T) setup {
		return fixed(setup{resolver: func(host string) *flow.Resolution {
			return &flow.Resolution{Name: host, Outcome: o, Source: flow.SourceDNS}
		}})
	}
	none := fixed(setup{})
	proxyRefuses := func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) }
	return map[string]earlyEnd{
		"nxdomain":     {setup: dns(flow.DNSNXDomain), status: 502},
		"servfail":     {setup: dns(flow.DNSServFail), status: 502},
		"dns timeout":  {setup: dns(flow.DNSTimeout), status: 504},
		"refused":      {setup: fixed(setup{connect: refuse}), status: 502},
		"dropped SYNs": {setup: fixed(setup{connect: dropSYNs, timeout: 80 * time.Millisecond}), status: 504},
		"the server doesn't speak TLS": {https: true, status: 502, setup: func(t *testing.T) setup {
			t.Helper()
			s := httptest.NewServer(http.NotFoundHandler())
			t.Cleanup(s.Close)
			return setup{connect: connectTo(s.Listener.Addr().String())}
		}},
		"an untrusted certificate": {https: true, status: 502, setup: func(t *testing.T) setup {
			t.Helper()
			ca := authority(t, "example.com")
			return setup{connect: connectTo(serveTLS(t, ca))}
		}},
		"the server closes":                  {setup: none, handler: hijacking(0, nil), status: 502},
		"the server closes in the upload":    {setup: none, handler: hijacking(10<<10, nil), status: 502},
		"the server resets":                  {setup: none, handler: hijacking(0, reset), status: 502},
		"the server resets in the upload":    {setup: none, handler: hijacking(10<<10, reset), status: 502},
		"the server speaks another protocol": {setup: none, handler: says("SSH-2.0-OpenSSH_9.2\r\n"), status: 502},
		"an early 200 with a length":         {setup: none, handler: says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), status: 200},
		"an early 200 in chunks": {
			setup: none, handler: says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), status: 200,
		},
		"an early 200 that ends with the connection": {
			setup: none, handler: says("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok"), status: 200,
		},
		"an early 302": {setup: none, handler: says("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"), status: 302},
		"an early 403": {setup: none, handler: says("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"), status: 403},
		"an early 413 that closes": {
			setup: none, handler: says("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"), status: 413,
		},
		"an early 204": {setup: none, handler: says("HTTP/1.1 204 No Content\r\n\r\n"), status: 204},
		"a torn response": {
			setup: none, handler: says("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nok"), status: 200, torn: true,
		},
		"the upstream proxy refuses": {setup: viaProxy(proxyRefuses), https: true, status: 502},
		"the upstream proxy closes":  {setup: viaProxy(hijacking(0, nil)), status: 502},
		"the upstream proxy resets":  {setup: viaProxy(hijacking(0, reset)), status: 502},
		"the upstream proxy responds in the upload": {
			setup: viaProxy(says("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno")), plain: true, status: 407,
		},
		"the upstream proxy is down": {setup: fixed(setup{via: "http://corp:3128", connect: refuse}), status: 502},
		"an HTTP/2 server that resets the stream": {
			setup: fixed(setup{h2: true}), https: true, status: 502,
			handler: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		},
		"an HTTP/2 server that responds early": {
			setup: fixed(setup{h2: true}), https: true, status: 403,
			handler: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) },
		},
		"a loop": {setup: none, plain: true, status: 508, url: "self"},
	}
}

// serveTLS runs a TLS server with a leaf that ca signed, and returns its address.
func serveTLS(t *testing.T, ca *certs.CA) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = &tls.Config{GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) { return ca.Leaf(h.ServerName) }}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// An uploadForm is how a client sends a request with a body.
type uploadForm struct {
	size      int
	chunked   bool
	pipelined bool // the next request is in the same write
	expect    bool // the client waits for 100 (Continue), but at most a moment
}

func (u uploadForm) String() string {
	s := fmt.Sprintf("%d KiB", u.size>>10)
	for word, on := range map[string]bool{"chunked": u.chunked, "pipelined": u.pipelined, "Expect": u.expect} {
		if on {
			s += ", " + word
		}
	}
	return s
}

var uploadForms = []uploadForm{
	{size: 20 << 10},
	{size: 66000},
	{size: 1 << 20},
	{size: 100 << 10, chunked: true},
	{size: 20 << 10, pipelined: true},
	{size: 300 << 10, pipelined: true},
	{size: 100 << 10, chunked: true, pipelined: true},
	{size: 20 << 10, expect: true},
}

// TestExchange_anUnreadBodyIsNeverARequest: whatever is left of a body when an HTTP/1.1
// request ends early, the connection ends with it (RFC 9112, 9.3). Otherwise the client's
// next request gets the response to what the body had at that place.
func TestExchange_anUnreadBodyIsNeverARequest(t *testing.T) {
	for name, e := range earlyEnds() {
		for _, form := range uploadForms {
			for _, https := range []bool{false, true} {
				if e.https && !https || e.plain && https {
					continue
				}
				over := map[bool]string{false: "plain", true: "decrypted"}[https]
				t.Run(fmt.Sprintf("%s, %s, %s", name, form, over), func(t *testing.T) {
					t.Parallel()
					e.test(t, form, https)
				})
			}
		}
	}
}

func (e *earlyEnd) test(t *testing.T, form uploadForm, https bool) {
	s := e.setup(t)
	s.plain = !https
	handler := func(w http.ResponseWriter, r *http.Request) {
		if e.handler == nil {
			t.Errorf("the server got %s %s", r.Method, r.URL)
			return
		}
		e.handler(w, r)
	}
	b := newFixture(t, s, http.HandlerFunc(handler))
	base := "http://example.com"
	var c net.Conn
	switch {
	case https:
		base = "https://example.com"
		c = b.openTLS(t, "http/1.1")
	default:
		if e.url == "self" {
			base = "http://" + b.addr
		}
		var err error
		if c, err = net.Dial("tcp", b.addr); err != nil {
			t.Fatal(err)
		}
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	target := base
	if https {
		target = ""
	}
	uploaded := make(chan struct{})
	go func() {
		defer close(uploaded)
		form.send(c, target, strings.TrimPrefix(strings.TrimPrefix(base, "http://"), "https://"))
	}()
	r := bufio.NewReader(c)
	ends := e.readResponse(t, r, base+"/first")
	want := []string{base + "/first"}
	if !ends { // the body was read to its end
		<-uploaded
		if !form.pipelined {
			_, _ = io.WriteString(c, secondRequest(target, "example.com"))
		}
		e.readResponse(t, r, base+"/second")
		want = append(want, base+"/second")
	}
	if rest, _ := io.ReadAll(r); len(rest) > 0 {
		t.Errorf("after the last response comes %.80q", rest)
	}
	var got []string
	for _, f := range b.sink.finals(t, len(want)) {
		got = append(got, f.Request.URL)
		if e.status >= 500 && f.Failure == nil {
			t.Errorf("%s has no failure", f.Request.URL)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("flows %.200q, want %q", got, want)
	}
}

// readResponse reads the response to url and reports whether the connection ends after
// it.
func (e *earlyEnd) readResponse(t *testing.T, r *bufio.Reader, url string) (ends bool) {
	t.Helper()
	resp, err := http.ReadResponse(r, nil)
	for err == nil && resp.StatusCode == http.StatusContinue {
		resp, err = http.ReadResponse(r, nil)
	}
	if err != nil && e.torn {
		return true
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != e.status {
		t.Errorf("%s: status %d, want %d", url, resp.StatusCode, e.status)
	}
	if ps := resp.Header.Get("Proxy-Status"); ps != "" && !strings.Contains(string(text), "no response from "+url+"\n") {
		t.Errorf("the response to %s: %.80q", url, text)
	}
	if (err != nil) != e.torn {
		t.Errorf("%s: the response ends with %v", url, err)
	}
	return resp.Close || err != nil
}

func secondRequest(target, host string) string {
	return "GET " + target + "/second HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"
}

// send sends a request with a body that looks like requests, whole or until the other
// side ends the connection.
func (u uploadForm) send(c net.Conn, target, host string) {
	line := "GET " + target + "/smuggled HTTP/1.1\r\nHost: " + host + "\r\n\r\n"
	body := strings.Repeat(line, u.size/len(line)+1)[:u.size]
	head := "POST " + target + "/first HTTP/1.1\r\nHost: " + host + "\r\n"
	if u.expect {
		head += "Expect: 100-continue\r\n"
	}
	if u.chunked {
		head += "Transfer-Encoding: chunked\r\n\r\n"
		body = fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", u.size, body)
	} else {
		head += fmt.Sprintf("Content-Length: %d\r\n\r\n", u.size)
	}
	if u.pipelined {
		body += secondRequest(target, host)
	}
	if u.expect {
		_, _ = io.WriteString(c, head)
		time.Sleep(20 * time.Millisecond) // as a client that doesn't wait for the response
		head = ""
	}
	_, _ = io.WriteString(c, head+body)
}

// TestRequestBody_isSentAgainAfterItWasClosedUnread: a connection that was idle may turn
// out to be closed before the transport reads from the body.
func TestRequestBody_isSentAgainAfterItWasClosedUnread(t *testing.T) {
	b := &requestBody{
		ReadCloser: io.NopCloser(strings.NewReader("body")), x: &exchange{p: &Proxy{}, w: httptest.NewRecorder(), client: t.Context()},
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
