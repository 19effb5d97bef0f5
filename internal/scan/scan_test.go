package scan

import (
	"net/netip"
	"strings"
	"testing"

	"detour/internal/aws"
	"detour/internal/flow"
	"detour/internal/probe"
)

// probed is a host whose only address has this outcome.
func probed(host, addr string, outcome flow.DialOutcome) probe.Result {
	a := netip.MustParseAddr(addr)
	return probe.Result{Flow: flow.Flow{Conn: &flow.Conn{
		Resolution: &flow.Resolution{Name: host, Outcome: flow.DNSOK, Addrs: []netip.Addr{a}},
		Attempts:   []flow.DialAttempt{{Addr: netip.AddrPortFrom(a, 443), Outcome: outcome}},
	}}}
}

func TestGroupOf_goesByTheAddressesAndWhetherEachAnswers(t *testing.T) {
	resolved := func(o flow.DNSOutcome) flow.Flow {
		return flow.Flow{Conn: &flow.Conn{Resolution: &flow.Resolution{Outcome: o}}}
	}
	for _, tc := range []struct {
		f    flow.Flow
		want Group
	}{
		{probed("h", "10.0.1.23", flow.DialTimeout).Flow, PrivateStuck},
		{probed("h", "10.0.1.23", flow.DialConnected).Flow, Private},
		{probed("h", "203.0.113.7", flow.DialRefused).Flow, PublicStuck},
		{probed("h", "203.0.113.7", flow.DialConnected).Flow, Public},
		{resolved(flow.DNSNXDomain), NoSuchName},
		{resolved(flow.DNSTimeout), Unresolved},
		{flow.Flow{}, Unresolved},
		{flow.Flow{Conn: &flow.Conn{UpstreamProxy: "http://p:1"}}, Proxied},
	} {
		if got := GroupOf(&tc.f); got != tc.want {
			t.Errorf("%+v: %s, want %s", tc.f.Conn, got, tc.want)
		}
	}
}

func TestCompare_namesAnEndpointThatDNSDoesNotPointTo(t *testing.T) {
	own, err := ReadVPCEndpoints(strings.NewReader(`{"VpcEndpoints":[{"VpcEndpointId":"vpce-1","VpcId":"vpc-1","ServiceName":"com.amazonaws.eu-west-1.logs",` +
		`"VpcEndpointType":"Interface","State":"available","PrivateDnsEnabled":true,"Groups":[{"GroupId":"sg-1"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	targets := []aws.Endpoint{{Host: "logs.eu-west-1.amazonaws.com", EndpointService: "com.amazonaws.eu-west-1.logs"}}
	for addr, want := range map[string]string{"203.0.113.7": "vpce-1 in vpc-1", "10.0.1.23": "no contradictions"} {
		got := Compare(targets, []probe.Result{probed(targets[0].Host, addr, flow.DialConnected)}, own)
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q isn't in\n%s", addr, want, got)
		}
	}
	if _, err := ReadVPCEndpoints(strings.NewReader(`{"Vpcs":[]}`)); err == nil {
		t.Error("a file of something else is taken")
	}
}
