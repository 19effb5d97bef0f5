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
	direct := measureAllocations(t, newClient(t, nil, s.roots, false), "https://"+s.address, 40)
	for _, file := range []string{filepath.Join(t.TempDir(), "run.detour"), ""} {
		name, rounds := "with a capture", 8 // long ones: what is recorded is written ten times a second
		if file == "" {
			name, rounds = "without", 40
		}
		t.Run(name, func(t *testing.T) {
			through := measureAllocations(t, sessionClient(t, s, file), s.target, rounds)
			g.within(t, "allocations of a request, "+name, through.count-direct.count)
			g.within(t, "memory allocated for a request, "+name, (through.bytes-direct.bytes)/1024)
		})
	}
	g.report(t)
}

// An allocation is what a request allocates.
type allocation struct{ count, bytes float64 }

// measureAllocations measures requests over a few connections, after the first ones, which fill
// pools. The median of rounds has little of what happens from time to time, and so oftener for a
// request if the machine is busy: findings, revisions of requests in progress, and new connections
// because those there are were returned late. With all that, a request takes half a KiB more
// among seven processes that wait for one core.
func measureAllocations(t *testing.T, c *http.Client, target string, rounds int) allocation {
	t.Helper()
	const n, workers = 8000, 4
	spread(t, c, target, workers, n)
	var counts, bytes []float64
	for range rounds {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		made := float64(len(spread(t, c, target, workers, n/rounds)))
		runtime.ReadMemStats(&after)
		counts = append(counts, float64(after.Mallocs-before.Mallocs)/made)
		bytes = append(bytes, float64(after.TotalAlloc-before.TotalAlloc)/made)
	}
	return allocation{median(counts), median(bytes)}
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
