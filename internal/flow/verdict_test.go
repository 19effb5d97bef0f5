package flow

import (
	"net/netip"
	"testing"
)

func TestVerdict_comparesTwoResolvers(t *testing.T) {
	addrs := func(ss ...string) (out []netip.Addr) {
		for _, s := range ss {
			out = append(out, netip.MustParseAddr(s))
		}
		return out
	}
	for name, tc := range map[string]struct {
		here  []netip.Addr
		o     DNSOutcome
		there []netip.Addr
		ro    DNSOutcome
		want  Verdict
	}{
		"equal in any order":     {addrs("203.0.113.1", "203.0.113.2"), DNSOK, addrs("203.0.113.2", "203.0.113.1"), DNSOK, VerdictEqual},
		"rotation":               {addrs("203.0.113.1", "203.0.113.2"), DNSOK, addrs("203.0.113.2", "203.0.113.3"), DNSOK, VerdictOverlap},
		"one of two":             {addrs("203.0.113.1"), DNSOK, addrs("203.0.113.2", "203.0.113.1"), DNSOK, VerdictOverlap},
		"other public addresses": {addrs("203.0.113.1"), DNSOK, addrs("198.51.100.1"), DNSOK, VerdictDifferent},
		"split horizon":          {addrs("10.0.1.23"), DNSOK, addrs("203.0.113.1"), DNSOK, VerdictPrivate},
		"private to everybody":   {addrs("10.0.1.23"), DNSOK, addrs("10.0.1.24"), DNSOK, VerdictDifferent},
		"shadowed":               {nil, DNSNXDomain, addrs("203.0.113.1"), DNSOK, VerdictOnlyThere},
		"internal name":          {addrs("10.0.1.23"), DNSOK, nil, DNSNXDomain, VerdictOnlyHere},
		"nowhere":                {nil, DNSNXDomain, nil, DNSNoData, VerdictEqual},
		"the reference is dumb":  {addrs("10.0.1.23"), DNSOK, nil, DNSTimeout, VerdictNone},
		"not yet":                {nil, DNSPending, addrs("203.0.113.1"), DNSOK, ""},
	} {
		r := &Resolution{Outcome: tc.o, Addrs: tc.here, Reference: &Reference{Outcome: tc.ro, Addrs: tc.there}}
		if got := r.Verdict(); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	if got := (&Resolution{}).Verdict(); got != "" {
		t.Errorf("without a reference: %q", got)
	}
}
