package proxy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/certs"
	"detour/internal/dial"
	"detour/internal/flow"
	"detour/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// A sink collects flows, and tests can wait for them.
type sink struct {
	put func(flow.Flow) // used instead of collecting if not nil; set before use

	mu      sync.Mutex
	revs    []flow.Flow
	changed chan struct{}
}

func newSink() *sink { return &sink{changed: make(chan struct{}, 1)} }

func (s *sink) Put(f flow.Flow) {
	if s.put != nil {
		s.put(f)
		return
	}
	s.mu.Lock()
	s.revs = append(s.revs, f)
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// finals waits until n flows are final and returns them by ID.
func (s *sink) finals(tb testing.TB, n int) []flow.Flow {
	tb.Helper()
	return s.wait(tb, n, func(f flow.Flow) bool { return f.Final() })
}

func (s *sink) wait(tb testing.TB, n int, want func(flow.Flow) bool) []flow.Flow {
	tb.Helper()
	deadline := time.After(time.Minute)
	for {
		var got []flow.Flow
		s.mu.Lock()
		for _, f := range s.revs {
			if want(f) {
				got = append(got, f)
			}
		}
		s.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-s.changed:
		case <-deadline:
			tb.Fatalf("%d flows after a minute, want %d", len(got), n)
		}
	}
}

// atOnce is longer than what doesn't wait takes on a busy machine, and shorter than the limits of
// 10 s and more that end a wait.
const atOnce = 8 * time.Second

// A fixture is a proxy between a client and one upstream server for every host: names
// resolve to 203.0.113.1, and connections to that reach the server.
type fixture struct {
	proxy  *Proxy
	sink   *sink
	addr   string
	ca     *certs.CA
	roots  *x509.CertPool // what the client trusts
	server *httptest.Server

	notices []string // under sink.mu
}

type resolver func(host string) *flow.Resolution

func (r resolver) Resolve(_ context.Context, host string) *flow.Resolution { return r(host) }

func resolveFixed(host string) *flow.Resolution {
	return &flow.Resolution{
		Name: host, Outcome: flow.DNSOK, Source: flow.SourceDNS, Start: time.Now(), Took: time.Millisecond,
		Addrs: []netip.Addr{netip.MustParseAddr("203.0.113.1")},
	}
}

type setup struct {
	h2       bool   // the upstream server speaks HTTP/2 only
	alsoH1   bool   // with h2: and HTTP/1.1
	plain    bool   // it speaks plain HTTP
	domain   string // names below it are intercepted; "": example.com
	resolver resolver
	lookup   dial.Resolver // instead of resolver
	connect  dial.Connect
	timeout  time.Duration

	headTimeout time.Duration        // of the client's head; 0: the proxy's own
	patient     bool                 // it waits for bodies, however busy the machine is
	bodies      func(*flow.Flow) int // nil: all are recorded
	log         io.Writer            // nil: logs are discarded
	via         string               // URL of an upstream proxy
	streams     int                  // with h2: that the server allows at a time on a connection; 0: net/http's default
}

func newFixture(tb testing.TB, s setup, handler http.Handler) *fixture {
	tb.Helper()
	b := &fixture{sink: newSink(), server: httptest.NewUnstartedServer(handler)}
	b.server.EnableHTTP2 = s.h2
	if s.streams > 0 {
		b.server.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: s.streams}
	}
	b.server.Config.ErrorLog = log.New(io.Discard, "", 0) // of dials that are closed unused
	upstreamRoots := x509.NewCertPool()
	switch {
	case s.plain:
		b.server.Start()
	case s.domain != "":
		upstream := authority(tb, s.domain)
		b.server.TLS = &tls.Config{GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return upstream.Leaf(h.ServerName)
		}}
		b.server.StartTLS()
		upstreamRoots.AppendCertsFromPEM(upstream.RootPEM())
	default:
		b.server.StartTLS()
		upstreamRoots.AddCert(b.server.Certificate())
	}
	if s.h2 && !s.alsoH1 {
		requireH2(b.server.TLS)
	}
	tb.Cleanup(b.server.Close)
	if s.resolver == nil {
		s.resolver = resolveFixed
	}
	if s.connect == nil {
		s.connect = connectTo(b.server.Listener.Addr().String())
	}
	if s.domain == "" {
		s.domain = "example.com"
	}
	b.ca = authority(tb, s.domain)
	b.roots = x509.NewCertPool()
	b.roots.AppendCertsFromPEM(b.ca.RootPEM())
	if s.lookup == nil {
		s.lookup = s.resolver
	}
	conf := dial.Config{Resolver: s.lookup, Connect: s.connect, RootCAs: upstreamRoots, Timeout: s.timeout}
	if s.via != "" {
		via, err := dial.ParseProxy(s.via)
		if err != nil {
			tb.Fatal(err)
		}
		conf.Via = func(string, string) *dial.Proxy { return via }
	}
	if s.bodies == nil {
		s.bodies = func(*flow.Flow) int { return maxBodyPrefix } // so that every test covers recording
	}
	var logger *slog.Logger
	if s.log != nil {
		logger = slog.New(slog.NewTextHandler(s.log, nil))
	}
	b.proxy = New(Config{
		Notice: func(text string) {
			b.sink.mu.Lock()
			defer b.sink.mu.Unlock()
			b.notices = append(b.notices, text)
		},
		Dialer: dial.New(conf),
		Sink:   b.sink,
		Leaf:   b.ca.Leaf,
		Bodies: s.bodies,
		Log:    logger,
		Intercept: func(host string) bool {
			return host == s.domain || strings.HasSuffix(host, "."+s.domain)
		},
	})
	if s.patient {
		b.proxy.bodyWait, b.proxy.prefetchWait = time.Minute, time.Minute
	}
	if s.headTimeout > 0 {
		b.proxy.outer.ReadHeaderTimeout = s.headTimeout
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	b.addr = l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- b.proxy.Serve(l) }()
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = b.proxy.Shutdown(ctx)
		if err := <-served; err != nil {
			tb.Errorf("Serve: %v", err)
		}
	})
	return b
}

// requireH2 makes a server reject handshakes that only offer HTTP/1.1. crypto/tls
// alone would accept them.
func requireH2(conf *tls.Config) {
	rejecting := conf.Clone()
	rejecting.NextProtos = []string{"unsupported"}
	conf.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		if slices.Contains(h.SupportedProtos, "http/1.1") && !slices.Contains(h.SupportedProtos, "h2") {
			return rejecting, nil
		}
		return nil, nil
	}
}

func authority(tb testing.TB, domain string) *certs.CA {
	tb.Helper()
	ca, err := certs.Ephemeral([]string{domain}, time.Now())
	if err != nil {
		tb.Fatal(err)
	}
	return ca
}

// client returns an HTTP client that uses the proxy, and only one protocol version.
func (b *fixture) client(tb testing.TB, h2 bool) *http.Client {
	tb.Helper()
	tr := &http.Transport{
		Proxy:              http.ProxyURL(&url.URL{Scheme: "http", Host: b.addr}),
		TLSClientConfig:    &tls.Config{RootCAs: b.roots},
		ForceAttemptHTTP2:  h2,
		DisableCompression: true,
	}
	if !h2 {
		tr.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	tb.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// matrix runs a test for each combination of protocol versions of client and server.
func matrix(t *testing.T, test func(t *testing.T, client, server bool)) {
	t.Helper()
	names := map[bool]string{false: "h1", true: "h2"}
	for _, c := range []bool{false, true} {
		for _, s := range []bool{false, true} {
			t.Run(names[c]+" to "+names[s], func(t *testing.T) { test(t, c, s) })
		}
	}
}

// dialRaw opens a connection to the proxy.
func (b *fixture) dialRaw(tb testing.TB) net.Conn {
	tb.Helper()
	c, err := net.Dial("tcp", b.addr)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	return c
}

// fetch sends a request to example.com, and returns the body of the response.
func fetch(c *http.Client, method, path string, body io.Reader) (string, error) {
	req, err := http.NewRequest(method, "https://example.com"+path, body)
	if err != nil {
		return "", err
	}
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return string(got), err
}

// fetched is fetch in a test, or a goroutine of one, in which it doesn't fail.
func fetched(t *testing.T, c *http.Client, method, path string, body io.Reader) string {
	t.Helper()
	got, err := fetch(c, method, path, body)
	if err != nil {
		t.Error(err)
	}
	return got
}
