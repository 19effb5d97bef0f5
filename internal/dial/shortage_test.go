//go:build !windows

package dial

import (
	"context"
	"net"
	"net/netip"
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

func dialTo(t *testing.T, connect Connect, addr netip.AddrPort) *flow.Conn {
	t.Helper()
	d := New(Config{Connect: connect, Resolver: fixedTo{addr.Addr()}})
	defer d.Close()
	c, err := d.Dial(t.Context(), Request{Authority: net.JoinHostPort("host.example", "443")})
	if err == nil {
		_ = c.Close()
		t.Fatal("it connected")
	}
	return err.(*Error).Info //nolint:errorlint // Dial returns no other
}

type fixedTo struct{ addr netip.Addr }

func (f fixedTo) Resolve(context.Context, string) *flow.Resolution {
	return &flow.Resolution{Name: "host.example", Outcome: flow.DNSOK, Addrs: []netip.Addr{f.addr}, Took: 1}
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

func TestShortage_noPortIsLeft(t *testing.T) {
	fail := func(errno syscall.Errno) Connect {
		return func(context.Context, netip.AddrPort, Observe) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", errno)}
		}
	}
	for _, c := range []struct {
		errno   syscall.Errno
		addr    string
		outcome flow.DialOutcome
		short   flow.Shortage
	}{
		{syscall.EADDRNOTAVAIL, "203.0.113.1:443", flow.DialError, flow.ShortPorts},
		{syscall.EADDRNOTAVAIL, "[2001:db8::1]:443", flow.DialUnreachable, ""}, // the machine has no IPv6
		{syscall.ENOBUFS, "[2001:db8::1]:443", flow.DialError, flow.ShortBuffers},
		{syscall.ENOMEM, "203.0.113.1:443", flow.DialError, flow.ShortMemory},
		{syscall.ENFILE, "203.0.113.1:443", flow.DialError, flow.ShortSystemDescriptors},
		{syscall.ENETUNREACH, "203.0.113.1:443", flow.DialUnreachable, ""},
	} {
		a := dialTo(t, fail(c.errno), netip.MustParseAddrPort(c.addr)).Attempts[0]
		if a.Outcome != c.outcome || a.Shortage != c.short {
			t.Errorf("%v to %s: %+v", c.errno, c.addr, a)
		}
	}
}
