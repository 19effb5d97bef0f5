//go:build !windows

package resolve

import (
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"detour/internal/flow"
)

func TestShortage_noDescriptorIsLeftForALookup(t *testing.T) {
	if os.Getenv("DETOUR_TEST_CHILD") == "" { // the limit is the process's
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), "DETOUR_TEST_CHILD=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	for _, warm := range []bool{false, true} {
		for _, servers := range [][]netip.AddrPort{nil, {netip.MustParseAddrPort("127.0.0.1:9")}} {
			r := New(Config{Nameservers: servers})
			if warm { // Go's resolver has read its files
				r.Resolve(t.Context(), "localhost")
			}
			release := useUpDescriptors(t)
			res := r.Resolve(t.Context(), "monitoring.us-east-1.amazonaws.com")
			_, _, err := Servers()
			release()
			if res.Outcome != flow.DNSError || res.Shortage != flow.ShortDescriptors || strings.Contains(res.Err, "no nameserver") {
				t.Errorf("%v: %+v", servers, res)
			}
			if err == nil {
				t.Error("resolv.conf was read without a descriptor")
			}
		}
	}
}

func useUpDescriptors(t *testing.T) (release func()) {
	t.Helper()
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 64, Max: 64}); err != nil {
		t.Fatal(err)
	}
	var open []*os.File
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		open = append(open, f)
	}
	return func() {
		for _, f := range open {
			_ = f.Close()
		}
	}
}
