//go:build !windows

package dial

import (
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"detour/internal/flow"
)

// inChild runs the test in a process of its own, which may change limits, and returns
// true there.
func inChild(t *testing.T) bool {
	t.Helper()
	if os.Getenv("DETOUR_TEST_CHILD") != "" {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "DETOUR_TEST_CHILD=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// useUpDescriptors opens files until no descriptor is left.
func useUpDescriptors(t *testing.T) {
	t.Helper()
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 64, Max: 64}); err != nil {
		t.Fatal(err)
	}
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			return
		}
		t.Cleanup(func() { _ = f.Close() })
	}
}

func TestShortage_noDescriptorIsLeftForAConnect(t *testing.T) {
	if !inChild(t) {
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	useUpDescriptors(t)
	a := dialTo(t, nil, l.Addr().(*net.TCPAddr).AddrPort()).Attempts[0]
	if a.Outcome != flow.DialError || a.Shortage != flow.ShortDescriptors {
		t.Errorf("%+v", a)
	}
}
