package dial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/flow"
)

const ms = time.Millisecond

func TestDial_secondAddressWinsWhenFirstStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Config{
			Resolver: addrs{"10.0.1.1", "10.0.1.2", "10.0.1.3"},
			Connect:  connectBy(map[string]step{"10.0.1.2": {after: 40 * ms}}),
		})
		c, err := d.Dial(t.Context(), Request{Authority: authority})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		info := InfoOf(c)
		wantOutcomes(t, info, flow.DialLost, flow.DialConnected)
		lost, won := info.Attempts[0], info.Attempts[1]
		if lost.Took != 290*ms || won.Took != 40*ms || won.Start.Sub(lost.Start) != 250*ms {
			t.Errorf("the loser waited %v, the winner %v; want 250+40 ms and 40 ms", lost.Took, won.Took)
		}
		if lost.Local.Port() != 50312 || lost.Kernel.SYNRetransmits != 1 {
			t.Errorf("the kernel's state isn't recorded: %+v", lost)
		}
		if info.Winner().Addr.String() != "10.0.1.2:443" {
			t.Errorf("winner %+v", info.Winner())
		}
	})
}

func TestDial_aFailureStartsTheNextAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := step{10 * ms, errno(connRefused), false}
		d := New(Config{Resolver: addrs{"10.0.1.1", "10.0.1.2", "10.0.1.3"}, Connect: connectBy(map[string]step{
			"10.0.1.1": refused, "10.0.1.2": refused, "10.0.1.3": {after: ms},
		})})
		begin := time.Now()
		c, err := d.Dial(t.Context(), Request{Authority: authority})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		wantOutcomes(t, InfoOf(c), flow.DialRefused, flow.DialRefused, flow.DialConnected)
		if took := time.Since(begin); took != 21*ms {
			t.Errorf("took %v, want 21 ms", took)
		}
	})
}

func TestDial_theDelayCountsFromTheLastStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Config{
			AttemptDelay: 100 * ms, Timeout: time.Second,
			Resolver: addrs{"10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.4"},
			Connect:  connectBy(map[string]step{"10.0.1.1": {130 * ms, errno(connRefused), false}}),
		})
		de := failure(t.Context(), t, d, Request{Authority: authority}, flow.StageDial)
		wantOutcomes(t, de.Info, flow.DialRefused, flow.DialTimeout, flow.DialTimeout, flow.DialTimeout)
		for i, want := range []time.Duration{0, 100 * ms, 130 * ms, 230 * ms} {
			if got := de.Info.Attempts[i].Start.Sub(de.Info.Attempts[0].Start); got != want {
				t.Errorf("attempt %d started after %v, want %v", i, got, want)
			}
		}
	})
}

func TestDial_anUnreachableFamilyDelaysTheOtherOnlyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Config{
			Resolver: addrs{"2001:db8::1", "2001:db8::2", "10.0.1.1"},
			Connect:  connectBy(map[string]step{"10.0.1.1": {after: 5 * ms}}),
		})
		begin := time.Now()
		c, err := d.Dial(t.Context(), Request{Authority: authority})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		wantOutcomes(t, InfoOf(c), flow.DialLost, flow.DialConnected)
		if took := time.Since(begin); took != 255*ms {
			t.Errorf("took %v, want 255 ms", took)
		}
	})
}

func TestDial_whenAllFailTheErrorListsEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Config{Timeout: 4 * time.Second, Resolver: addrs{"10.0.1.1", "10.0.1.2"}, Connect: connectBy(map[string]step{
			"10.0.1.1": {ms, errno(connRefused), false},
		})})
		de := failure(t.Context(), t, d, Request{Authority: authority}, flow.StageDial)
		wantOutcomes(t, de.Info, flow.DialRefused, flow.DialTimeout)
		if !errors.Is(de, connRefused) {
			t.Errorf("%v doesn't wrap the first attempt's error", de)
		}
		want := "dial logs.example:443: 10.0.1.1:443: refused (" + connRefused.Error() + "), 10.0.1.2:443: timeout (no response within 4.0 s)"
		if de.Error() != want {
			t.Errorf("got %q, want %q", de, want)
		}
		silent := de.Info.Attempts[1]
		if silent.Took != 4*time.Second || !silent.Local.IsValid() || silent.Err != "no response within 4.0 s" {
			t.Errorf("attempt %+v", silent)
		}
	})
}

func TestDial_withoutATimeoutTheSystemDecides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Config{
			Resolver: addrs{"10.0.1.1"},
			Connect:  connectBy(map[string]step{"10.0.1.1": {127 * time.Second, errno(systemTimeout), false}}),
		})
		de := failure(t.Context(), t, d, Request{Authority: authority}, flow.StageDial)
		a := de.Info.Attempts[0]
		if a.Outcome != flow.DialTimeout || a.Took != 127*time.Second || !strings.HasSuffix(a.Err, " (the operating system gave up)") {
			t.Errorf("attempt %+v", a)
		}
	})
}

func TestDial_aContextThatEndsCancelsPendingAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Config{
			Timeout: time.Minute, Resolver: addrs{"10.0.1.1", "10.0.1.2"},
			Connect: connectBy(map[string]step{"10.0.1.1": {ms, errno(connRefused), false}}),
		})
		left := errors.New("the tab was closed")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Second, left)
		defer cancel()
		var last *flow.Conn
		de := failure(ctx, t, d, Request{Authority: authority, Watch: func(c *flow.Conn) { last = c }}, flow.StageDial)
		wantOutcomes(t, de.Info, flow.DialRefused, flow.DialCanceled)
		wantOutcomes(t, last, flow.DialRefused, flow.DialCanceled)
		if !errors.Is(de, context.DeadlineExceeded) || !errors.Is(de, left) {
			t.Errorf("%v doesn't wrap the context's error and its cause", de)
		}
		if a := de.Info.Attempts[1]; a.Took != 5*time.Second-ms || !strings.Contains(a.Err, left.Error()) {
			t.Errorf("attempt %+v", a)
		}
	})
}

func TestDial_aWinnerThatComesTooLateIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := network{far: make(chan net.Conn, 2), steps: map[string]step{
			"10.0.1.1": {after: 400 * ms, late: true}, "10.0.1.2": {after: 10 * ms},
		}}
		d := New(Config{Resolver: addrs{"10.0.1.1", "10.0.1.2"}, Connect: n.connect})
		c, err := d.Dial(t.Context(), Request{Authority: authority})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		wantOutcomes(t, InfoOf(c), flow.DialLost, flow.DialConnected)
		if took := InfoOf(c).Attempts[0].Took; took != 260*ms {
			t.Errorf("the loser took %v, want 260ms", took)
		}
		<-n.far
		if _, err := (<-n.far).Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("the late connection is open: %v", err)
		}
	})
}

func TestDial_ignoresWhatALoserObservesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		connect := func(ctx context.Context, addr netip.AddrPort, observe Observe) (net.Conn, error) {
			if addr.Addr().String() == "10.0.1.2" {
				near, _ := net.Pipe()
				return near, nil
			}
			<-ctx.Done()
			observe(netip.MustParseAddrPort("172.16.8.5:1"), &flow.KernelTCP{SYNRetransmits: 9})
			return nil, ctx.Err()
		}
		d := New(Config{Resolver: addrs{"10.0.1.1", "10.0.1.2"}, Connect: connect})
		var last *flow.Conn
		c, err := d.Dial(t.Context(), Request{Authority: authority, Watch: func(c *flow.Conn) { last = c }})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, info := range []*flow.Conn{last, InfoOf(c)} {
			if wantOutcomes(t, info, flow.DialLost, flow.DialConnected); info.Attempts[0].Kernel != nil {
				t.Errorf("attempt %+v", info.Attempts[0])
			}
		}
	})
}

func TestDial_reportsAFailureWhileOthersArePending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Config{Timeout: time.Second, Resolver: addrs{"10.0.1.1", "10.0.1.2"}, Connect: connectBy(map[string]step{
			"10.0.1.1": {300 * ms, errno(connRefused), false},
		})})
		seen := false
		failure(t.Context(), t, d, Request{Authority: authority, Watch: func(c *flow.Conn) {
			seen = seen || describe(c) == "resolved refused pending"
		}}, flow.StageDial)
		if !seen {
			t.Error("the refusal wasn't reported")
		}
	})
}

func TestDial_anErrorAtTheLastMomentIsNotATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		connect := func(ctx context.Context, _ netip.AddrPort, _ Observe) (net.Conn, error) {
			<-ctx.Done()
			return nil, errno(connRefused)
		}
		d := New(Config{Resolver: addrs{"10.0.1.1"}, Timeout: time.Second, Connect: connect})
		wantOutcomes(t, failure(t.Context(), t, d, Request{Authority: authority}, flow.StageDial).Info, flow.DialRefused)
	})
}

func TestDial_reportsEachRetransmittedSYN(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		connect := func(_ context.Context, _ netip.AddrPort, observe Observe) (net.Conn, error) {
			for n := range 4 {
				for range 5 { // observed more often than it changes
					observe(netip.MustParseAddrPort("172.16.8.5:50312"), &flow.KernelTCP{SYNRetransmits: n})
				}
			}
			return nil, errno(systemTimeout)
		}
		reported := ""
		watch := func(c *flow.Conn) {
			for _, a := range c.Attempts {
				if a.Kernel != nil {
					reported += fmt.Sprint(a.Kernel.SYNRetransmits)
				}
				if a.Kernel != nil && !a.Local.IsValid() {
					t.Errorf("attempt %+v", a)
				}
			}
		}
		d := New(Config{Resolver: addrs{"10.0.1.1"}, Connect: connect})
		failure(t.Context(), t, d, Request{Authority: authority, Watch: watch}, flow.StageDial)
		if reported != "1233" {
			t.Errorf("reported %q retransmitted SYNs, want 1, 2, 3, and 3 at the end", reported)
		}
	})
}

func TestInterleave_alternatesBetweenFamiliesFromTheFirstOnes(t *testing.T) {
	for in, want := range map[string]string{
		"fd00::1 fd00::2 10.0.0.1 10.0.0.2":  "fd00::1 10.0.0.1 fd00::2 10.0.0.2",
		"10.0.0.1 10.0.0.2 10.0.0.3 fd00::1": "10.0.0.1 fd00::1 10.0.0.2 10.0.0.3",
		"10.0.0.2 10.0.0.1":                  "10.0.0.2 10.0.0.1",
		"fd00::1":                            "fd00::1",
	} {
		var list []netip.Addr
		for _, s := range strings.Fields(in) {
			list = append(list, netip.MustParseAddr(s))
		}
		if got := fmt.Sprint(interleave(list)); got != "["+want+"]" {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}
