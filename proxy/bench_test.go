package proxy

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/elazarl/goproxy"

	"detour/internal/aws"
	"detour/internal/capture"
	"detour/internal/intake"
)

// The benchmarks compare one intercepted request through this proxy, recorded, with
// the same through goproxy alone, tuned (P-256 CA, cached leaves, pooled connections
// to servers, HTTP/2) and not recorded. Client, proxy and server run in one process,
// so compare the figures only with each other.
//
//	go test -run '^$' -bench Intercepted -benchmem ./proxy
func BenchmarkIntercepted(b *testing.B) {
	body := bytes.Repeat([]byte("x"), 1024)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
	for _, h2 := range []bool{false, true} {
		name := map[bool]string{false: "h1", true: "h2"}[h2]
		b.Run(name+"/detour", func(b *testing.B) {
			p := newFixture(b, setup{h2: h2}, handler)
			p.sink.put = recorder(b, p).Put
			load(b, p.client(b, h2))
		})
		b.Run(name+"/goproxy", func(b *testing.B) { load(b, bareGoproxy(b, h2, handler)) })
	}
}

// BenchmarkConnections measures one connection with one request, to a host whose leaf
// is cached: CONNECT, a full handshake, the exchange, the close.
func BenchmarkConnections(b *testing.B) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	short := func(c *http.Client) *http.Client {
		c.Transport.(*http.Transport).DisableKeepAlives = true
		return c
	}
	b.Run("detour", func(b *testing.B) {
		p := newFixture(b, setup{}, handler)
		p.sink.put = recorder(b, p).Put
		load(b, short(p.client(b, false)))
	})
	b.Run("goproxy", func(b *testing.B) { load(b, short(bareGoproxy(b, false, handler))) })
}

// recorder is a capture that does with a flow all that a run does.
func recorder(b *testing.B, p *fixture) *capture.Store {
	b.Helper()
	tables, err := aws.Load()
	if err != nil {
		b.Fatal(err)
	}
	p.proxy.cfg.Bodies = tables.Reads
	return capture.New(capture.Options{Max: 5000, Intake: intake.New(intake.Config{Tables: tables})})
}

func load(b *testing.B, c *http.Client) {
	c.Transport.(*http.Transport).MaxIdleConnsPerHost = 64
	b.ReportAllocs()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, _ := http.NewRequestWithContext(context.Background(), "GET", "https://example.com/", nil)
			resp, err := c.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	})
}

// leafStore caches goproxy's leaves.
type leafStore struct{ m sync.Map }

func (s *leafStore) Fetch(host string, gen func() (*tls.Certificate, error)) (*tls.Certificate, error) {
	if c, ok := s.m.Load(host); ok {
		return c.(*tls.Certificate), nil
	}
	c, err := gen()
	if err == nil {
		s.m.Store(host, c)
	}
	return c, err
}

// bareGoproxy is a client behind goproxy's own interception.
func bareGoproxy(b *testing.B, h2 bool, handler http.Handler) *http.Client {
	b.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = h2
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	b.Cleanup(server.Close)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bench"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		b.Fatal(err)
	}
	ca := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	ca.Leaf, _ = x509.ParseCertificate(der)
	upstream, roots := x509.NewCertPool(), x509.NewCertPool()
	upstream.AddCert(server.Certificate())
	roots.AddCert(ca.Leaf)

	gp := goproxy.NewProxyHttpServer()
	gp.CertStore = &leafStore{}
	gp.AllowHTTP2 = h2
	gp.KeepAcceptEncoding = true
	gp.Tr = &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: upstream}, ForceAttemptHTTP2: h2,
		MaxIdleConnsPerHost: maxIdlePerHost, DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", server.Listener.Addr().String())
		},
	}
	mitm := &goproxy.ConnectAction{Action: goproxy.ConnectMitm, TLSConfig: goproxy.TLSConfigFromCA(&ca)}
	gp.OnRequest().HandleConnectFunc(func(host string, _ *goproxy.ProxyCtx) (*goproxy.ConnectAction, string) {
		return mitm, host
	})
	front := httptest.NewServer(gp)
	b.Cleanup(front.Close)
	u, _ := url.Parse(front.URL)
	tr := &http.Transport{
		Proxy: http.ProxyURL(u), TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: h2, DisableCompression: true,
	}
	if !h2 {
		tr.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	b.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}
