package resolve

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestSystemAnswer_addsAliasesAndTTL(t *testing.T) {
	private, other := netip.MustParseAddr("10.0.1.1"), netip.MustParseAddr("192.0.2.1")
	a := systemAnswer{
		aliases: []systemAlias{{"b.example.", "C.example."}, {"A.example", "b.example"}, {"c.example", "a.example"}},
		addrs:   []netip.Addr{private}, ttl: time.Minute,
	}
	res := flow.Resolution{Name: "a.example", Outcome: flow.DNSOK, Addrs: []netip.Addr{private, other}}
	a.refine(&res)
	if !slices.Equal(res.CNAMEs, []string{"b.example", "c.example", "a.example"}) || res.TTL != time.Minute {
		t.Errorf("%v, %v", res.CNAMEs, res.TTL)
	}
	res = flow.Resolution{Name: "a.example", Outcome: flow.DNSOK, Addrs: []netip.Addr{other}} // of the hosts file
	if a.refine(&res); res.CNAMEs != nil || res.TTL != 0 {
		t.Errorf("records of other addresses are used: %v, %v", res.CNAMEs, res.TTL)
	}
}

func TestSystemAnswer_tellsWhyThereIsNoAddress(t *testing.T) {
	const before = "no such host, or a host without an address"
	for code, want := range map[uint32]flow.DNSOutcome{
		dnsNameError: flow.DNSNXDomain, dnsNoRecords: flow.DNSNoData, dnsServerFailure: flow.DNSServFail, dnsRefused: flow.DNSRefused,
		dnsTimeout: flow.DNSTimeout, dnsNoServers: flow.DNSError, 87: flow.DNSNXDomain, 0: flow.DNSNXDomain,
	} {
		res := flow.Resolution{Name: "a.example", Outcome: flow.DNSNXDomain, Err: before}
		systemAnswer{code: code}.refine(&res)
		unknown := code == 87 || code == 0
		if res.Outcome != want || strings.Contains(res.Err, before) != unknown {
			t.Errorf("%d: %s %q", code, res.Outcome, res.Err)
		}
	}
}
