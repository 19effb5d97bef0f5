// Package loadtest measures detour as users run it, a process of its own, and holds it to the
// bounds of docs/internals/performance.md. Rates and times are relative to goproxy, which is
// measured in the same minute on the same machine: a slower or busier machine slows both.
//
//	go test -run TestLoad -load -v ./internal/loadtest
package loadtest

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var (
	loading     = flag.Bool("load", false, "run TestLoad and TestAllocations, which take minutes")
	loadRounds  = flag.Int("load-rounds", 7, "how often TestLoad compares each pair of figures")
	loadCapture = flag.String("load-capture", "", "the --capture of TestLoad and TestSoak; by default a file that is thrown away")
	soaking     = flag.Duration("soak", 0, "run TestSoak for this long")
)

// TestMain lets the test program be the reference, too: see startReference.
func TestMain(m *testing.M) {
	if server := os.Getenv(referenceServer); server != "" {
		runReference(server)
		return
	}
	os.Exit(m.Run())
}

// needProc skips a test where the system doesn't say what a process uses.
func needProc(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("memory and CPU are read from /proc")
	}
}

// buildDetour builds the program as it is released.
func buildDetour(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "detour")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "detour/cmd/detour")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}
