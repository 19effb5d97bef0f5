package dial

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/fault"
	"detour/internal/flow"
)

// A panic on any goroutine of a race is one of Dial, whose caller may recover. The other attempts end.
func TestRace_aPanicIsRaisedByDial(t *testing.T) {
	third := func(c *flow.Conn) bool { return len(c.Attempts) == 3 }
	for name, c := range map[string]struct {
		connect Connect
		watch   func(*flow.Conn)
	}{
		"in the first attempt":  {connect: panicAt("10.0.1.1", 0)},
		"in another one":        {connect: panicAt("10.0.1.2", time.Second)},
		"at the timer":          {watch: func(c *flow.Conn) { panicIf(third(c)) }},
		"at the client's leave": {watch: func(c *flow.Conn) { panicIf(c.Attempts != nil && c.Attempts[0].Outcome == flow.DialCanceled) }},
		"at the end": {connect: connectBy(map[string]step{"10.0.1.1": {after: ms}}), watch: func(c *flow.Conn) {
			panicIf(c.Attempts != nil && c.Attempts[0].Outcome == flow.DialConnected)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if c.connect == nil {
					c.connect = connectBy(nil)
				}
				d := New(Config{Resolver: addrs{"10.0.1.1", "10.0.1.2", "10.0.1.3"}, Connect: c.connect})
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				p := fault.Catch(func() { _, _ = d.Dial(ctx, Request{Authority: authority, Watch: c.watch}) })
				if p == nil || p.Value != "a fault" || !strings.Contains(string(p.Stack), "panicIf") {
					t.Errorf("%+v", p)
				}
			})
		})
	}
}

// Of what runs when nobody waits any more, a panic is reported.
func TestDial_aPanicInTheBackgroundIsReported(t *testing.T) {
	for name, cfg := range map[string]Config{
		"a loser that ends after the race": {Connect: func(ctx context.Context, addr netip.AddrPort, observe Observe) (net.Conn, error) {
			if addr.Addr().String() == "10.0.1.1" {
				<-ctx.Done()
				panicIf(true)
			}
			return connectBy(map[string]step{"10.0.1.2": {after: ms}})(ctx, addr, observe)
		}},
		"a recheck": {
			Connect:      connectBy(map[string]step{"10.0.1.2": {after: ms}}),
			RecheckLoser: func(string, netip.Addr) bool { return true },
			OnLater:      func(flow.ID, flow.Later) { panicIf(true) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				cfg.Resolver, cfg.Faults = addrs{"10.0.1.1", "10.0.1.2"}, fault.NewGuard(slog.New(slog.NewTextHandler(&log, nil)), nil)
				d := New(cfg)
				dialed := make(chan net.Conn, 1)
				go func() { // the first attempt runs on the goroutine of Dial
					c, _ := d.Dial(t.Context(), Request{Authority: authority})
					dialed <- c
				}()
				if c := <-dialed; c == nil {
					t.Error("no connection")
				} else {
					_ = c.Close()
				}
				time.Sleep(20 * time.Second)
				d.Close()
				if !strings.Contains(log.String(), "panicIf") {
					t.Errorf("log %q", log.String())
				}
			})
		})
	}
}

func panicIf(bad bool) {
	if bad {
		panic("a fault")
	}
}

// panicAt panics after a while at one address. The others never answer.
func panicAt(address string, after time.Duration) Connect {
	return func(ctx context.Context, addr netip.AddrPort, observe Observe) (net.Conn, error) {
		if addr.Addr().String() == address {
			time.Sleep(after)
			panicIf(true)
		}
		return connectBy(nil)(ctx, addr, observe)
	}
}
