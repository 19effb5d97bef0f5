package main

import (
	"context"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"detour/internal/aws"
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

func TestBeside_othersAreAskedBesideOnceAndForAWSOnly(t *testing.T) {
	a := &asking{free: make(chan struct{})}
	r := newBeside(looking{}, a, func(host string) bool { return strings.HasSuffix(host, ".amazonaws.com") }, asReference)
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

func TestForAWS_aProbesReferenceIsToldNoOtherName(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	a := &asking{free: make(chan struct{})}
	close(a.free)
	r := forAWS{a, tables}
	if said := r.Ask(t.Context(), "payroll.corp.example"); said != nil || a.asked.Load() != 0 {
		t.Errorf("it says %+v, asked %d times", said, a.asked.Load())
	}
	if said := r.Ask(t.Context(), awsHost); said == nil || a.asked.Load() != 1 {
		t.Errorf("of an AWS name it says %+v, asked %d times", said, a.asked.Load())
	}
}

func TestBeside_theWireExplainsTheSystemsWordAndAddsHTTPSRecords(t *testing.T) {
	said := &flow.Reference{Outcome: flow.DNSOK, Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.23"), netip.MustParseAddr("10.0.2.23")}, HTTPS: []string{"1 . alpn=h2"}}
	for name, v := range map[string]struct {
		r    flow.Resolution
		put  put
		news bool
		want flow.Explanation
	}{
		"the system's, a part": {flow.Resolution{Outcome: flow.DNSOK, Source: flow.SourceSystem, Addrs: said.Addrs[:1]}, asWire, true, flow.ExplainedSubset},
		"the system's, all":    {flow.Resolution{Outcome: flow.DNSOK, Source: flow.SourceSystem, Addrs: said.Addrs}, asWire, true, flow.ExplainedSame},
		"the system's, others": {flow.Resolution{Outcome: flow.DNSOK, Source: flow.SourceSystem, Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}, asWire, true, flow.ExplainedDifferent},
		"the system has none":  {flow.Resolution{Outcome: flow.DNSNXDomain, Source: flow.SourceSystem}, asWire, true, flow.ExplainedDifferent},
		"the wire's own":       {flow.Resolution{Outcome: flow.DNSOK, Source: flow.SourceDNS, Addrs: said.Addrs}, asWire, false, ""},
		"HTTPS records":        {flow.Resolution{Outcome: flow.DNSOK, Source: flow.SourceDNS, Addrs: said.Addrs}, asHTTPS, true, ""},
	} {
		r, news := v.put(v.r, said)
		if !news {
			r = v.r // as it was
		}
		if news != v.news || r.Explained() != v.want || news != (r.HTTPS != nil) {
			t.Errorf("%s: news %v, %q, HTTPS %q; want %v, %q", name, news, r.Explained(), r.HTTPS, v.news, v.want)
		}
		if _, again := v.put(r, said); again {
			t.Errorf("%s: the same is news again", name)
		}
	}
}
