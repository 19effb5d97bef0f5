// Package otlptest starts real back ends for tests: VictoriaLogs and an OpenTelemetry collector,
// each as a process that listens on loopback and ends with the test.
//
// .ci/backend builds them. A test whose back end wasn't built is skipped.
package otlptest

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// startTime is how long a back end may take to serve, on a machine that does something else, too.
const startTime = time.Minute

// path returns where .ci/backend has built a back end.
func path(t testing.TB, name string) string {
	t.Helper()
	root, err := filepath.Abs(".")
	for err == nil {
		if _, missing := os.Stat(filepath.Join(root, ".ci", "backend")); missing == nil {
			break
		}
		if root == filepath.Dir(root) {
			t.Skip("these tests need the repository")
		}
		root = filepath.Dir(root)
	}
	out, err := exec.CommandContext(t.Context(), "sh", filepath.Join(root, ".ci", "backend"), "-n", name).Output()
	if err != nil {
		t.Skipf("%s isn't built; 'sh .ci/backend %s' builds it", name, name)
	}
	return strings.TrimSpace(string(out))
}

// start starts a back end, and waits until it is ready. It is killed at the end of the test: what it
// has stored is the test's.
func start(t testing.TB, name string, ready func() bool, args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background()) // t's ends before what t.Cleanup calls
	cmd := exec.CommandContext(ctx, path(t, name), args...) //nolint:gosec // built by .ci/backend
	said := new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr, cmd.Dir = said, said, t.TempDir()
	if err := cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	for deadline := time.Now().Add(startTime); !ready(); {
		select {
		case <-ended:
			t.Fatalf("%s has ended:\n%s", name, said)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			cancel()
			<-ended
			t.Fatalf("%s doesn't serve:\n%s", name, said)
		}
	}
}

// accepts returns a function that reports whether a program accepts connections at an address.
func accepts(t testing.TB, address string) func() bool {
	return func() bool {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return false
		}
		return c.Close() == nil
	}
}

// freeAddress returns an address of loopback that nobody listens on.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
