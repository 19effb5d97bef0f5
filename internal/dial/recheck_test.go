package dial

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/flow"
)

// What is known of an address that lost a race, and when. The race is between 10.0.1.1,
// 10.0.2.1 and 203.0.113.1, which wins.
func TestRecheck_reportsWhatALoserDoesAlone(t *testing.T) {
	for name, v := range map[string]struct {
		alone step
		ends  time.Duration // when the Dialer is closed
		want  []string
	}{
		"it refuses":      {step{after: ms, err: connRefused}, time.Minute, []string{"refused after 1ms"}},
		"it answers":      {step{after: 40 * ms}, time.Minute, []string{"connected after 40ms"}},
		"it never does":   {step{after: time.Hour}, time.Minute, []string{"timeout after 3s", "timeout after 10s"}},
		"it is slow":      {step{after: 5 * time.Second}, time.Minute, []string{"timeout after 3s", "connected after 5s"}},
		"the run ends":    {step{after: time.Hour}, 6500 * ms, []string{"timeout after 3s", "canceled after 6.5s"}},
		"… and very soon": {step{after: time.Hour}, 1200 * ms, []string{"canceled after 1.2s"}},
		"… and it was slow": {
			step{after: 5 * time.Second}, 6500 * ms, []string{"timeout after 3s", "connected after 5s"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var got []flow.Later
				lost := step{after: time.Hour}
				races := network{steps: map[string]step{"10.0.1.1": lost, "10.0.2.1": lost, "203.0.113.1": {}}}
				alone := network{steps: map[string]step{"10.0.2.1": v.alone}}
				var asked atomic.Int32
				d := New(Config{
					Resolver: addrs{"10.0.1.1", "10.0.2.1", "203.0.113.1"}, AttemptDelay: ms,
					RecheckLoser: func(_ string, a netip.Addr) bool { return a.String() == "10.0.2.1" },
					OnLater: func(conn flow.ID, l flow.Later) {
						mu.Lock()
						defer mu.Unlock()
						if got = append(got, l); conn != 1 || l.Kind != flow.LaterLoser || l.Addr.String() != "10.0.2.1:443" {
							t.Errorf("connection %d, %+v", conn, l)
						}
					},
					Connect: func(ctx context.Context, a netip.AddrPort, observe Observe) (net.Conn, error) {
						if asked.Add(1) > 3 {
							return alone.connect(ctx, a, observe)
						}
						return races.connect(ctx, a, observe)
					},
				})
				c, err := d.Dial(t.Context(), Request{Authority: authority})
				if err != nil {
					t.Fatal(err)
				}
				c.Close()
				published := *InfoOf(c)
				attempts := slices.Clone(published.Attempts)
				time.Sleep(v.ends)
				d.Close()
				var said []string
				for _, l := range got {
					said = append(said, string(l.Outcome)+" after "+l.Took.String())
					if (l.Outcome == flow.DialConnected) != (l.Err == "") {
						t.Errorf("%+v", l)
					}
				}
				if !slices.Equal(said, v.want) {
					t.Errorf("reported %q, want %q", said, v.want)
				}
				if !slices.Equal(InfoOf(c).Attempts, attempts) {
					t.Error("the published record was modified")
				}
			})
		})
	}
}

func TestRecheck_anAddressIsCheckedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var checked atomic.Int32
		silent := map[string]step{"10.0.1.1": {after: time.Hour}, "203.0.113.1": {}}
		d := New(Config{
			Resolver: addrs{"10.0.1.1", "203.0.113.1"}, AttemptDelay: ms, Connect: connectBy(silent),
			RecheckLoser: func(string, netip.Addr) bool { return true },
			OnLater: func(_ flow.ID, l flow.Later) {
				if l.Took == recheckTimeout {
					checked.Add(1)
				}
			},
		})
		for _, at := range []time.Duration{0, 30 * time.Second, 40 * time.Second} {
			time.Sleep(at)
			c, err := d.Dial(t.Context(), Request{Authority: authority})
			if err != nil {
				t.Fatal(err)
			}
			c.Close()
		}
		time.Sleep(2 * recheckTimeout)
		d.Close()
		if n := checked.Load(); n != 2 {
			t.Errorf("checked %d times in 70 s", n)
		}
	})
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
