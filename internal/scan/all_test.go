package scan

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"detour/internal/aws"
	"detour/internal/dial"
	"detour/internal/errno"
	"detour/internal/flow"
	"detour/internal/probe"
)

// toS3 resolves every name to one of S3's public addresses, which is never connected to.
type toS3 struct{}

func (toS3) Resolve(_ context.Context, host string) *flow.Resolution {
	return &flow.Resolution{Name: host, Outcome: flow.DNSOK, Source: flow.SourceDNS, Start: time.Now(), Took: 1, Addrs: []netip.Addr{netip.MustParseAddr("3.5.140.1")}}
}

func TestAll_keepsItsPaceAndNamesTheRangesOfAddresses(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	refuse := func(context.Context, netip.AddrPort, dial.Observe) (net.Conn, error) {
		return nil, errno.ConnRefused
	}
	p := probe.New(probe.Config{Resolver: toS3{}, Dial: dial.Config{Connect: refuse}, TCPOnly: true})
	const pace = 20 * time.Millisecond
	hosts := []string{"s3.ap-northeast-2.amazonaws.com:443", "logs.ap-northeast-2.amazonaws.com:443", "www.example.com:443"}
	begin := time.Now()
	results, err := All(t.Context(), p, tables, hosts, pace, nil)
	if err != nil || len(results) != len(hosts) {
		t.Fatalf("%d results: %v", len(results), err)
	}
	if took := time.Since(begin); took < 2*pace {
		t.Errorf("three hosts took %v, want %v at least", took, 2*pace)
	}
	for i, want := range []string{"S3 ap-northeast-2", "S3 ap-northeast-2", ""} { // only AWS's hosts have a range
		if got := results[i].Flow.Record().Connection.Resolution.Addresses[0].Range; got != want {
			t.Errorf("%s is in %q, want %q", hosts[i], got, want)
		}
	}
}
