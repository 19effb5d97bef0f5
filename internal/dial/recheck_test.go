package dial

import (
	"context"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestRecheck_reportsAnUnreachableAddressThatLost(t *testing.T) {
	late := make(chan *flow.Conn, 10)
	asked := make(chan string, 10)
	d := New(Config{
		Resolver: addrs{"10.0.1.1", "10.0.2.1", "203.0.113.1"}, AttemptDelay: ms,
		OnUpdate:     func(c *flow.Conn) { late <- c },
		RecheckLoser: func(host string, a netip.Addr) bool { return a.IsPrivate() },
		Connect: func(ctx context.Context, a netip.AddrPort, observe Observe) (net.Conn, error) {
			asked <- a.Addr().String()
			observe(netip.MustParseAddrPort("127.0.0.1:50000"), &flow.KernelTCP{SYNRetransmits: 2})
			if a.Addr().String() == "203.0.113.1" {
				near, far := net.Pipe()
				go func() { _, _ = io.Copy(io.Discard, far); far.Close() }()
				return near, nil
			}
			if a.Addr().String() == "10.0.2.1" && len(asked) > 3 { // the second time
				return nil, connRefused
			}
			<-ctx.Done()
			return nil, ctx.Err()
		},
	})
	c, err := d.Dial(t.Context(), Request{Authority: "logs.example:443"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	info := InfoOf(c)
	select {
	case got := <-late:
		a := got.Attempts[1]
		if got.ID != info.ID || a.Outcome != flow.DialRefused || a.Addr.String() != "10.0.2.1:443" || a.Kernel == nil || a.Interface == "" {
			t.Errorf("reported %+v", got)
		}
		if info.Attempts[1].Outcome != flow.DialLost {
			t.Error("the published record was modified")
		}
	case <-time.After(5 * time.Second):
		t.Fatal("10.0.2.1 isn't reported")
	}
	again, err := d.Dial(t.Context(), Request{Authority: "logs.example:443"})
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	d.Close() // cancels the check of the address that doesn't answer
	if len(late) != 0 {
		t.Errorf("reported again: %+v", <-late)
	}
}

func TestRecheckLimiter_limitsChecks(t *testing.T) {
	var l recheckLimiter
	now := time.Now()
	at := func(i int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 443)
	}
	for i := range maxRechecks {
		if !l.begin(at(i), now) {
			t.Fatalf("%d are too many", i)
		}
	}
	if l.begin(at(maxRechecks), now) {
		t.Error("there is no limit")
	}
	l.done()
	if l.begin(at(0), now.Add(time.Second)) {
		t.Error("the same address is checked again at once")
	}
	if !l.begin(at(0), now.Add(2*recheckInterval)) {
		t.Error("the same address is never checked again")
	}
}
