package resolve

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

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
	m := NewCache(&answers{[][]string{
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

// fixed always gives the same answer, and counts.
type fixed struct {
	flow.Resolution
	asked int
}

func (f *fixed) Resolve(context.Context, string) *flow.Resolution {
	f.asked++
	r := f.Resolution
	r.Start, r.Took = time.Now(), time.Millisecond
	return &r
}

func TestMemory_anAnswerServesWithinItsTTLWithItsAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := &fixed{Resolution: flow.Resolution{
			Name: "logs.example", Outcome: flow.DNSOK, Source: flow.SourceDNS, TTL: 20 * time.Second, Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.23")},
		}}
		m := NewCache(from, nil)
		for i, want := range []struct {
			after time.Duration // the one before
			age   time.Duration
			asked int
		}{
			{0, 0, 1},
			{5 * time.Second, 5 * time.Second, 1},
			{14 * time.Second, 19 * time.Second, 1},
			{time.Second, 0, 2}, // 20 s old
			{time.Second, time.Second, 2},
		} {
			time.Sleep(want.after)
			r := m.Resolve(t.Context(), "Logs.example")
			if r.Age != want.age || from.asked != want.asked || len(r.Addrs) != 1 || r.Took <= 0 || r.Start.IsZero() || r.Before != nil {
				t.Errorf("%d: age %v after %d questions, want %v after %d: %+v", i, r.Age, from.asked, want.age, want.asked, r)
			}
		}
		m.Forget()
		if r := m.Resolve(t.Context(), "logs.example"); r.Age != 0 || from.asked != 3 {
			t.Errorf("after a change of the network: age %v", r.Age)
		}
	})
}

func TestMemory_whatServesOnce(t *testing.T) {
	for name, r := range map[string]flow.Resolution{
		"the hosts file":        {Source: flow.SourceHosts, Outcome: flow.DNSOK, TTL: time.Minute},
		"the system":            {Source: flow.SourceSystem, Outcome: flow.DNSOK, TTL: time.Minute},
		"a name without a TTL":  {Source: flow.SourceDNS, Outcome: flow.DNSOK},
		"a name that isn't one": {Source: flow.SourceDNS, Outcome: flow.DNSNXDomain, TTL: time.Minute},
	} {
		r.Name = "a"
		from := &fixed{Resolution: r}
		m := NewCache(from, nil)
		m.Resolve(t.Context(), "a")
		m.Resolve(t.Context(), "a")
		if from.asked != 2 {
			t.Errorf("%s served again", name)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		from := &fixed{Resolution: flow.Resolution{Name: "a", Source: flow.SourceDNS, Outcome: flow.DNSOK, TTL: time.Hour}}
		m := NewCache(from, nil)
		m.Resolve(t.Context(), "a")
		time.Sleep(maxFresh - time.Nanosecond)
		if m.Resolve(t.Context(), "a"); from.asked != 1 {
			t.Error("an answer didn't serve for a minute")
		}
		time.Sleep(time.Nanosecond)
		if m.Resolve(t.Context(), "a"); from.asked != 2 {
			t.Error("an answer served for more than a minute")
		}
	})
}
