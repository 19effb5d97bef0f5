package dial

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"io"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/flow"
)

// certificate makes a self-signed certificate for names and 127.0.0.1 that expires at
// end.
func certificate(tb testing.TB, end time.Time, names ...string) (tls.Certificate, *x509.CertPool) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: names,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:   time.Now().Add(-2 * time.Hour), NotAfter: end, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(c)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// serveTLS echoes over TLS.
func serveTLS(cert tls.Certificate, cfg *tls.Config) func(net.Conn) {
	if cfg == nil {
		cfg = &tls.Config{}
	}
	cfg.Certificates = []tls.Certificate{cert}
	cfg.NextProtos = []string{"h2"}
	return func(conn net.Conn) { echo(tls.Server(conn, cfg)) }
}

func TestDial_classifiesHandshakesAndRecordsTheChain(t *testing.T) {
	good, roots := certificate(t, time.Now().Add(time.Hour), "logs.example")
	old, oldRoots := certificate(t, time.Now().Add(-time.Hour), "logs.example")
	other, otherRoots := certificate(t, time.Now().Add(time.Hour), "other.example")
	hello := func(c net.Conn) { _, _ = c.Read(make([]byte, 1<<16)) }
	writes := func(s string) func(net.Conn) { return func(c net.Conn) { _, _ = io.WriteString(c, s) } }
	none := tls.Certificate{}
	tls11 := &tls.Config{MaxVersion: tls.VersionTLS11}
	for name, tc := range map[string]struct {
		handle func(net.Conn)
		roots  *x509.CertPool
		want   flow.TLSOutcome
		chain  tls.Certificate // zero: none was received
		err    string          // a part of the message
	}{
		"ok":                {serveTLS(good, nil), roots, flow.TLSOK, good, ""},
		"untrusted":         {serveTLS(good, nil), oldRoots, flow.TLSUntrusted, good, "unknown authority"},
		"expired":           {serveTLS(old, nil), oldRoots, flow.TLSExpired, old, "expired"},
		"expired elsewhere": {serveTLS(old, nil), roots, flow.TLSExpired, old, "expired"},
		"other name":        {serveTLS(other, nil), otherRoots, flow.TLSNameMismatch, other, "valid for other.example"},
		"alert":             {serveTLS(good, tls11), roots, flow.TLSAlert, none, "protocol version"},
		"plain HTTP":        {writes("HTTP/1.1 400 Bad Request\r\n\r\n"), roots, flow.TLSError, none, "plain HTTP"},
		"not TLS":           {writes("220 mail.example ESMTP\r\n"), roots, flow.TLSError, none, "does not look like a TLS handshake"},
		"hangs up":          {hello, roots, flow.TLSReset, none, "EOF"},
		"resets": {func(c net.Conn) {
			_, _ = c.Read(make([]byte, 9)) // Close with unread data sends a RST
			_ = c.(*net.TCPConn).SetLinger(0)
		}, roots, flow.TLSReset, none, connReset.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := New(Config{Resolver: addrs{"127.0.0.1"}, RootCAs: tc.roots, HandshakeTimeout: time.Minute})
			req := Request{Authority: server(t, tc.handle), TLS: true, ALPN: []string{"h2"}}
			var info *flow.Conn
			if tc.want == flow.TLSOK {
				c, err := d.Dial(t.Context(), req)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				info = InfoOf(c)
				if info.TLS.ALPN != "h2" || info.TLS.Version != "TLS 1.3" {
					t.Errorf("got %+v", info.TLS)
				}
			} else {
				de := failure(t.Context(), t, d, req, flow.StageTLS)
				if info = de.Info; !strings.Contains(de.Error(), "TLS with "+req.Authority) {
					t.Errorf("error %q", de)
				}
			}
			got := info.TLS
			if got.Outcome != tc.want || got.Took <= 0 || got.ServerName != "logs.example" ||
				!strings.Contains(got.Err, tc.err) || (got.Err == "") != (tc.err == "") {
				t.Errorf("got %+v, want %s %q", got, tc.want, tc.err)
			}
			if tc.want == flow.TLSOK && got.Received != 0 {
				t.Errorf("received %d bytes", got.Received)
			}
			if tc.chain.Certificate == nil {
				if len(got.Chain) != 0 {
					t.Errorf("chain %+v", got.Chain)
				}
			} else if sum := sha256.Sum256(tc.chain.Certificate[0]); len(got.Chain) != 1 || got.Chain[0].SHA256 != hex.EncodeToString(sum[:]) {
				t.Errorf("chain %+v", got.Chain)
			}
			want := flow.DialConnected
			if name == "resets" {
				want = flow.DialReset
			}
			if w := info.Winner(); w == nil || w.Outcome != want || !w.Local.IsValid() {
				t.Errorf("winner %+v, want %s", w, want)
			}
		})
	}
}

func TestDial_aHandshakeThatTakesTooLong(t *testing.T) {
	for _, tc := range []struct{ sends, err string }{
		{"", "no response in the TLS handshake within 300 ms"},
		// A record that doesn't come to its end.
		{"\x16\x03\x03\x3f\xff\x02\x00\x00\x40", "the server didn't finish the TLS handshake within 300 ms"},
	} {
		synctest.Test(t, func(t *testing.T) {
			connect := func(context.Context, netip.AddrPort, Observe) (net.Conn, error) {
				near, far := net.Pipe()
				go discard(far)
				go func() { _, _ = io.WriteString(far, tc.sends) }()
				return near, nil
			}
			d := New(Config{Resolver: addrs{"127.0.0.1"}, Connect: connect, HandshakeTimeout: 300 * ms})
			de := failure(t.Context(), t, d, Request{Authority: authority, TLS: true}, flow.StageTLS)
			got := de.Info.TLS
			if got.Outcome != flow.TLSTimeout || got.Took != 300*ms || got.Err != tc.err || int(got.Received) != len(tc.sends) || len(got.Chain) != 0 {
				t.Errorf("got %+v", got)
			}
			if w := de.Info.Winner(); w == nil || w.Outcome != flow.DialConnected {
				t.Errorf("winner %+v", w)
			}
		})
	}
}

func TestDial_aContextThatEndsDuringTheHandshake(t *testing.T) {
	left := errors.New("the tab was closed")
	ctx, cancel := context.WithCancelCause(t.Context())
	authority := server(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 1))
		cancel(left)
		discard(c)
	})
	de := failure(ctx, t, New(Config{Resolver: addrs{"127.0.0.1"}}), Request{Authority: authority, TLS: true}, flow.StageTLS)
	if !errors.Is(de, context.Canceled) || !errors.Is(de, left) || de.Info.TLS.Outcome != flow.TLSError || de.Info.TLS.Took <= 0 {
		t.Errorf("%v, %+v", de, de.Info.TLS)
	}
}

func TestDial_recordsTheChainOfResumedSessions(t *testing.T) {
	cert, roots := certificate(t, time.Now().Add(time.Hour), "logs.example")
	d := New(Config{Resolver: addrs{"127.0.0.1"}, RootCAs: roots})
	authority := server(t, serveTLS(cert, nil))
	for _, resumed := range []bool{false, true} {
		c, err := d.Dial(t.Context(), Request{Authority: authority, TLS: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, "x"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 1)); err != nil { // the session ticket comes with it
			t.Fatal(err)
		}
		if got := c.(*tls.Conn).ConnectionState().DidResume; got != resumed {
			t.Errorf("resumed %v, want %v", got, resumed)
		}
		if chain := InfoOf(c).TLS.Chain; len(chain) != 1 || chain[0].Names[0] != "logs.example" || chain[0].Names[1] != "127.0.0.1" {
			t.Errorf("chain %+v", chain)
		}
		c.Close()
	}
}

func TestDial_verifiesAnIPAddressButDoesNotSendItAsSNI(t *testing.T) {
	cert, roots := certificate(t, time.Now().Add(time.Hour), "logs.example")
	seen := make(chan string, 2)
	authority := server(t, serveTLS(cert, &tls.Config{GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		seen <- h.ServerName
		return nil, nil
	}}))
	_, port, _ := net.SplitHostPort(authority)
	d := New(Config{Resolver: addrs{"127.0.0.1"}, RootCAs: roots})
	for _, tc := range []struct {
		req  Request
		want string
	}{
		{Request{Authority: "127.0.0.1:" + port, TLS: true}, ""},
		{Request{Authority: "127.0.0.1:" + port, TLS: true, ServerName: "logs.example"}, "logs.example"},
	} {
		c, err := d.Dial(t.Context(), tc.req)
		if err != nil {
			t.Fatal(err)
		}
		if got := InfoOf(c).TLS.ServerName; got != tc.want || <-seen != tc.want {
			t.Errorf("SNI %q, want %q", got, tc.want)
		}
		c.Close()
	}
}

func TestDial_recordsWhetherAClientCertificateWasRequested(t *testing.T) {
	cert, roots := certificate(t, time.Now().Add(time.Hour), "logs.example")
	for name, tc := range map[string]struct {
		asks tls.ClientAuthType
		have *tls.Certificate
		want flow.ClientCert
	}{
		"doesn't":           {tls.NoClientCert, &cert, ""},
		"and gets it":       {tls.RequireAnyClientCert, &cert, flow.ClientCertSent},
		"and there is none": {tls.RequestClientCert, nil, flow.ClientCertMissing},
	} {
		t.Run(name, func(t *testing.T) {
			d := New(Config{Resolver: addrs{"127.0.0.1"}, RootCAs: roots, ClientCert: tc.have})
			c, err := d.Dial(t.Context(), Request{
				Authority: server(t, serveTLS(cert, &tls.Config{ClientAuth: tc.asks})), TLS: true, ALPN: []string{"h2"},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if got := InfoOf(c).TLS.ClientCert; got != tc.want {
				t.Errorf("recorded %q, want %q", got, tc.want)
			}
			if _, err := io.WriteString(c, "x"); err != nil {
				t.Error(err)
			}
			if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
				t.Errorf("the server rejected the handshake: %v", err)
			}
		})
	}
}
