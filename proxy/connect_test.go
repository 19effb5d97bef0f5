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

	"github.com/coder/websocket"

	"detour/internal/dial"
	"detour/internal/errno"
	"detour/internal/flow"
)

// connectTo returns a Connect that connects to addr, whatever the address requested.
func connectTo(addr string) dial.Connect {
	return func(ctx context.Context, _ netip.AddrPort, _ dial.Observe) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	}
}

// rootsOf returns a pool with the upstream server's own certificate.
func rootsOf(b *fixture) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(b.server.Certificate())
	return roots
}

// openTunnel sends a CONNECT by hand, with extra in the same write.
func (b *fixture) openTunnel(t *testing.T, authority, extra string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", b.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(c, "CONNECT "+authority+" HTTP/1.1\r\nHost: "+authority+"\r\n\r\n"+extra); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewReader(c)
}

func status(t *testing.T, br *bufio.Reader) string {
	t.Helper()
	line, err := br.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	for {
		h, err := br.ReadString('\n')
		if err != nil || h == "\r\n" {
			return strings.TrimSpace(line)
		}
	}
}

func TestTunnel_forwardsBytesAndCountsThem(t *testing.T) {
	b := newFixture(t, setup{h2: true, alsoH1: true}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "through")
	}))
	c, br := b.openTunnel(t, "other.example:443", "")
	if s := status(t, br); !strings.Contains(s, "200") {
		t.Fatal(s)
	}
	tc := tls.Client(c, &tls.Config{RootCAs: rootsOf(b), ServerName: "example.com", NextProtos: []string{"http/1.1", "x"}})
	if _, err := io.WriteString(tc, "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(tc)
	if !strings.HasSuffix(string(got), "through") {
		t.Errorf("got %q", got)
	}
	_, _ = io.Copy(io.Discard, c) // until the server's FIN
	tc.Close()
	f := b.sink.finals(t, 1)[0]
	if f.Tunnel == nil || f.Tunnel.ServerName != "example.com" || f.Tunnel.Sent < 300 || f.Tunnel.Received < 300 {
		t.Errorf("tunnel %+v", f.Tunnel)
	}
	if got := fmt.Sprintf("%v %s", f.Tunnel.Protocols, f.Tunnel.ClosedBy); got != "[http/1.1 x] server" {
		t.Errorf("offered and closed by: %s", got)
	}
	if f.Request.URL != "other.example:443" || f.Conn.Winner() == nil || f.Conn.TLS != nil || f.Failure != nil {
		t.Errorf("flow %+v, failure %+v", f.Request, f.Failure)
	}
}

func TestTunnel_forwardsHalfCloseAndEarlyBytes(t *testing.T) {
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		if c, err := echo.Accept(); err == nil {
			b, _ := io.ReadAll(c) // until the client's FIN
			_, _ = c.Write(append(b, '!'))
			c.Close()
		}
	}()
	b := newFixture(t, setup{connect: connectTo(echo.Addr().String())}, http.NotFoundHandler())
	c, br := b.openTunnel(t, "other.example:25", "early ")
	if s := status(t, br); !strings.Contains(s, "200") {
		t.Fatal(s)
	}
	_, _ = io.WriteString(c, "late")
	_ = c.(*net.TCPConn).CloseWrite()
	if got, _ := io.ReadAll(br); string(got) != "early late!" {
		t.Errorf("got %q", got)
	}
	if f := b.sink.finals(t, 1)[0]; f.Tunnel.Sent != 10 || f.Tunnel.Received != 11 || f.Tunnel.ClosedBy != flow.SideClient {
		t.Errorf("tunnel %+v", f.Tunnel)
	}
}

func TestTunnel_aFailedDialIsReportedAndRecorded(t *testing.T) {
	b := newFixture(t, setup{connect: dropSYNs, timeout: 50 * time.Millisecond}, http.NotFoundHandler())
	_, br := b.openTunnel(t, "other.example:443", "")
	if s := status(t, br); !strings.Contains(s, "504") {
		t.Errorf("answer %q", s)
	}
	f := b.sink.finals(t, 1)[0]
	if f.Failure == nil || f.Failure.Stage != flow.StageDial || f.Conn.Attempts[0].Outcome != flow.DialTimeout {
		t.Errorf("failure %+v", f.Failure)
	}
}

func TestTunnel_aClientThatDisconnectsCancelsTheDial(t *testing.T) {
	b := newFixture(t, setup{connect: dropSYNs}, http.NotFoundHandler())
	c, _ := b.openTunnel(t, "other.example:443", "")
	b.sink.wait(t, 1, func(f flow.Flow) bool { return f.Conn != nil && len(f.Conn.Attempts) > 0 })
	c.Close()
	f := b.sink.finals(t, 1)[0]
	if f.Failure == nil || f.Failure.Stage != flow.StageClient || f.Conn.Attempts[0].Outcome != flow.DialCanceled {
		t.Errorf("failure %+v attempts %+v", f.Failure, f.Conn.Attempts)
	}
}

func TestIntercept_aClientHelloInTheSamePacketAsConnectIsNotLost(t *testing.T) {
	b := newFixture(t, setup{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	c, err := net.Dial("tcp", b.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	head := "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"
	tc := tls.Client(&prefixed{Conn: c, head: head, t: t}, &tls.Config{RootCAs: b.roots, ServerName: "example.com"})
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	if err := tc.Handshake(); err != nil {
		t.Fatal(err)
	}
}

// prefixed sends head together with the first write and skips the 200.
type prefixed struct {
	net.Conn
	head string
	t    *testing.T
	br   *bufio.Reader
}

func (p *prefixed) Write(b []byte) (int, error) {
	if p.head == "" {
		return p.Conn.Write(b)
	}
	_, err := p.Conn.Write(append([]byte(p.head), b...))
	p.head = ""
	return len(b), err
}

func (p *prefixed) Read(b []byte) (int, error) {
	if p.br == nil {
		p.br = bufio.NewReader(p.Conn)
		status(p.t, p.br)
	}
	return p.br.Read(b)
}

func TestIntercept_aRejectedCertificateBecomesAFlow(t *testing.T) {
	b := newFixture(t, setup{}, http.NotFoundHandler())
	c, br := b.openTunnel(t, "example.com:443", "")
	status(t, br)
	tc := tls.Client(c, &tls.Config{ServerName: "example.com", RootCAs: rootsOf(b)}) // not ours
	if err := tc.Handshake(); err == nil {
		t.Fatal("trusted")
	}
	f := b.sink.finals(t, 1)[0]
	if f.Failure == nil || f.Failure.Stage != flow.StageClient || !strings.Contains(f.Failure.Message, "certificate") {
		t.Errorf("failure %+v", f.Failure)
	}
}

func TestIntercept_anotherHostInTheTunnelIsMisdirected(t *testing.T) {
	b := newFixture(t, setup{}, http.NotFoundHandler())
	c, br := b.openTunnel(t, "example.com:443", "")
	status(t, br)
	tc := tls.Client(c, &tls.Config{ServerName: "example.com", RootCAs: b.roots})
	_, _ = io.WriteString(tc, "GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n")
	if s := status(t, bufio.NewReader(tc)); !strings.Contains(s, "421") {
		t.Errorf("answer %q", s)
	}
}

func TestWebSocket_forwardsBothDirectionsAndCountsMessages(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		b := newFixture(t, setup{h2: h2, alsoH1: true}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
			if err != nil {
				t.Error(err)
				return
			}
			_, msg, err := c.Read(r.Context())
			if err == nil {
				_ = c.Write(r.Context(), websocket.MessageText, append(msg, '!'))
			}
			_, _, _ = c.Read(r.Context()) // until the client closes
		}))
		c, _, err := websocket.Dial(t.Context(), "wss://example.com/", &websocket.DialOptions{HTTPClient: b.client(t, false)})
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Write(t.Context(), websocket.MessageText, []byte("hello"))
		if _, msg, err := c.Read(t.Context()); err != nil || string(msg) != "hello!" {
			t.Errorf("%q %v", msg, err)
		}
		c.Close(websocket.StatusNormalClosure, "")
		f := b.sink.finals(t, 1)[0]
		if f.Response == nil || f.Response.Status != http.StatusSwitchingProtocols || f.Request.BodySize < 11 || f.Response.BodySize < 8 {
			t.Errorf("response %+v, %d bytes sent", f.Response, f.Request.BodySize)
		}
		want := flow.Messages{
			Sent: flow.MessageCount{Count: 1, Bytes: 5}, Received: flow.MessageCount{Count: 1, Bytes: 6},
			CloseCode: 1000, ClosedBy: flow.SideClient,
		}
		if f.Messages == nil || *f.Messages != want {
			t.Errorf("messages %+v, want %+v", f.Messages, want)
		}
	}
}

func TestProxy_shortLivedClientsLeakNothing(t *testing.T) {
	b := newFixture(t, setup{}, http.NotFoundHandler())
	for i := range 200 {
		c, err := net.Dial("tcp", b.addr)
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			const hello = "CONNECT example.com:443 HTTP/1.1\r\n\r\n\x16\x03\x01"
			_, _ = io.WriteString(c, hello[:i%len(hello)+1])
		}
		c.Close()
	}
}

func TestIntercept_forwardsTheTargetAndHeadersUnchanged(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		b := newFixture(t, setup{h2: h2}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if ua, ok := r.Header["User-Agent"]; ok {
				t.Errorf("a User-Agent was added: %q", ua)
			}
			_, _ = io.WriteString(w, r.RequestURI)
		}))
		c, br := b.openTunnel(t, "example.com:443", "")
		status(t, br)
		tc := tls.Client(c, &tls.Config{ServerName: "example.com", RootCAs: b.roots})
		const target = `/a|b/"c"%7C^?q=|` // net/url would escape some of it differently
		_, _ = io.WriteString(tc, "GET "+target+" HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n")
		if got, _ := io.ReadAll(tc); !strings.HasSuffix(string(got), target) {
			t.Errorf("the server saw %q, want it to end in %s", got, target)
		}
	}
}

// A client that sends its ClientHello together with the CONNECT still gets the response to
// it: a close with unread bytes would reset the connection.
func TestTunnel_aFailureReachesAClientThatSendsEarly(t *testing.T) {
	refuse := func(context.Context, netip.AddrPort, dial.Observe) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: errno.ConnRefused}
	}
	b := newFixture(t, setup{connect: refuse}, http.NotFoundHandler())
	for _, early := range []string{"", strings.Repeat("x", 500), strings.Repeat("x", 100_000)} {
		for range 20 {
			c, br := b.openTunnel(t, "other.example:443", early)
			resp, err := http.ReadResponse(br, nil)
			if err != nil || resp.StatusCode != http.StatusBadGateway || !resp.Close {
				t.Fatalf("%d early bytes: %+v, %v", len(early), resp, err)
			}
			if _, err := io.ReadAll(resp.Body); err != nil {
				t.Fatalf("%d early bytes: the text ends with %v", len(early), err)
			}
			_ = c.Close()
		}
	}
}
