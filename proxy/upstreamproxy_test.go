package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/internal/dial"
	"detour/internal/flow"
)

// behindUpstreamProxy returns a fixture whose proxy uses another one, which only tunnels.
func behindUpstreamProxy(t *testing.T, s setup) (b, corporate *fixture) {
	t.Helper()
	var server string
	corporate = newFixture(t, setup{connect: func(ctx context.Context, _ netip.AddrPort, _ dial.Observe) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", server)
	}}, http.NotFoundHandler())
	corporate.proxy.cfg.Intercept = func(string) bool { return false }
	s.via, s.connect = "http://corp:3128", connectTo(corporate.addr)
	b = newFixture(t, s, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s", r.Host, r.RequestURI)
	}))
	server = b.server.Listener.Addr().String()
	return b, corporate
}

func TestUpstreamProxy_getsPlainRequestsInAbsoluteForm(t *testing.T) {
	b, corporate := behindUpstreamProxy(t, setup{plain: true})
	resp := get(t, b.client(t, false), "http://example.com/a%2Fb//c?x=%zz")
	if got, _ := io.ReadAll(resp.Body); string(got) != "example.com /a%2Fb//c?x=%zz" {
		t.Errorf("a plain request arrived as %q", got)
	}
	f := b.sink.finals(t, 1)[0]
	if f.Conn == nil || f.Conn.UpstreamProxy != "corp:3128" || f.Conn.Via != nil {
		t.Errorf("connection %+v: a plain request needs no CONNECT", f.Conn)
	}
	if got := corporate.sink.finals(t, 1)[0]; got.Request.URL != "http://example.com/a%2Fb//c?x=%zz" {
		t.Errorf("the upstream proxy got a request for %s", got.Request.URL)
	}
}

func TestUpstreamProxy_interceptedHostsGoThroughACONNECT(t *testing.T) {
	b, corporate := behindUpstreamProxy(t, setup{})
	for range 2 {
		resp := get(t, b.client(t, true), "https://example.com/x")
		if got, _ := io.ReadAll(resp.Body); string(got) != "example.com /x" {
			t.Errorf("got %q", got)
		}
	}
	f := b.sink.finals(t, 2)[0]
	if r := f.Conn.Resolution; r == nil || r.Source != flow.SourceProxied || f.Conn.Via.Status != 200 || f.Conn.TLS == nil {
		t.Errorf("connection %+v", f.Conn)
	}
	if tm := f.Timings(); tm.DNS != time.Millisecond || tm.Connect < f.Conn.Via.Took+tm.SSL {
		t.Errorf("timings %+v, CONNECT took %v", tm, f.Conn.Via.Took)
	}
	b.proxy.up.Load().closeIdle()
	if got := corporate.sink.finals(t, 1)[0]; got.Tunnel == nil || got.Request.URL != "example.com:443" {
		t.Errorf("the upstream proxy made %+v for %s", got.Tunnel, got.Request.URL)
	}
}

func TestUpstreamProxy_tunnelsGoThroughACONNECT(t *testing.T) {
	b, _ := behindUpstreamProxy(t, setup{})
	b.proxy.cfg.Intercept = func(string) bool { return false }
	c, br := b.openTunnel(t, "example.com:443", "")
	status(t, br)
	roots := x509.NewCertPool()
	roots.AddCert(b.server.Certificate())
	tc := tls.Client(c, &tls.Config{ServerName: "example.com", RootCAs: roots})
	_, _ = io.WriteString(tc, "GET /t HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n")
	if s := status(t, bufio.NewReader(tc)); !strings.Contains(s, "200") {
		t.Errorf("answer %q", s)
	}
	tc.Close()
	f := b.sink.finals(t, 1)[0]
	if r := f.Conn.Resolution; f.Tunnel == nil || r == nil || r.Source != flow.SourceProxied || f.Conn.Via.Status != 200 {
		t.Errorf("tunnel %+v over %+v", f.Tunnel, f.Conn)
	}
}

func TestUpstreamProxy_itsRefusalIsRecorded(t *testing.T) {
	refusing := newFixture(t, setup{plain: true}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Proxy-Authenticate", "Negotiate")
		http.Error(w, "who are you?", http.StatusProxyAuthRequired)
	}))
	toRefusing := connectTo(refusing.server.Listener.Addr().String())
	b := newFixture(t, setup{via: "http://corp:3128", connect: toRefusing}, http.NotFoundHandler())
	resp := get(t, b.client(t, true), "https://example.com/")
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusBadGateway ||
		!strings.Contains(string(text), "407") || !strings.Contains(string(text), "corp:3128") {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	f := b.sink.finals(t, 1)[0]
	via := f.Conn.Via
	if f.Failure == nil || f.Failure.Stage != flow.StageUpstreamProxy || via.Status != 407 || !strings.Contains(via.Body, "who are you") {
		t.Errorf("failure %+v via %+v", f.Failure, via)
	}
}
