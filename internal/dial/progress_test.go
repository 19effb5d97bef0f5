package dial

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"detour/internal/flow"
	"detour/internal/resolve"
)

// halfDead is a nameserver that has no IPv6 address for any name, and answers nothing else.
func halfDead(t *testing.T) netip.AddrPort {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { pc.Close(); <-done })
	go func() {
		defer close(done)
		b := make([]byte, 1500)
		for {
			n, from, err := pc.ReadFrom(b)
			if err != nil {
				return
			}
			at := 12 // the question's name, behind the header (RFC 1035, 4.1)
			for b[at] != 0 {
				at += 1 + int(b[at])
			}
			if kind := int(b[at+1])<<8 | int(b[at+2]); kind == 28 {
				b[2] |= 0x80 // a response without records: NODATA
				b[3] |= 0x80
				_, _ = pc.WriteTo(b[:n], from)
			}
		}
	}()
	return netip.MustParseAddrPort(pc.LocalAddr().String())
}

func TestDial_publishesWhatALookupShowsWhileItWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var waiting *flow.Resolution
	d := New(Config{Resolver: resolve.New(resolve.Config{Nameservers: []netip.AddrPort{halfDead(t)}})})
	failure(ctx, t, d, Request{Authority: "logs.ap-northeast-1.amazonaws.com:443", Watch: func(c *flow.Conn) {
		if c.Resolution.Outcome == flow.DNSPending && len(c.Resolution.Queries) > 0 {
			waiting = c.Resolution
			cancel()
		}
	}}, flow.StageDNS)
	if waiting == nil || len(waiting.Queries) != 2 || waiting.Name != "logs.ap-northeast-1.amazonaws.com" {
		t.Fatalf("%+v", waiting)
	}
}
