package resolve

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"

	"detour/internal/flow"
)

func resolveWith(ctx context.Context, t *testing.T, a answer) *flow.Resolution {
	t.Helper()
	return New(Config{Nameservers: []netip.AddrPort{nameserver(t, a)}}).Resolve(ctx, name)
}

func TestResolve_usesIPv4AddressesWhenTheQueryForIPv6IsDropped(t *testing.T) {
	res := resolveWith(t.Context(), t, byType(records(t, name+". 60 IN A 203.0.113.10"), silent))
	if res.Outcome != flow.DNSOK || len(res.Addrs) != 1 || res.Took < resolutionDelay || res.Took > 3*resolutionDelay {
		t.Errorf("%s %v after %v", res.Outcome, res.Addrs, res.Took)
	}
	var dropped []flow.DNSQuery
	for _, q := range res.Queries {
		if q.RCode == "" {
			dropped = append(dropped, q)
		}
	}
	if len(dropped) != 1 || dropped[0].Type != "AAAA" || dropped[0].Took < resolutionDelay/2 { // it may be sent after the answer
		t.Errorf("unanswered: %+v", dropped)
	}
}

func TestResolve_waitsForALateAnswerForIPv6(t *testing.T) {
	v6 := records(t, name+". 60 IN AAAA 2001:db8::10")
	late := func(w dns.ResponseWriter, q *dns.Msg) { time.Sleep(resolutionDelay / 3); v6(w, q) } // a slow server
	res := resolveWith(t.Context(), t, byType(records(t, name+". 60 IN A 203.0.113.10"), late))
	if len(res.Addrs) != 2 || res.Took > resolutionDelay {
		t.Errorf("%v after %v", res.Addrs, res.Took)
	}
}

func TestResolve_reportsAnAnswerWhileAnotherIsAwaited(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reports := make(chan *flow.Resolution, 10)
	ctx = WithProgress(ctx, func(r *flow.Resolution) { reports <- r; cancel() })
	resolveWith(ctx, t, byType(silent, records(t, name+". 60 IN A 203.0.113.10")))
	select {
	case r := <-reports:
		codes := make(map[string]string)
		for _, q := range r.Queries {
			codes[q.Type] = q.RCode
		}
		if r.Outcome != flow.DNSPending || r.Name != name || codes["AAAA"] != "NOERROR" || codes["A"] != "" {
			t.Errorf("%+v", r)
		}
	default:
		t.Error("nothing was reported")
	}
}

func TestResolve_reportsNothingWithoutAnAnswer(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	ctx = WithProgress(ctx, func(r *flow.Resolution) { t.Errorf("reported %+v", r) })
	resolveWith(ctx, t, silent)
}
