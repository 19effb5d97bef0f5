package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"detour/internal/flow"
)

func TestDial_realSockets(t *testing.T) {
	authority := server(t, echo)
	_, port, _ := net.SplitHostPort(authority)
	ips := addrs{"127.0.0.7", "127.0.0.1"} // .7 has no listener
	want := []flow.DialOutcome{flow.DialRefused, flow.DialConnected}
	if runtime.GOOS != "linux" { // only Linux has all of 127/8
		ips, want = ips[1:], want[1:]
	}
	c, err := New(Config{Resolver: ips}).Dial(t.Context(), Request{Authority: authority})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	info := InfoOf(c)
	wantOutcomes(t, info, want...)
	w := info.Winner()
	if w.Local.String() != c.LocalAddr().String() || w.Interface == "" || w.Addr.String() != "127.0.0.1:"+port {
		t.Errorf("winner %+v, connection %v", w, c.LocalAddr())
	}
	if info.ID != 1 || info.Authority != authority || info.TLS != nil || info.Start.IsZero() || info.Resolution.Name != "logs.example" {
		t.Errorf("record %+v", info)
	}
}

// nobody is an address on which nobody listens. Where loopback has more addresses than one, it is on another
// than what tests of other packages get, which may run at the same time.
func nobody(t *testing.T) netip.AddrPort {
	t.Helper()
	host := "127.0.0.1"
	if runtime.GOOS == "linux" {
		host = "127.0.87.2"
	}
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	return netip.MustParseAddrPort(l.Addr().String())
}

func TestDial_allRefused(t *testing.T) {
	closed := nobody(t)
	ip, authority := closed.Addr().String(), fmt.Sprintf("logs.example:%d", closed.Port())
	de := failure(t.Context(), t, New(Config{Resolver: addrs{ip, ip}}), Request{Authority: authority}, flow.StageDial)
	wantOutcomes(t, de.Info, flow.DialRefused, flow.DialRefused)
	if !errors.Is(de, connRefused) || de.Info.Attempts[0].Err != connRefused.Error() {
		t.Errorf("%v, attempt %+v", de, de.Info.Attempts[0])
	}
}

func TestDial_withoutAnAddressFailsAtDNS(t *testing.T) {
	de := failure(t.Context(), t, New(Config{Resolver: addrs{}}), Request{Authority: authority}, flow.StageDNS)
	if de.Info.Resolution.Outcome != flow.DNSNXDomain || de.Error() != "lookup logs.example: nxdomain (no such name)" {
		t.Errorf("%v, resolution %+v", de, de.Info.Resolution)
	}
	for _, bad := range []string{"no port", "host:https", "host:65536", "a:b:c", ""} {
		if de := failure(t.Context(), t, New(Config{Resolver: addrs{}}), Request{Authority: bad}, flow.StageDNS); de.Info.Resolution != nil {
			t.Errorf("%q was looked up", bad)
		}
	}
}

// resolver is a Resolver made of a func.
type resolver func(ctx context.Context, host string) *flow.Resolution

func (r resolver) Resolve(ctx context.Context, host string) *flow.Resolution { return r(ctx, host) }

func TestDial_aContextThatEndsDuringTheLookupFailsAtDNS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		waits := resolver(func(ctx context.Context, host string) *flow.Resolution {
			<-ctx.Done()
			return &flow.Resolution{Name: host, Outcome: flow.DNSTimeout, Err: "no response from 10.0.0.2:53"}
		})
		de := failure(ctx, t, New(Config{Resolver: waits}), Request{Authority: authority}, flow.StageDNS)
		if !errors.Is(de, context.DeadlineExceeded) || de.Info.Resolution.Outcome != flow.DNSTimeout || len(de.Info.Attempts) != 0 {
			t.Errorf("%v, record %+v", de, de.Info)
		}
		de = failure(ctx, t, New(Config{Resolver: addrs{"10.0.1.1"}}), Request{Authority: "10.0.1.1:443"}, flow.StageDNS)
		if !errors.Is(de, context.DeadlineExceeded) || len(de.Info.Attempts) != 0 {
			t.Errorf("%v, record %+v", de, de.Info)
		}
	})
}

func TestDial_resolvesTheHostUnchanged(t *testing.T) {
	for authority, want := range map[string]string{
		"logs.example.:443": "logs.example.", "[fe80::1%Eth0]:443": "fe80::1%Eth0", "10.0.1.1:443": "10.0.1.1",
	} {
		got := ""
		r := resolver(func(_ context.Context, host string) *flow.Resolution {
			got = host
			return &flow.Resolution{Outcome: flow.DNSError}
		})
		if failure(t.Context(), t, New(Config{Resolver: r}), Request{Authority: authority}, flow.StageDNS); got != want {
			t.Errorf("%s: resolved %q, want %q", authority, got, want)
		}
	}
}

// describe summarizes a snapshot, with one word for each fact.
func describe(c *flow.Conn) string {
	s := "resolving"
	if c.Resolution.Outcome != flow.DNSPending {
		s = "resolved"
	}
	for _, a := range c.Attempts {
		if s += " "; a.Outcome == flow.DialPending {
			s += "pending"
		}
		s += string(a.Outcome)
	}
	if c.TLS != nil {
		if s += " tls:"; c.TLS.Outcome == flow.TLSPending {
			s += "pending"
		}
		s += string(c.TLS.Outcome)
	}
	return s
}

func TestDial_watchersSeeEachStepInOrderAndNothingAfterReturn(t *testing.T) {
	cert, roots := certificate(t, time.Now().Add(time.Hour), "logs.example")
	authority := server(t, serveTLS(cert, nil))
	dead := func(ctx context.Context, addr netip.AddrPort, observe Observe) (net.Conn, error) {
		if addr.Addr().String() == "10.0.1.1" {
			return connectBy(nil)(ctx, addr, observe)
		}
		return connectSystem(ctx, addr, func(netip.AddrPort, *flow.KernelTCP) {})
	}
	type snapshot struct{ given, copied *flow.Conn }
	var (
		mu   sync.Mutex
		seen []snapshot
		over bool
	)
	watch := func(c *flow.Conn) {
		if !mu.TryLock() {
			t.Error("called twice at a time")
			return
		}
		defer mu.Unlock()
		if over {
			t.Error("called after Dial returned")
		}
		copied := *c
		copied.Attempts = slices.Clone(c.Attempts)
		if c.TLS != nil {
			tls := *c.TLS
			copied.TLS = &tls
		}
		resolution := *c.Resolution
		copied.Resolution = &resolution
		seen = append(seen, snapshot{c, &copied})
	}
	d := New(Config{Resolver: addrs{"10.0.1.1", "127.0.0.1"}, Connect: dead, RootCAs: roots, AttemptDelay: ms})
	c, err := d.Dial(t.Context(), Request{Authority: authority, TLS: true, Watch: watch})
	if err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	over = true
	mu.Unlock()
	defer c.Close()
	var got []string
	for _, n := range seen {
		s := describe(n.given)
		if len(got) == 0 || got[len(got)-1] != s {
			got = append(got, s)
		}
		if d := cmp.Diff(n.copied, n.given, cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})); d != "" {
			t.Errorf("a snapshot was modified: %s", d)
		}
		if n.given.ID != InfoOf(c).ID {
			t.Errorf("ID %d, want %d", n.given.ID, InfoOf(c).ID)
		}
	}
	want := []string{
		"resolving", "resolved", "resolved pending", "resolved pending pending", "resolved lost connected",
		"resolved lost connected tls:pending", "resolved lost connected tls:ok",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(seen[len(seen)-1].given, InfoOf(c), cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})); d != "" {
		t.Errorf("the last snapshot isn't the record: %s", d)
	}
}

func TestDial_concurrently(t *testing.T) {
	authority := server(t, echo)
	d := New(Config{Resolver: addrs{"127.0.0.1"}})
	var (
		wg  sync.WaitGroup
		mu  sync.Mutex
		ids = map[flow.ID]bool{}
	)
	for range 100 {
		wg.Go(func() {
			c, err := d.Dial(t.Context(), Request{Authority: authority, Watch: func(*flow.Conn) {}})
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			info := InfoOf(c)
			if info.Winner().Local.String() != c.LocalAddr().String() {
				t.Errorf("the record of %v is for %v", c.LocalAddr(), info.Winner().Local)
			}
			mu.Lock()
			defer mu.Unlock()
			ids[info.ID] = true
		})
	}
	wg.Wait()
	if len(ids) != 100 {
		t.Errorf("%d IDs for 100 connections", len(ids))
	}
}

func TestInterfaces_lookupFindsAddressesAndRefreshes(t *testing.T) {
	var i interfaces
	lo := nameOf(&i, "127.0.0.1")
	if lo == "" {
		t.Fatal("127.0.0.1 has no interface")
	}
	if got := nameOf(&i, "192.0.2.77"); got != "" {
		t.Errorf("192.0.2.77 is on %q", got)
	}
	if got := nameOf(&i, "127.0.0.1"); got != lo {
		t.Errorf("127.0.0.1 is on %q, want %q", got, lo)
	}
	i.names = map[netip.Addr]interfaceInfo{netip.MustParseAddr("127.0.0.1"): {name: "old"}}
	i.read = time.Now().Add(-time.Hour)
	i.refresh()
	for deadline := time.Now().Add(time.Minute); nameOf(&i, "127.0.0.1") == "old"; {
		if time.Now().After(deadline) {
			t.Fatal("the list isn't reread")
		}
		runtime.Gosched()
	}
}

// BenchmarkDial compares a recorded dial with net.Dialer's. Both close their
// connections with a RST: ports in TIME_WAIT would slow the second one down.
func BenchmarkDial(b *testing.B) {
	authority := server(b, func(net.Conn) {})
	found := fixed(*addrs{"127.0.0.1"}.Resolve(b.Context(), "localhost"))
	drop := func(b *testing.B, c net.Conn, err error) {
		if err != nil {
			b.Fatal(err)
		}
		if own := FromNetConn(c); own != nil {
			c = own.Conn
		}
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	}
	b.Run("recorded", func(b *testing.B) {
		d := New(Config{Resolver: &found})
		b.ReportAllocs()
		for b.Loop() {
			c, err := d.Dial(b.Context(), Request{Authority: authority})
			drop(b, c, err)
		}
	})
	b.Run("net.Dialer", func(b *testing.B) {
		_, port, _ := net.SplitHostPort(authority)
		b.ReportAllocs()
		for b.Loop() {
			c, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", "127.0.0.1:"+port)
			drop(b, c, err)
		}
	})
}

// fixed resolves every name to the same answer.
type fixed flow.Resolution

func (f *fixed) Resolve(context.Context, string) *flow.Resolution { return (*flow.Resolution)(f) }

// BenchmarkInterfaces measures reading the interfaces, which a dial rarely waits for.
func BenchmarkInterfaces(b *testing.B) {
	for b.Loop() {
		if len(readInterfaces()) == 0 {
			b.Fatal("no addresses")
		}
	}
}

func nameOf(i *interfaces, addr string) string {
	name, _ := i.lookup(netip.MustParseAddr(addr))
	return name
}
