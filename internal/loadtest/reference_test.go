package loadtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/elazarl/goproxy"
)

// referenceServer is the variable that makes the test program the reference. Its value is the
// address of the server that all requests go to.
const referenceServer = "DETOUR_LOADTEST_SERVER"

// startReference starts goproxy, which intercepts and records nothing, tuned: a P-256 CA, cached
// leaves, up to 256 idle connections to a server, HTTP/2.
func startReference(t *testing.T, s *server) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	env := []string{referenceServer + "=" + s.address, "SSL_CERT_FILE=" + s.caFile, "TMPDIR=" + dir}
	return start(t, s, env, self)
}

// runReference is the reference. It ends when its stdin does.
func runReference(server string) {
	ca, err := newCA()
	if err != nil {
		log.Fatal(err)
	}
	proxy := goproxy.NewProxyHttpServer()
	proxy.CertStore = &leafCache{}
	proxy.AllowHTTP2 = true
	proxy.Tr.MaxIdleConnsPerHost = 256
	proxy.Tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server)
	}
	mitm := &goproxy.ConnectAction{Action: goproxy.ConnectMitm, TLSConfig: goproxy.TLSConfigFromCA(&ca)}
	proxy.OnRequest().HandleConnectFunc(func(host string, _ *goproxy.ProxyCtx) (*goproxy.ConnectAction, string) {
		return mitm, host
	})
	root := filepath.Join(os.TempDir(), "root.pem")
	if err := os.WriteFile(root, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate[0]}), 0o600); err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, readyLine+"\n", "http://"+l.Addr().String(), root)
	go func() { _ = (&http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute}).Serve(l) }()
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func newCA() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "loadtest"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}

// A leafCache holds goproxy's certificates, by host.
type leafCache struct{ leaves sync.Map }

func (c *leafCache) Fetch(host string, generate func() (*tls.Certificate, error)) (*tls.Certificate, error) {
	if leaf, ok := c.leaves.Load(host); ok {
		return leaf.(*tls.Certificate), nil //nolint:forcetypeassert // there is no other
	}
	leaf, err := generate()
	if err == nil {
		c.leaves.Store(host, leaf)
	}
	return leaf, err
}
