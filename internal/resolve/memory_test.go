package resolve

import (
	"context"
	"net/netip"
	"testing"

	"detour/internal/flow"
)

// answers are given one after another.
type answers struct{ left [][]string }

func (a *answers) Resolve(_ context.Context, host string) *flow.Resolution {
	r := &flow.Resolution{Name: host, Outcome: flow.DNSOK}
	for _, s := range a.left[0] {
		r.Addrs = append(r.Addrs, netip.MustParseAddr(s))
	}
	if len(r.Addrs) == 0 {
		r.Outcome = flow.DNSNXDomain
	}
	a.left = a.left[1:]
	return r
}

func TestMemory_saysWhatAnAnswerWasBeforeIfItIsAnother(t *testing.T) {
	told := 0
	m := NewMemory(&answers{[][]string{
		{"203.0.113.1", "203.0.113.2"},
		{"203.0.113.2", "203.0.113.3"}, // rotation
		{"198.51.100.1"},               // public names have many addresses
		{"10.0.1.23"},                  // the VPN came up
		{"10.0.1.24", "10.0.1.23"},
		nil, // the zone lost its record
		nil,
		{"203.0.113.1"},
	}}, func(*flow.Resolution) { told++ })
	for i, want := range []bool{false, false, false, true, false, true, false, true} {
		r := m.Resolve(t.Context(), "logs.example")
		if (r.Before != nil) != want {
			t.Errorf("answer %d: before %+v, want one: %v", i+1, r.Before, want)
		}
		if i == 3 && r.Before.Addrs[0].String() != "198.51.100.1" {
			t.Errorf("before is %v", r.Before.Addrs)
		}
	}
	if told != 3 {
		t.Errorf("told %d times, want 3", told)
	}
}
