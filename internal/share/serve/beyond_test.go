package serve

import (
	"crypto/sha256"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"detour/internal/share/link"
)

// ownAddr is an address of this machine that isn't loopback.
func ownAddr(t *testing.T) netip.Addr {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() && !p.Addr().IsLoopback() {
			return p.Addr()
		}
	}
	t.Skip("this machine has loopback only")
	return netip.Addr{}
}

// pinned trusts the link's certificate and no other, as detour attach does.
func pinned(l link.Link) *http.Transport {
	return &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
		InsecureSkipVerify: true, //nolint:gosec // compared below
		VerifyConnection: func(s tls.ConnectionState) error {
			if sum := sha256.Sum256(s.PeerCertificates[0].Raw); !slices.Equal(sum[:], l.Fingerprint) {
				return io.ErrUnexpectedEOF
			}
			return nil
		},
	}}
}

func TestBeyondLoopback_isTLSWithTheLinksCertificate(t *testing.T) {
	s, _ := serving(t)
	ip := ownAddr(t)
	l, err := s.Share(Options{Addr: netip.AddrPortFrom(ip, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if !s.State().Beyond || !strings.HasPrefix(l.String(), "https://"+ip.String()+":") {
		t.Errorf("%s %+v", l, s.State())
	}
	transport := pinned(l)
	resp, err := transport.RoundTrip(request(t, l.Base()+"/session", func(r *http.Request) {
		browserOf(r.Header)
		r.Header.Set("Origin", l.Base())
		r.Header.Set("Authorization", "Bearer "+l.Token)
	}))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if c := resp.Cookies(); len(c) != 1 || !c[0].Secure {
		t.Errorf("%s, the cookie is %v", resp.Status, c)
	}
	cert := resp.TLS.PeerCertificates[0]
	if err := cert.VerifyHostname(ip.String()); err != nil || cert.IsCA || resp.TLS.Version != tls.VersionTLS13 {
		t.Errorf("%v, a CA: %t, TLS %x", err, cert.IsCA, resp.TLS.Version)
	}
	for host, want := range map[string]int{l.Addr: 200, "evil.example": 403, "10.255.255.254": 403, "localhost:9000": 200} {
		resp, err := transport.RoundTrip(request(t, l.Base()+"/flow/17", func(r *http.Request) {
			r.Host = host
			r.Header.Set("Authorization", "Bearer "+l.Token)
		}))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s gets %s, want %d", host, resp.Status, want)
		}
	}
	if got := raw(t, l.Addr, "GET / HTTP/1.1\r\nHost: "+l.Addr+"\r\n\r\n"); strings.Contains(got, testPage) {
		t.Errorf("without TLS: %q", got)
	}
	s.Stop("stopped")
	again, err := s.Share(Options{Addr: netip.AddrPortFrom(ip, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(again.Fingerprint, l.Fingerprint) {
		t.Error("a new link has the old certificate")
	}
	if _, err := pinned(link.Link{Fingerprint: l.Fingerprint}).RoundTrip(request(t, again.Base()+"/", nil)); err == nil {
		t.Error("another certificate passes for the pinned one")
	}
}

func TestLoopback_isPlainHTTPInBothFamilies(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0"} {
		s, _ := serving(t)
		l, err := s.Share(Options{Addr: netip.MustParseAddrPort(addr)})
		if err != nil {
			t.Skip(err)
		}
		if resp, _ := send(t, request(t, l.Base()+"/", nil)); resp.StatusCode != http.StatusOK || s.State().Beyond || l.Fingerprint != nil {
			t.Errorf("%s: %s", l, resp.Status)
		}
	}
}
