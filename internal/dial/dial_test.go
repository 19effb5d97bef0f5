package dial

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"detour/internal/flow"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// addrs resolves every name to the same addresses.
type addrs []string

func (a addrs) Resolve(_ context.Context, host string) *flow.Resolution {
	r := &flow.Resolution{Name: host, Outcome: flow.DNSOK, Source: flow.SourceDNS, Start: time.Now()}
	for _, s := range a {
		r.Addrs = append(r.Addrs, netip.MustParseAddr(s))
	}
	if len(a) == 0 {
		r.Outcome = flow.DNSNXDomain
	}
	return r
}

// A step is what a made-up address does: after a while, an error or an accept.
type step struct {
	after time.Duration
	err   error
}

// network connects as its steps say; an address without one never answers.
func network(steps map[string]step) Connect {
	return func(ctx context.Context, addr netip.AddrPort, observe Observe) (net.Conn, error) {
		observe(netip.MustParseAddrPort("172.16.8.5:50312"), &flow.KernelTCP{SYNRetransmits: 1})
		s, ok := steps[addr.Addr().String()]
		if !ok {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		select {
		case <-time.After(s.after):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if s.err != nil {
			return nil, s.err
		}
		c, far := net.Pipe()

		go func() { _, _ = io.Copy(io.Discard, far) }()
		return c, nil
	}
}

var refusedErr = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}

func outcomes(c *flow.Conn) (out []flow.DialOutcome) {
	for _, a := range c.Attempts {
		out = append(out, a.Outcome)
	}
	return out
}

func want(t *testing.T, c *flow.Conn, want ...flow.DialOutcome) {
	t.Helper()
	got := outcomes(c)
	if len(got) != len(want) {
		t.Fatalf("outcomes %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("outcomes %v, want %v", got, want)
		}
	}
}

func TestDial_secondAddressWinsWhenFirstStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Config{Resolver: addrs{"10.0.1.1", "10.0.1.2"}, Connect: network(map[string]step{"10.0.1.2": {after: 40 * time.Millisecond}})})
		c, err := d.Dial(t.Context(), Request{Authority: "x.example:443"})
		if err != nil {
			t.Fatal(err)
		}
		info := InfoOf(c)
		want(t, info, flow.DialLost, flow.DialConnected)
		if took := info.Attempts[0].Took; took != 290*time.Millisecond {
			t.Errorf("the loser waited %v, want 250+40 ms", took)
		}
		if info.Attempts[0].Local.Port() != 50312 || info.Attempts[0].Kernel.SYNRetransmits != 1 {
			t.Errorf("what the kernel said is lost: %+v", info.Attempts[0])
		}
		c.Close()
	})
}

func TestDial_aFailureStartsTheNextAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Config{Resolver: addrs{"10.0.1.1", "10.0.1.2", "10.0.1.3"}, Connect: network(map[string]step{
			"10.0.1.1": {10 * time.Millisecond, refusedErr}, "10.0.1.2": {10 * time.Millisecond, refusedErr}, "10.0.1.3": {after: time.Millisecond},
		})})
		begin := time.Now()
		c, err := d.Dial(t.Context(), Request{Authority: "x.example:443"})
		if err != nil {
			t.Fatal(err)
		}
		want(t, InfoOf(c), flow.DialRefused, flow.DialRefused, flow.DialConnected)
		if took := time.Since(begin); took != 21*time.Millisecond {
			t.Errorf("took %v, want 21 ms", took)
		}
		c.Close()
	})
}

func TestDial_ourTimeoutEndsEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Config{Resolver: addrs{"10.0.1.1", "10.0.1.2"}, Connect: network(nil), Timeout: 4 * time.Second})
		_, err := d.Dial(t.Context(), Request{Authority: "x.example:443"})
		var de *Error
		if !errors.As(err, &de) || de.Stage != flow.StageDial {
			t.Fatalf("%v", err)
		}
		want(t, de.Info, flow.DialTimeout, flow.DialTimeout)
		for _, a := range de.Info.Attempts {
			if a.Took != 4*time.Second || !a.Local.IsValid() || a.Err == "" {
				t.Errorf("%+v", a)
			}
		}
	})
}

func TestDial_aClientThatLeavesCancelsWhatIsPending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Config{Resolver: addrs{"10.0.1.1", "10.0.1.2"}, Connect: network(nil)})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := d.Dial(ctx, Request{Authority: "x.example:443"})
		var de *Error
		if !errors.As(err, &de) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("%v", err)
		}
		want(t, de.Info, flow.DialCanceled, flow.DialCanceled)
		if de.Info.Attempts[0].Took != 5*time.Second {
			t.Errorf("%+v", de.Info.Attempts[0])
		}
	})
}

func TestDial_withoutAnAddressFailsAtDNS(t *testing.T) {
	_, err := New(Config{Resolver: addrs{}}).Dial(t.Context(), Request{Authority: "x.example:443"})
	var de *Error
	if !errors.As(err, &de) || de.Stage != flow.StageDNS || de.Info.Resolution.Outcome != flow.DNSNXDomain {
		t.Errorf("%v", err)
	}
	if _, err = New(Config{Resolver: addrs{}}).Dial(t.Context(), Request{Authority: "no port"}); !errors.As(err, &de) {
		t.Errorf("%v", err)
	}
}

func TestDial_watchersSeeEachStepInOrderAndNothingAfterwards(t *testing.T) {
	var mu sync.Mutex
	var steps []int
	over := false
	watch := func(c *flow.Conn) {
		mu.Lock()
		defer mu.Unlock()
		if over {
			t.Error("news after Dial returned")
		}
		steps = append(steps, len(c.Attempts))
	}
	d := New(Config{Resolver: addrs{"10.0.1.1", "10.0.1.2"}, Connect: network(map[string]step{"10.0.1.2": {}}), AttemptDelay: time.Millisecond})
	c, err := d.Dial(t.Context(), Request{Authority: "x.example:443", Watch: watch})
	if err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	over = true
	for i := 1; i < len(steps); i++ {
		if steps[i] < steps[i-1] {
			t.Errorf("attempts vanish: %v", steps)
		}
	}
	mu.Unlock()
	c.Close()
}

func TestInterleave_alternatesBetweenFamiliesFromTheFirstOnes(t *testing.T) {
	var in []netip.Addr
	for _, s := range []string{"fd00::1", "fd00::2", "10.0.0.1", "10.0.0.2"} {
		in = append(in, netip.MustParseAddr(s))
	}
	got := interleave(in)
	for i, s := range []string{"fd00::1", "10.0.0.1", "fd00::2", "10.0.0.2"} {
		if got[i].String() != s {
			t.Fatalf("%v", got)
		}
	}
}

func TestDial_realSockets(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	d := New(Config{Resolver: addrs{"127.0.0.7", "127.0.0.1"}}) // nobody listens on .7
	if runtime.GOOS != "linux" {
		d = New(Config{Resolver: addrs{"127.0.0.1"}})
	}
	c, err := d.Dial(t.Context(), Request{Authority: "x.example:" + port})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	info := InfoOf(c)
	if runtime.GOOS == "linux" {
		want(t, info, flow.DialRefused, flow.DialConnected)
	}
	if w := info.Winner(); w.Local.String() != c.LocalAddr().String() || w.Interface == "" {
		t.Errorf("local %v on %q, want %v", w.Local, w.Interface, c.LocalAddr())
	}
}

// server runs handle for each connection and returns what resolves to it.
func server(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
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
	t.Cleanup(func() { l.Close(); wg.Wait() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return "logs.example:" + port
}

// certificate is self-signed, for names, from now to end.
func certificate(t *testing.T, end time.Time, names ...string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: names,
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: end, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := x509.ParseCertificate(der)
	pool := x509.NewCertPool()
	pool.AddCert(c)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestDial_handshakesAreClassifiedWithTheChainThatWasSent(t *testing.T) {
	good, roots := certificate(t, time.Now().Add(time.Hour), "logs.example")
	old, oldRoots := certificate(t, time.Now().Add(-time.Hour), "logs.example")
	other, otherRoots := certificate(t, time.Now().Add(time.Hour), "other.example")
	serve := func(c tls.Certificate, cfg *tls.Config) func(net.Conn) {
		cfg.Certificates = []tls.Certificate{c}
		cfg.NextProtos = []string{"h2"}
		return func(conn net.Conn) {
			tc := tls.Server(conn, cfg)
			_ = tc.Handshake()
			_, _ = tc.Read(make([]byte, 1))
		}
	}
	for name, tc := range map[string]struct {
		handle func(net.Conn)
		roots  *x509.CertPool
		want   flow.TLSOutcome
		chain  int
	}{
		"ok":            {serve(good, &tls.Config{}), roots, flow.TLSOK, 1},
		"untrusted":     {serve(good, &tls.Config{}), oldRoots, flow.TLSUntrusted, 1},
		"expired":       {serve(old, &tls.Config{}), oldRoots, flow.TLSExpired, 1},
		"other name":    {serve(other, &tls.Config{}), otherRoots, flow.TLSNameMismatch, 1},
		"alert":         {serve(good, &tls.Config{MaxVersion: tls.VersionTLS11}), roots, flow.TLSAlert, 0},
		"not TLS":       {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }, roots, flow.TLSError, 0},
		"silence":       {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, roots, flow.TLSTimeout, 0},
		"hangs up":      {func(c net.Conn) { _, _ = c.Read(make([]byte, 1<<16)) }, roots, flow.TLSReset, 0},
		"reset by peer": {func(c net.Conn) { _, _ = c.Read(make([]byte, 9)); _ = c.(*net.TCPConn).SetLinger(0) }, roots, flow.TLSReset, 0},
	} {
		t.Run(name, func(t *testing.T) {
			d := New(Config{Resolver: addrs{"127.0.0.1"}, RootCAs: tc.roots, HandshakeTimeout: 300 * time.Millisecond})
			c, err := d.Dial(t.Context(), Request{Authority: server(t, tc.handle), TLS: true, ALPN: []string{"h2"}})
			var info *flow.Conn
			if err == nil {
				info = InfoOf(c)
				c.Close()
			} else {
				var de *Error
				if !errors.As(err, &de) || de.Stage != flow.StageTLS {
					t.Fatalf("%v", err)
				}
				info = de.Info
			}
			got := info.TLS
			if got.Outcome != tc.want || len(got.Chain) != tc.chain || got.Took <= 0 || got.ServerName != "logs.example" {
				t.Errorf("%+v (%v), want %s", got, err, tc.want)
			}
			if info.Winner() == nil {
				t.Error("no attempt connected")
			}
			if tc.want == flow.TLSOK && (got.ALPN != "h2" || got.Version != "TLS 1.3") {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestOutcomeOf(t *testing.T) {
	for want, err := range map[flow.DialOutcome]error{
		flow.DialConnected:   nil,
		flow.DialRefused:     refusedErr,
		flow.DialTimeout:     syscall.ETIMEDOUT,
		flow.DialUnreachable: syscall.EHOSTUNREACH,
		flow.DialReset:       syscall.ECONNRESET,
		flow.DialCanceled:    context.Canceled,
		flow.DialError:       errors.New("x"),
	} {
		if runtime.GOOS == "windows" {
			t.Skip("Winsock has its own numbers")
		}
		if got := outcomeOf(err); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
	for _, err := range []error{syscall.EACCES, syscall.EPERM, syscall.ENETUNREACH} {
		if got := outcomeOf(err); got != flow.DialUnreachable {
			t.Errorf("%v: %s", err, got)
		}
	}
}

func TestDial_manyAtOnce(t *testing.T) {
	authority := server(t, func(c net.Conn) { _, _ = io.Copy(c, c) })
	d := New(Config{Resolver: addrs{"127.0.0.1"}})
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			c, err := d.Dial(t.Context(), Request{Authority: authority})
			if err != nil {
				t.Error(err)
				return
			}
			c.Close()
		})
	}
	wg.Wait()
}

func BenchmarkDial(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	addr := l.Addr().String()
	b.Run("recorded", func(b *testing.B) {
		d := New(Config{Resolver: addrs{"127.0.0.1"}})
		for b.Loop() {
			if c, err := d.Dial(b.Context(), Request{Authority: addr}); err == nil {
				c.Close()
			}
		}
	})
	b.Run("net.Dialer", func(b *testing.B) {
		for b.Loop() {
			if c, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", addr); err == nil {
				c.Close()
			}
		}
	})
}
