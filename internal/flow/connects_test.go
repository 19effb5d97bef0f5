package flow

import (
	"net/netip"
	"testing"
	"time"
)

func TestConnects(t *testing.T) {
	start := time.Date(2026, 11, 23, 10, 28, 0, 0, time.UTC)
	now := start.Add(12 * time.Second)
	try := func(o DialOutcome, addr string, after, took time.Duration, syns int) DialAttempt {
		a := DialAttempt{Outcome: o, Start: start.Add(after), Took: took}
		a.Addr, _ = netip.ParseAddrPort(addr)
		if syns > 0 {
			a.Kernel = &KernelTCP{SYNRetransmits: syns - 1}
		}
		return a
	}
	const a, b = "10.0.1.23:443", "10.0.2.23:443"
	for _, c := range []struct {
		want string
		all  []DialAttempt
	}{
		{"", nil},
		{"TIMEOUT 5.0 s · 3 SYNs", []DialAttempt{try(DialTimeout, a, 0, 5*time.Second, 3)}},
		{"TIMEOUT 5.0 s, 2 addresses · 3 SYNs each", []DialAttempt{
			try(DialTimeout, a, 0, 5*time.Second, 3), try(DialTimeout, b, 250*time.Millisecond, 5*time.Second, 3),
		}},
		{"TIMEOUT 5.0 s, 2 addresses · 2–3 SYNs each", []DialAttempt{
			try(DialTimeout, a, 0, 5*time.Second, 3), try(DialTimeout, b, 0, 3*time.Second, 2),
		}},
		{"TIMEOUT 5.0 s, 2 addresses", []DialAttempt{ // of one, the number isn't known
			try(DialTimeout, a, 0, 5*time.Second, 3), try(DialTimeout, b, 0, 5*time.Second, 0),
		}},
		{"TIMEOUT 5.0 s, 1 address, 2 attempts · 3 SYNs each", []DialAttempt{
			try(DialTimeout, a, 0, 5*time.Second, 3), try(DialTimeout, a, 5*time.Second, 5*time.Second, 3),
		}},
		{"TIMEOUT 5.0 s, 2 attempts", []DialAttempt{try(DialTimeout, "", 0, 5*time.Second, 0), try(DialTimeout, "", 0, 5*time.Second, 0)}},
		{"connecting 12 s, 2 addresses · 4 SYNs each", []DialAttempt{
			try(DialPending, a, 0, 0, 4), try(DialPending, b, 250*time.Millisecond, 0, 4),
		}},
		{"connecting 2 s · 2 SYNs; RST 3.0 ms", []DialAttempt{
			try(DialPending, a, 10*time.Second, 0, 2), try(DialRefused, b, 0, 3*time.Millisecond, 1),
		}},
		{"ok 12 ms; lost 3.2 s, 2 addresses · 3 SYNs each", []DialAttempt{
			try(DialLost, a, 0, 3200*time.Millisecond, 3), try(DialLost, b, 250*time.Millisecond, 3*time.Second, 3),
			try(DialConnected, "203.0.113.1:443", time.Second, 12*time.Millisecond, 1),
		}},
		{"TIMEOUT 4.0 s, 2 addresses; RST 3.0 ms", []DialAttempt{
			try(DialRefused, "10.0.3.23:443", 0, 3*time.Millisecond, 1), try(DialTimeout, a, 0, 4*time.Second, 0), try(DialTimeout, b, 0, 4*time.Second, 0),
		}},
		{"RST", []DialAttempt{try(DialRefused, a, 0, 0, 0)}}, // a browser that didn't measure it
	} {
		f := &Flow{Conn: &Conn{Attempts: c.all}}
		if got := ConnectsText(f.Connects(now)); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

// TestConnects_ofAnotherFlowArentTheFlows: a connection that was reused has attempts, but an
// earlier flow made them.
func TestConnects_ofAnotherFlowArentTheFlows(t *testing.T) {
	c := &Conn{Attempts: []DialAttempt{{Outcome: DialConnected, Took: time.Millisecond}}}
	if got := (&Flow{Conn: c, Reused: true}).Connects(time.Time{}); got != nil {
		t.Errorf("a flow on a reused connection made %v", got)
	}
	if got := (&Flow{}).Connects(time.Time{}); got != nil {
		t.Errorf("a flow without a connection made %v", got)
	}
}
