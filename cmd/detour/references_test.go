package main

import (
	"context"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"detour/internal/flow"
)

type asking struct {
	asked atomic.Int32
	free  chan struct{}
}

func (a *asking) Ask(_ context.Context, host string) *flow.Reference {
	a.asked.Add(1)
	<-a.free
	return &flow.Reference{Nameserver: "outside", Outcome: flow.DNSOK, Addrs: []netip.Addr{netip.MustParseAddr("203.0.113.7")}}
}

type looking struct{}

func (looking) Resolve(_ context.Context, host string) *flow.Resolution {
	return &flow.Resolution{Name: host, Outcome: flow.DNSOK, Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.23")}}
}

func TestReferences_areAskedBesideOnceAndForAWSOnly(t *testing.T) {
	a := &asking{free: make(chan struct{})}
	r := newReferences(looking{}, a, func(host string) bool { return strings.HasSuffix(host, ".amazonaws.com") })
	for range 3 {
		if res := r.Resolve(t.Context(), awsHost); res.Reference != nil || len(res.Addrs) != 1 {
			t.Errorf("the lookup has %+v", res)
		}
	}
	secret := r.Resolve(t.Context(), "payroll.corp.example")
	c := &flow.Conn{ID: 1, Resolution: r.Resolve(t.Context(), awsHost)}
	if r.add(c) != c {
		t.Error("something was added before the reference answered")
	}
	close(a.free)
	r.under.Wait()
	got := r.add(c)
	if got.Resolution.Verdict() != flow.VerdictPrivate || c.Resolution.Reference != nil {
		t.Errorf("added %+v; the connection itself has %+v", got.Resolution, c.Resolution.Reference)
	}
	if n := a.asked.Load(); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
	if other := (&flow.Conn{Resolution: secret}); r.add(other) != other {
		t.Error("a name that isn't AWS's was told to the reference")
	}
	r.close()
}
