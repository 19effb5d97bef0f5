package dial

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// scriptedConn is a connection that reads scripted bytes and discards writes.
type scriptedConn struct {
	net.Conn
	*bytes.Reader
}

func (s scriptedConn) Read(p []byte) (int, error)       { return s.Reader.Read(p) }
func (s scriptedConn) Write(p []byte) (int, error)      { return len(p), nil }
func (s scriptedConn) Close() error                     { return nil }
func (s scriptedConn) SetDeadline(time.Time) error      { return nil }
func (s scriptedConn) SetReadDeadline(time.Time) error  { return nil }
func (s scriptedConn) SetWriteDeadline(time.Time) error { return nil }

// FuzzHTTPConnect checks that the status of a proxy's response decides whether there
// is a tunnel, and that bytes after the response belong to the tunnel.
func FuzzHTTPConnect(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 Connection established\r\n\r\nearly",
		"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nearly",
		"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n" +
			"Proxy-Authenticate: NTLM\r\nContent-Length: 2\r\n\r\nno",
		"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
		"HTTP/1.1 502 Bad Gateway\r\n\r\n\xff\xfe",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 200",
		"SSH-2.0-OpenSSH_9.2\r\n",
		"",
	} {
		f.Add([]byte(s))
	}
	p := &Proxy{scheme: "http", authority: "proxy.example:3128", user: url.UserPassword("user", "hunter2")}
	f.Fuzz(func(t *testing.T, wire []byte) {
		conn, via, err := (&call{d: New(Config{})}).httpConnect(t.Context(), scriptedConn{Reader: bytes.NewReader(wire)}, p, "example.com:443")
		if (err == nil) != (via.Status/100 == 2) || (err == nil) != (conn != nil) {
			t.Fatalf("status %d, connection %v, error %v", via.Status, conn, err)
		}
		if len(via.Body) > maxRefusalBody*len("\uFFFD") || !utf8.ValidString(via.Body) {
			t.Errorf("%d bytes of a page, valid %v", len(via.Body), utf8.ValidString(via.Body))
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") && !bytes.Contains(wire, []byte("hunter2")) {
			t.Errorf("the password is in %v", err)
		}
		if err != nil {
			return
		}
		rest, err := io.ReadAll(conn)
		if err != nil || !bytes.HasSuffix(wire, rest) {
			t.Errorf("the tunnel begins with %q: %v", rest, err)
		}
		if head := wire[:len(wire)-len(rest)]; !bytes.HasSuffix(head, []byte("\n")) {
			t.Errorf("the head ends as %q", head)
		}
	})
}

// FuzzSOCKSConnect checks that x/net's parsing of a SOCKS server's bytes is safe to
// use on any input.
func FuzzSOCKSConnect(f *testing.F) {
	f.Add([]byte{5, 0, 5, 0, 0, 1, 127, 0, 0, 1, 0, 80})
	f.Add([]byte{5, 0, 5, 5, 0, 1, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{5, 2, 1, 0, 5, 0, 0, 3, 1, 'x', 0, 80, 'e'})
	f.Add([]byte{5, 255})
	f.Fuzz(func(t *testing.T, wire []byte) {
		p := &Proxy{scheme: "socks5h", authority: "proxy.example:1080", user: url.UserPassword("user", "hunter2")}
		r := bytes.NewReader(wire)
		err := socksConnect(t.Context(), scriptedConn{Reader: r}, p, "example.com:443")
		if err == nil && (wire[0] != 5 || r.Len() > len(wire)-8) {
			t.Errorf("a tunnel after %d bytes of %q", len(wire)-r.Len(), wire)
		}
	})
}

func FuzzParseProxy(f *testing.F) {
	for _, s := range []string{
		"proxy:3128", "http://user:hunter2@proxy.example", "https://[::1]:8443/",
		"socks5h://p", "socks5://", "http://a b", "://", "ftp://x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseProxy(s)
		if err != nil {
			return
		}
		if _, _, err := splitAuthority(p.authority); err != nil {
			t.Errorf("%q has the authority %q: %v", s, p.authority, err)
		}
		if p.user == nil {
			return
		}
		password, _ := p.user.Password()
		elsewhere := strings.Contains(p.authority+p.user.Username()+p.scheme, password)
		if len(password) > 3 && strings.Contains(p.String(), password) && !elsewhere {
			t.Errorf("%q is printed as %q", s, p)
		}
	})
}
