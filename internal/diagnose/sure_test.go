package diagnose

import (
	"net/netip"
	"testing"
	"time"

	"detour/internal/flow"
)

// A browser's word, a status or an error code is one fact, however many lines it takes. High
// confidence in a cause needs another that doesn't follow from it.
func TestRules_highConfidenceNeedsTwoFacts(t *testing.T) {
	word := func(k flow.FailureKind) *flow.Flow {
		return inHAR(2, flow.OriginDirect, logs, "A", k, time.Millisecond)
	}
	refused := func(field ...flow.Header) *flow.Flow {
		return with(call(2, flow.OriginDirect, logs, "A", "10.9.9.9"), func(f *flow.Flow) {
			f.Conn.UpstreamProxy, f.Conn.Via = "proxy.corp:3128", &flow.Via{Status: 407, Headers: field}
			f.Conn.Attempts[0].Outcome = flow.DialConnected
			f.Failure.Stage = flow.StageUpstreamProxy
		})
	}
	expired := refusal(2, "203.0.113.5", 403, &flow.AWSError{Code: "ExpiredToken"})
	denied := func(ip string) *flow.Flow {
		return refusal(2, ip, 403, &flow.AWSError{Code: "AccessDenied", Deny: flow.DenyVPCEndpoint})
	}
	inspected := func(id flow.ID, host string) *flow.Flow {
		return with(ok(id, host, "203.0.113.5", "A"), func(f *flow.Flow) {
			f.Conn.TLS = &flow.TLSInfo{Outcome: flow.TLSOK, Issued: flow.IssuerPrivate, Chain: []flow.Cert{{Issuer: "CN=Proxy"}}}
		})
	}
	inTime := with(relayed(1), func(f *flow.Flow) { f.AWS.ClockSkew = time.Second })
	works := with(relayed(1), func(f *flow.Flow) { f.Conn.Attempts[0].Addr = netip.MustParseAddrPort("203.0.113.10:443") })
	for name, test := range map[string]struct {
		code     string
		one, two []*flow.Flow
	}{
		"blocked by an extension": {"blocked-in-the-browser", []*flow.Flow{word(flow.KindBlockedByClient)}, []*flow.Flow{works, word(flow.KindBlockedByClient)}},
		"a private address":       {"local-network-access-blocked", []*flow.Flow{word(flow.KindLocalNetworkAccess)}, []*flow.Flow{works, word(flow.KindLocalNetworkAccess)}},
		"a proxy's 407":           {"upstream-proxy-failed", []*flow.Flow{refused()}, []*flow.Flow{refused(flow.Header{Name: "Proxy-Authenticate", Value: "Basic"})}},
		"expired, by the clock":   {"credentials-expired", []*flow.Flow{expired}, []*flow.Flow{inTime, expired}},
		"an endpoint's policy":    {"denied-by-endpoint-policy", []*flow.Flow{denied("203.0.113.5")}, []*flow.Flow{denied("10.0.1.24")}},
		"a private CA":            {"tls-intercepted", []*flow.Flow{inspected(2, logs)}, []*flow.Flow{inspected(2, logs), inspected(3, metrics)}},
	} {
		for want, flows := range map[flow.Confidence][]*flow.Flow{flow.ConfidenceMedium: test.one, flow.ConfidenceHigh: test.two} {
			found := Run(flows, t0.Add(time.Hour))
			if len(found) == 0 || found[0].Code != test.code || found[0].Confidence != want {
				t.Errorf("%s: %+v, want %s with confidence %s", name, found, test.code, want)
			}
		}
	}
}
