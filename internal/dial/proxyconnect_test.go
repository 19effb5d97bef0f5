package dial

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestParseProxy_parsesAsCurlDoesAndPrintsNoPassword(t *testing.T) {
	for in, want := range map[string]string{
		"proxy.corp:3128":               "http://proxy.corp:3128",
		"http://proxy.corp":             "http://proxy.corp:1080",
		"https://u:secret@proxy.corp/x": "https://proxy.corp:443",
		"socks5://10.0.0.1:1081":        "socks5://10.0.0.1:1081",
		"socks5h://[fd00::1]":           "socks5h://[fd00::1]:1080",
	} {
		p, err := ParseProxy(in)
		if err != nil || p.String() != want {
			t.Errorf("%s: %v, %v; want %s", in, p, err, want)
		}
		if strings.Contains(fmt.Sprintf("%v %s", p, p), "secret") {
			t.Error("the password is printed")
		}
	}
	for _, bad := range []string{"", "http://", "ftp://u:secret@h:1", "http://u:secret@h:1:2:3"} {
		if _, err := ParseProxy(bad); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// proxyDialer returns a Dialer that uses the proxy at url, reached at to, and a
// resolver that only knows the names of the proxy and of local.example.
func proxyDialer(t *testing.T, url string, to net.Addr) *Dialer {
	t.Helper()
	p, err := ParseProxy(url)
	if err != nil {
		t.Fatal(err)
	}
	return New(Config{
		Via: func(string, string) *Proxy { return p },
		Resolver: resolverFunc(func(host string) *flow.Resolution {
			r := &flow.Resolution{Name: host, Source: flow.SourceDNS, Outcome: flow.DNSNXDomain, Took: time.Millisecond}
			if host == "proxy.corp" || host == "local.example" {
				r.Outcome, r.Addrs = flow.DNSOK, []netip.Addr{netip.MustParseAddr("192.0.2.1")}
			}
			return r
		}),
		Connect: func(ctx context.Context, _ netip.AddrPort, _ Observe) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, to.Network(), to.String())
		},
		HandshakeTimeout: time.Minute,
	})
}

type resolverFunc func(string) *flow.Resolution

func (f resolverFunc) Resolve(_ context.Context, host string) *flow.Resolution { return f(host) }

// fakeProxy reads one CONNECT, writes response and then echoes. It sends what the
// CONNECT was for to requested.
func fakeProxy(t *testing.T, response string) (addr net.Addr, requested chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	requested = make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		br := bufio.NewReader(c)
		req, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		auth, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(req.Header.Get("Proxy-Authorization"), "Basic "))
		requested <- fmt.Sprintf("%s %s %s %s", req.Method, req.RequestURI, req.Host, auth)
		_, _ = io.WriteString(c, response)
		_, _ = io.Copy(c, br)
	}()
	return l.Addr(), requested
}

func TestDial_throughAProxyRecordsWhatTheProxyDid(t *testing.T) {
	addr, requested := fakeProxy(t, "HTTP/1.1 200 OK\r\nVia: corp\r\n\r\nearly")
	c, err := proxyDialer(t, "http://me:pw@proxy.corp:3128", addr).Dial(t.Context(), Request{Authority: "Logs.example:443"}) // it asks for no password
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := <-requested; got != "CONNECT Logs.example:443 Logs.example:443 " {
		t.Errorf("requested %q", got)
	}
	_, _ = io.WriteString(c, " late")
	got := make([]byte, 10)
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "early late" {
		t.Errorf("read %q, %v: bytes after the response belong to the server", got, err)
	}
	info := InfoOf(c)
	if info.UpstreamProxy != "proxy.corp:3128" || info.Via == nil || info.Via.Status != 200 || info.Via.Resolution.Name != "proxy.corp" {
		t.Errorf("proxy %q via %+v", info.UpstreamProxy, info.Via)
	}
	if r := info.Resolution; r == nil || r.Source != flow.SourceProxied || r.Name != "logs.example" || len(r.Addrs) != 0 {
		t.Errorf("resolution %+v, want the proxy's", r)
	}
	if w := info.Winner(); w == nil || w.Addr.String() != "192.0.2.1:3128" {
		t.Errorf("winner %+v, want the proxy's address", w)
	}
}

func TestDial_recordsAProxysRefusal(t *testing.T) {
	for name, tc := range map[string]struct{ response, want, body string }{
		"407": {
			"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n" +
				"Proxy-Authenticate: Basic realm=\"corp\"\r\nContent-Length: 6\r\n\r\nlog in",
			"407 Proxy Authentication Required; it accepts Negotiate or Basic", "log in",
		},
		"403 page that doesn't end": {
			"HTTP/1.1 403 Forbidden\r\n\r\n" + strings.Repeat("no", maxRefusalBody),
			"403 Forbidden", strings.Repeat("no", maxRefusalBody/2),
		},
		"502":                  {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "502 Bad Gateway", ""},
		"not HTTP":             {"SSH-2.0-x\r\n\r\n", "malformed HTTP", ""},
		"a header without end": {"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", maxResponseHead), "malformed MIME header", ""},
	} {
		t.Run(name, func(t *testing.T) {
			addr, _ := fakeProxy(t, tc.response)
			_, err := proxyDialer(t, "proxy.corp:3128", addr).Dial(t.Context(), Request{Authority: "logs.example:443", TLS: true})
			var de *Error
			if !errors.As(err, &de) || de.Stage != flow.StageUpstreamProxy || !strings.Contains(de.Error(), tc.want) {
				t.Fatalf("got %v, want %q of the upstream proxy", err, tc.want)
			}
			if v := de.Info.Via; v == nil || v.Body != tc.body || v.Err == "" {
				t.Errorf("recorded %+v", v)
			}
			if de.Info.Resolution != nil || de.Info.TLS != nil {
				t.Errorf("resolution %+v, TLS %+v of a server that was never reached", de.Info.Resolution, de.Info.TLS)
			}
		})
	}
}

func TestDial_aProxyThatDoesNotRespondTimesOut(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	d := proxyDialer(t, "proxy.corp:3128", l.Addr())
	d.cfg.HandshakeTimeout = time.Second
	_, err = d.Dial(t.Context(), Request{Authority: "logs.example:443"})
	if err == nil || !strings.Contains(err.Error(), "no response to CONNECT") || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestDial_aProxyThatCannotBeResolvedOrReached(t *testing.T) {
	addr := net.TCPAddrFromAddrPort(nobody(t))
	for _, url := range []string{"nowhere.corp:1", "proxy.corp:1"} {
		_, err := proxyDialer(t, url, addr).Dial(t.Context(), Request{Authority: "logs.example:443"})
		var de *Error
		if !errors.As(err, &de) || de.Stage != flow.StageUpstreamProxy || de.Info.UpstreamProxy != url || de.Info.Via.Resolution == nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestDial_throughAProxyThatSpeaksTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n"+r.Host)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the client that doesn't trust it
	s.StartTLS()
	defer s.Close()
	d := proxyDialer(t, "https://proxy.corp:443", s.Listener.Addr())
	_, err := d.Dial(t.Context(), Request{Authority: "logs.example:443"})
	if err == nil || !strings.Contains(err.Error(), "TLS: ") {
		t.Errorf("a proxy that isn't trusted: %v", err)
	}
	d.cfg.RootCAs = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	p, _ := ParseProxy("https://example.com:443") // the test server's name
	d.cfg.Via = func(string, string) *Proxy { return p }
	d.cfg.Resolver = resolverFunc(func(host string) *flow.Resolution {
		return &flow.Resolution{Name: host, Outcome: flow.DNSOK, Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}
	})
	c, err := d.Dial(t.Context(), Request{Authority: "logs.example:443"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, _ := io.ReadAll(c); string(got) != "logs.example:443" {
		t.Errorf("got %q", got)
	}
}

// socksServer answers one SOCKS 5 greeting and CONNECT with code. It sends the
// CONNECT's host to the channel.
func socksServer(t *testing.T, code byte) (net.Addr, chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	requested := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		b := make([]byte, 2)
		_, _ = io.ReadFull(c, b)
		_, _ = io.ReadFull(c, make([]byte, b[1]))
		_, _ = c.Write([]byte{5, 0})
		head := make([]byte, 4)
		_, _ = io.ReadFull(c, head)
		switch head[3] {
		case 1:
			ip := make([]byte, 4)
			_, _ = io.ReadFull(c, ip)
			requested <- net.IP(ip).String()
		case 3:
			n := make([]byte, 1)
			_, _ = io.ReadFull(c, n)
			name := make([]byte, n[0])
			_, _ = io.ReadFull(c, name)
			requested <- string(name)
		}
		_, _ = io.ReadFull(c, make([]byte, 2))
		_, _ = c.Write([]byte{5, code, 0, 1, 0, 0, 0, 0, 0, 0})
		_, _ = io.Copy(c, c)
	}()
	return l.Addr(), requested
}

func TestDial_socks5ResolvesHereAndSocks5hAtTheProxy(t *testing.T) {
	for scheme, want := range map[string]string{"socks5": "192.0.2.1", "socks5h": "local.example"} {
		addr, requested := socksServer(t, 0)
		c, err := proxyDialer(t, scheme+"://proxy.corp:1080", addr).Dial(t.Context(), Request{Authority: "local.example:443"})
		if err != nil {
			t.Fatal(err)
		}
		if got := <-requested; got != want {
			t.Errorf("%s requested for %s, want %s", scheme, got, want)
		}
		if src := InfoOf(c).Resolution.Source; (src == flow.SourceProxied) != (scheme == "socks5h") {
			t.Errorf("%s: source %s", scheme, src)
		}
		_, _ = io.WriteString(c, "x")
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			t.Error(err)
		}
		if err := c.(*Conn).CloseWrite(); err != nil {
			t.Errorf("half-close: %v", err)
		}
		c.Close()
	}
	addr, _ := socksServer(t, 4)
	_, err := proxyDialer(t, "socks5h://proxy.corp", addr).Dial(t.Context(), Request{Authority: "local.example:443"})
	if err == nil || !strings.Contains(err.Error(), "host unreachable") {
		t.Errorf("refused: %v", err)
	}
}

func TestHTTPConnect_skipsInterimResponses(t *testing.T) {
	const wire = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nearly"
	conn, via, err := (&call{d: New(Config{})}).httpConnect(t.Context(), scriptedConn{Reader: bytes.NewReader([]byte(wire))}, &Proxy{scheme: "http"}, "example.com:443")
	if err != nil || via.Status != http.StatusOK {
		t.Fatalf("status %d, %v", via.Status, err)
	}
	if early, _ := io.ReadAll(conn); string(early) != "early" {
		t.Errorf("the tunnel begins with %q", early)
	}
	endless := bytes.NewReader(bytes.Repeat([]byte("HTTP/1.1 100 Continue\r\n\r\n"), 1<<16))
	_, _, err = (&call{d: New(Config{})}).httpConnect(t.Context(), scriptedConn{Reader: endless}, &Proxy{scheme: "http"}, "example.com:443")
	if err == nil {
		t.Error("endless interim responses pass as a response")
	}
}

func TestParseProxy_rejectsWhatCannotBeDialed(t *testing.T) {
	for _, s := range []string{"]", "http://proxy:99999", "http://proxy:-1", "socks5://[::1", "http://proxy:http"} {
		if p, err := ParseProxy(s); err == nil {
			t.Errorf("%q is %s", s, p)
		}
	}
}
