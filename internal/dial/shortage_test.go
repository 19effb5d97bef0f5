package dial

import (
	"context"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"

	"detour/internal/flow"
)

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

// A shortageCase is an error of a connect, and what it means.
type shortageCase struct {
	errno   syscall.Errno
	addr    string
	outcome flow.DialOutcome
	short   flow.Shortage
}

func TestShortage_isToldFromWhatTheNetworkDoes(t *testing.T) {
	fail := func(errno syscall.Errno) Connect {
		return func(context.Context, netip.AddrPort, Observe) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", errno)}
		}
	}
	for _, c := range shortages {
		a := dialTo(t, fail(c.errno), netip.MustParseAddrPort(c.addr)).Attempts[0]
		if a.Outcome != c.outcome || a.Shortage != c.short {
			t.Errorf("%v to %s: %+v", c.errno, c.addr, a)
		}
	}
}
