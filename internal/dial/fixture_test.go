package dial

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"detour/internal/flow"
	"detour/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// addrs resolves every name to the same addresses.
type addrs []string

func (a addrs) Resolve(_ context.Context, host string) *flow.Resolution {
	r := &flow.Resolution{Name: host, Outcome: flow.DNSOK, Source: flow.SourceDNS, Start: time.Now(), Took: 1}
	for _, s := range a {
		r.Addrs = append(r.Addrs, netip.MustParseAddr(s))
	}
	if len(a) == 0 {
		r.Outcome, r.Err = flow.DNSNXDomain, "no such name"
	}
	return r
}

// A step is what a simulated address does: after a while, it fails or accepts.
type step struct {
	after time.Duration
	err   error
	late  bool // ignore the end of the context
}

// A network simulates connects as its steps say. An address without a step never
// answers.
type network struct {
	steps map[string]step
	far   chan net.Conn // receives the other ends; may be nil
}

func (n network) connect(ctx context.Context, addr netip.AddrPort, observe Observe) (net.Conn, error) {
	observe(netip.MustParseAddrPort("172.16.8.5:50312"), &flow.KernelTCP{SYNRetransmits: 1})
	s, ok := n.steps[addr.Addr().String()]
	if !ok {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if s.late {
		ctx = context.WithoutCancel(ctx)
	}
	select {
	case <-time.After(s.after):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.err != nil {
		return nil, s.err
	}
	near, far := net.Pipe()
	if n.far != nil {
		n.far <- far
	}
	return near, nil
}

func connectBy(steps map[string]step) Connect { return network{steps: steps}.connect }

func errno(e syscall.Errno) error {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{}, Err: &osError{e}}
}

// osError stands for os.SyscallError.
type osError struct{ error }

func (e *osError) Unwrap() error { return e.error }

const authority = "logs.example:443"

// failure dials and expects an *Error of that stage.
func failure(ctx context.Context, t *testing.T, d *Dialer, req Request, stage flow.Stage) *Error {
	t.Helper()
	c, err := d.Dial(ctx, req)
	if err == nil {
		c.Close()
		t.Fatal("it connected")
	}
	var de *Error
	if !errors.As(err, &de) || de.Stage != stage || de.Info == nil || de.Info.Authority != req.Authority {
		t.Fatalf("got %v (%+v), want an *Error of stage %s", err, de, stage)
	}
	return de
}

func wantOutcomes(t *testing.T, c *flow.Conn, want ...flow.DialOutcome) {
	t.Helper()
	var got []flow.DialOutcome
	for _, a := range c.Attempts {
		got = append(got, a.Outcome)
		if (a.Outcome == flow.DialConnected) != (a.Err == "") || a.Took <= 0 || a.Start.IsZero() {
			t.Errorf("attempt %+v", a)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("outcomes %v, want %v", got, want)
	}
}

// server runs handle for each connection and returns its authority.
func server(tb testing.TB, handle func(net.Conn)) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { defer c.Close(); handle(c) })
		}
	})
	tb.Cleanup(func() { l.Close(); wg.Wait() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return "logs.example:" + port
}

func echo(c net.Conn) { _, _ = io.Copy(c, c) }

func discard(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
