package loadtest

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"detour/certs"
	"detour/internal/aws"
	"detour/internal/capture/disk"
	"detour/internal/decrypt"
	"detour/internal/resolve"
	"detour/internal/session"
)

// TestAllocations holds what a session allocates for a small request to the bounds. Client and
// server are in the same process; what they allocate without a proxy between them is subtracted.
func TestAllocations(t *testing.T) {
	if !*loading {
		t.Skip("takes half a minute: -load")
	}
	g := &gauge{}
	s := startServer(t)
	direct := measureAllocations(t, newClient(t, nil, s.roots, false), "https://"+s.address)
	for _, file := range []string{filepath.Join(t.TempDir(), "run.detour"), ""} {
		name := "with a capture"
		if file == "" {
			name = "without"
		}
		t.Run(name, func(t *testing.T) {
			through := measureAllocations(t, sessionClient(t, s, file), s.target)
			g.within(t, "allocations of a request, "+name, through.count-direct.count)
			g.within(t, "memory allocated for a request, "+name, (through.bytes-direct.bytes)/1024)
		})
	}
	g.report(t)
}

// An allocation is what a request allocates.
type allocation struct{ count, bytes float64 }

// measureAllocations measures requests over 16 connections, after the first ones, which fill pools.
func measureAllocations(t *testing.T, c *http.Client, target string) allocation {
	t.Helper()
	const n = 8000
	spread(t, c, target, 16, n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	spread(t, c, target, 16, n)
	runtime.ReadMemStats(&after)
	return allocation{float64(after.Mallocs-before.Mallocs) / n, float64(after.TotalAlloc-before.TotalAlloc) / n}
}

// sessionClient is a client of a session whose capture is in a file; "": in memory alone.
func sessionClient(t *testing.T, s *server, file string) *http.Client {
	t.Helper()
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	ca, err := certs.Ephemeral([]string{serverName}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	policy := decrypt.With(ca, func(host string) bool { return host == serverName })
	cfg := session.Config{
		Tables: tables, Decrypt: policy, Listener: l, Log: slog.New(slog.DiscardHandler), AnyUser: true,
		Network: session.Network{
			Resolver: resolve.New(resolve.Config{Map: map[string][]netip.Addr{serverName: {netip.MustParseAddr("127.0.0.1")}}}), RootCAs: s.roots,
		},
	}
	if file != "" {
		cfg.Storage.Create = func(_ time.Time, h disk.Header) (*disk.File, error) { return disk.Create(file, h) }
	}
	run, err := session.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(policy.RootsPEM())
	return newClient(t, &url.URL{Scheme: "http", Host: run.Addr()}, roots, false)
}
