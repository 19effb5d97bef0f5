package diagnose

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"detour/internal/flow"
)

const (
	ssm     = "ssm.ap-northeast-1.amazonaws.com"
	private = "10.0.1.24"
	public  = "203.0.113.5"
)

// inHAR is a call that failed as a browser's HAR has it, after a time.
func inHAR(id flow.ID, origin flow.Origin, host, op string, kind flow.FailureKind, after time.Duration) *flow.Flow {
	f := call(id, origin, host, op)
	f.Source, f.Conn.Resolution = flow.SourceHAR, nil
	f.Failure = &flow.Failure{Stage: flow.StageWait, Kind: kind, Message: "why"}
	f.Times.Done = f.Times.Start.Add(after)
	return f
}

// har is an answered call of a HAR.
func har(f *flow.Flow) *flow.Flow {
	f.Source = flow.SourceHAR
	return f
}

func traits(f *flow.Flow, status int, of ...flow.Trait) *flow.Flow {
	f.Response.Status, f.Response.Traits = status, of
	return f
}

func preflight(f *flow.Flow) *flow.Flow {
	f.Request.Method, f.AWS.Operation = "OPTIONS", ""
	return f
}

// attempt changes the outcomes of a flow's attempts.
func outcomes(f *flow.Flow, took time.Duration, of ...flow.DialOutcome) *flow.Flow {
	for i := range f.Conn.Attempts {
		f.Conn.Attempts[i].Outcome, f.Conn.Attempts[i].Took = of[min(i, len(of)-1)], took
	}
	return f
}

func lookup(o flow.DNSOutcome, change func(r *flow.Resolution)) *flow.Flow {
	f := call(2, flow.OriginDirect, logs, "A")
	f.Failure.Stage, f.Conn.Resolution.Outcome = flow.StageDNS, o
	change(f.Conn.Resolution)
	return f
}

func handshakeOf(id flow.ID, host string, t flow.TLSInfo) *flow.Flow {
	f := outcomes(call(id, flow.OriginDirect, host, "A", private), time.Millisecond, flow.DialConnected)
	if t.Outcome != flow.TLSOK {
		f.Failure.Stage = flow.StageTLS
	} else {
		f.Failure, f.Response = nil, &flow.Response{Status: 200}
	}
	f.Conn.TLS = &t
	return f
}

// gone is a live request that ended without a response on a connection.
func gone(change func(f *flow.Flow)) *flow.Flow {
	f := ok(2, logs, private, "A")
	f.Source, f.Response, f.Failure = flow.SourceProxy, nil, &flow.Failure{Stage: flow.StageWait, Message: "EOF"}
	f.Times.WroteRequest = t0.Add(10 * time.Millisecond)
	change(f)
	return f
}

func beacon(took time.Duration) *flow.Flow {
	f := answered(2, flow.OriginTelemetry, consoleHost, public, "GetMetricData")
	f.AWS.Measured, f.AWS.Beacon = took, []flow.Measure{{Name: "GetMetricData", Took: took}}
	f.Times.Start = t0.Add(took)
	f.Times.Done = f.Times.Start.Add(time.Millisecond)
	return f
}

// A trial of a rule: flows in which it is the first finding, flows that are nearly so and in
// which it isn't found at all, and flows that it would claim if no better rule came first.
type trial struct {
	fires, misses, outranked []*flow.Flow
	by                       string // the first finding of outranked
}

func nothing(*flow.Resolution) {}

func as(code string) *flow.AWSError { return &flow.AWSError{Code: code} }

func trials() map[string]trial {
	const ms = time.Millisecond
	dead := call(9, flow.OriginDirect, ssm, "X", "10.0.1.99") // a private endpoint that doesn't respond
	first := "private-endpoint-unreachable"
	reject := func(f *flow.Flow) *flow.Flow {
		f.Failure, f.Request.Method, f.Conn = &flow.Failure{Stage: flow.StageClient, Message: "alert"}, "CONNECT", nil
		f.Request.URL = logs + ":443"
		return f
	}
	proxied := func(status int, headers ...flow.Header) *flow.Flow {
		f := call(2, flow.OriginDirect, logs, "A", "10.9.9.9")
		outcomes(f, ms, flow.DialConnected)
		f.Conn.UpstreamProxy, f.Failure.Stage = "proxy.corp:3128", flow.StageUpstreamProxy
		f.Conn.Via = &flow.Via{Status: status, Headers: headers, Start: t0, Took: ms}
		return f
	}
	aborted := func(id flow.ID, after time.Duration) *flow.Flow {
		return inHAR(id, flow.OriginDirect, logs, "A", flow.KindAborted, after)
	}
	later := func(id flow.ID, f *flow.Flow, at time.Duration) *flow.Flow {
		f.ID, f.Times.Start = id, t0.Add(at)
		f.Times.Done = f.Times.Start.Add(20 * ms)
		return f
	}
	slow := func(id flow.ID, op string) *flow.Flow {
		f := ok(id, logs, private, op)
		f.Times.GotConn, f.Times.WroteRequest, f.Times.FirstByte = t0, t0, t0.Add(6*time.Second)
		f.Times.Done = t0.Add(6 * time.Second)
		return f
	}
	quick := func(id flow.ID) *flow.Flow {
		f := relayed(id)
		f.Times.GotConn, f.Times.WroteRequest, f.Times.FirstByte = t0, t0, t0.Add(20*ms)
		return f
	}
	webkit := func(f *flow.Flow) *flow.Flow {
		f.Source, f.Exporter = flow.SourceHAR, flow.ExporterWebKit
		return f
	}
	each := func(ref flow.Reference) func(f *flow.Flow) {
		return func(f *flow.Flow) { f.Conn.Resolution.Each = []*flow.Reference{&ref, &ref} }
	}
	res := func(change func(r *flow.Resolution)) *flow.Flow {
		return with(ok(2, logs, public, "A"), func(f *flow.Flow) { change(f.Conn.Resolution) })
	}
	addr := netip.MustParseAddr
	return map[string]trial{
		"certificate-refused": {
			fires:     []*flow.Flow{reject(call(2, flow.OriginDirect, logs, ""))},
			misses:    []*flow.Flow{with(reject(call(2, flow.OriginDirect, logs, "")), func(f *flow.Flow) { f.Tunnel = &flow.Tunnel{} })},
			outranked: []*flow.Flow{reject(call(2, flow.OriginDirect, logs, "")), dead, call(10, flow.OriginDirect, ssm, "Y", "10.0.1.99")}, by: first,
		},
		"local-network-access-blocked": {
			fires:     []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindLocalNetworkAccess, ms)},
			misses:    []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindBlockedByClient, ms)},
			outranked: []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindLocalNetworkAccess, ms), dead, call(10, flow.OriginDirect, ssm, "Y", "10.0.1.99")}, by: first,
		},
		"blocked-in-the-browser": {
			fires:     []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindBlockedByClient, ms)},
			misses:    []*flow.Flow{aborted(2, ms)},
			outranked: []*flow.Flow{inHAR(2, flow.OriginTelemetry, logs, "A", flow.KindBlockedByClient, ms), dead}, by: first,
		},
		"machine-short-of-resources": {
			fires: []*flow.Flow{with(outcomes(call(2, flow.OriginDirect, logs, "A", private), ms, flow.DialError), func(f *flow.Flow) {
				f.Conn.Attempts[0].Shortage = flow.ShortDescriptors
			})},
			misses: []*flow.Flow{with(ok(2, logs, public, "A"), func(f *flow.Flow) { f.Conn.Attempts[0].Shortage = flow.ShortPorts })},
			outranked: []*flow.Flow{with(reject(call(2, flow.OriginDirect, logs, "")), func(f *flow.Flow) {
				f.Conn = nil
			})}, by: "certificate-refused",
		},
		"nothing-answers": {
			fires:     []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindOffline, ms)},
			misses:    []*flow.Flow{relayed(1), inHAR(2, flow.OriginDirect, logs, "A", flow.KindUnreachable, ms), later(3, relayed(3), time.Second)},
			outranked: []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindBlockedByAdmin, ms)}, by: "blocked-in-the-browser",
		},
		"network-unstable": {
			fires:  []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindNetworkChanged, ms)},
			misses: []*flow.Flow{inHAR(2, flow.OriginOther, "www.example.com", "", flow.KindNetworkChanged, ms)},
			outranked: []*flow.Flow{
				inHAR(2, flow.OriginDirect, logs, "A", flow.KindNetworkChanged, ms), inHAR(3, flow.OriginConsole, consoleHost, "A", flow.KindUnreachable, ms),
			}, by: "nothing-answers",
		},
		"upstream-proxy-failed": {
			fires:     []*flow.Flow{proxied(407)},
			misses:    []*flow.Flow{with(ok(2, logs, public, "A"), func(f *flow.Flow) { f.Conn.UpstreamProxy = "proxy.corp:3128" })},
			outranked: []*flow.Flow{with(proxied(0), func(f *flow.Flow) { f.Failure.Kind, f.Source = flow.KindOffline, flow.SourceHAR })}, by: "nothing-answers",
		},
		"cors-fields-missing": {
			fires:     []*flow.Flow{traits(preflight(ok(2, logs, private, "")), 200, flow.TraitNoCORS), inHAR(3, flow.OriginDirect, logs, "A", flow.KindNeverSent, 0)},
			misses:    []*flow.Flow{traits(preflight(ok(2, logs, private, "")), 200, flow.TraitNoCORS), ok(3, logs, private, "A")},
			outranked: []*flow.Flow{traits(preflight(ok(2, logs, private, "")), 200, flow.TraitNoCORS), dead, call(10, flow.OriginDirect, ssm, "Y", "10.0.1.99")}, by: first,
		},
		"dns-failed": {
			fires:     []*flow.Flow{lookup(flow.DNSNXDomain, nothing)},
			misses:    []*flow.Flow{with(lookup(flow.DNSNXDomain, nothing), func(f *flow.Flow) { f.Origin, f.AWS = flow.OriginOther, nil })},
			outranked: []*flow.Flow{with(lookup(flow.DNSError, nothing), func(f *flow.Flow) { f.Conn.Resolution.Shortage = flow.ShortBuffers })}, by: "machine-short-of-resources",
		},
		"sinkholed": {
			fires:     []*flow.Flow{outcomes(call(2, flow.OriginDirect, logs, "A", "0.0.0.0"), ms, flow.DialRefused)},
			misses:    []*flow.Flow{outcomes(call(2, flow.OriginDirect, logs, "A", private), ms, flow.DialRefused)},
			outranked: []*flow.Flow{with(outcomes(call(2, flow.OriginDirect, logs, "A", "127.0.0.1"), ms, flow.DialRefused), func(f *flow.Flow) { f.Conn.UpstreamProxy = "127.0.0.1:3128" })}, by: "upstream-proxy-failed",
		},
		"alias-to-another-endpoint": {
			fires: []*flow.Flow{with(dead2(), func(f *flow.Flow) {
				f.Conn.Resolution.CNAMEs = []string{"vpce-0a-1b.sqs.ap-northeast-1.vpce.amazonaws.com"}
			})},
			misses: []*flow.Flow{with(dead2(), func(f *flow.Flow) {
				f.Conn.Resolution.CNAMEs = []string{"vpce-0a-1b.logs.ap-northeast-1.vpce.amazonaws.com"}
			})},
			outranked: []*flow.Flow{lookup(flow.DNSNXDomain, func(r *flow.Resolution) {
				r.CNAMEs = []string{"vpce-0a-1b.sqs.ap-northeast-1.vpce.amazonaws.com"}
			})}, by: "dns-failed",
		},
		"private-endpoint-unreachable": {
			fires:  []*flow.Flow{dead2()},
			misses: []*flow.Flow{outcomes(dead2(), time.Second, flow.DialRefused)},
			outranked: []*flow.Flow{with(dead2(), func(f *flow.Flow) {
				f.Conn.Resolution.CNAMEs = []string{"vpce-0a-1b.sqs.ap-northeast-1.vpce.amazonaws.com"}
			})}, by: "alias-to-another-endpoint",
		},
		"connect-refused": {
			fires:     []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindRefused, ms)},
			misses:    []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindReset, ms)},
			outranked: []*flow.Flow{outcomes(call(2, flow.OriginDirect, logs, "A", "127.0.0.1"), ms, flow.DialRefused)}, by: "sinkholed",
		},
		"connect-unreachable": {
			fires:     []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindUnreachable, ms)},
			misses:    []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindRefused, ms)},
			outranked: []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindUnreachable, ms), inHAR(3, flow.OriginConsole, consoleHost, "B", flow.KindUnreachable, ms)}, by: "nothing-answers",
		},
		"direct-calls-unanswered": {
			fires:     []*flow.Flow{har(relayed(1)), inHAR(2, flow.OriginDirect, logs, "A", flow.KindTimeout, 21*time.Second)},
			misses:    []*flow.Flow{har(relayed(1)), inHAR(2, flow.OriginDirect, logs, "A", flow.KindRefused, 21*time.Second)},
			outranked: []*flow.Flow{with(dead2(), func(f *flow.Flow) { f.Source = flow.SourceHAR })}, by: first,
		},
		"direct-calls-given-up": {
			fires:     []*flow.Flow{har(relayed(1)), aborted(2, 4*time.Second), aborted(3, 4*time.Second), har(later(4, relayed(4), 4*time.Second))},
			misses:    []*flow.Flow{har(relayed(1)), aborted(2, 4*time.Second), aborted(3, 4*time.Second)}, // the tab was closed
			outranked: []*flow.Flow{har(relayed(1)), aborted(2, 4*time.Second), aborted(3, 4*time.Second), har(later(4, relayed(4), 4*time.Second)), dead, dead2(), call(10, flow.OriginDirect, ssm, "Y", "10.0.1.99")}, by: first,
		},
		"connect-timeout": {
			fires:     []*flow.Flow{call(2, flow.OriginDirect, logs, "A", public)},
			misses:    []*flow.Flow{outcomes(call(2, flow.OriginDirect, logs, "A", public), time.Second, flow.DialCanceled)},
			outranked: []*flow.Flow{dead2()}, by: first,
		},
		"tls-failed": {
			fires:  []*flow.Flow{handshakeOf(2, logs, flow.TLSInfo{Outcome: flow.TLSUntrusted, Took: ms})},
			misses: []*flow.Flow{handshakeOf(2, logs, flow.TLSInfo{Outcome: flow.TLSOK, Took: ms})},
			outranked: []*flow.Flow{with(handshakeOf(2, logs, flow.TLSInfo{Outcome: flow.TLSUntrusted, Took: ms}), func(f *flow.Flow) {
				f.Conn.Resolution.CNAMEs = []string{"vpce-0a-1b.sqs.ap-northeast-1.vpce.amazonaws.com"}
			})}, by: "alias-to-another-endpoint",
		},
		"captive-portal": {
			fires: []*flow.Flow{
				handshakeOf(2, logs, flow.TLSInfo{Outcome: flow.TLSUntrusted, Chain: []flow.Cert{{Names: []string{"portal.example"}}}}),
				handshakeOf(3, metrics, flow.TLSInfo{Outcome: flow.TLSUntrusted, Chain: []flow.Cert{{Names: []string{"portal.example"}}}}),
			},
			misses: []*flow.Flow{
				handshakeOf(2, logs, flow.TLSInfo{Outcome: flow.TLSUntrusted, Chain: []flow.Cert{{Names: []string{logs}}}}),
				handshakeOf(3, metrics, flow.TLSInfo{Outcome: flow.TLSUntrusted, Chain: []flow.Cert{{Names: []string{metrics}}}}),
			},
			outranked: []*flow.Flow{
				handshakeOf(2, logs, flow.TLSInfo{Outcome: flow.TLSUntrusted, Chain: []flow.Cert{{Names: []string{"portal.example"}}}}),
				handshakeOf(3, metrics, flow.TLSInfo{Outcome: flow.TLSUntrusted, Chain: []flow.Cert{{Names: []string{"portal.example"}}}}),
				dead, call(10, flow.OriginDirect, ssm, "Y", "10.0.1.99"), call(11, flow.OriginDirect, ssm, "Z", "10.0.1.99"),
			}, by: first,
		},
		"ipv6-unanswered": {
			fires:     []*flow.Flow{twoFamilies(4 * time.Second)},
			misses:    []*flow.Flow{twoFamilies(2 * time.Second)},
			outranked: []*flow.Flow{twoFamilies(4 * time.Second), dead, call(10, flow.OriginDirect, ssm, "Y", "10.0.1.99")}, by: first,
		},
		"address-unanswered": {
			fires:     []*flow.Flow{half(5*time.Second, ms)},
			misses:    []*flow.Flow{half(5*time.Second, 4*time.Second)}, // both were slow
			outranked: []*flow.Flow{twoFamilies(4 * time.Second)}, by: "ipv6-unanswered",
		},
		"nameservers-disagree": {
			fires:  []*flow.Flow{with(ok(2, logs, private, "A"), each(flow.Reference{Nameserver: "198.51.100.53", Outcome: flow.DNSOK, Addrs: []netip.Addr{addr(public)}}))},
			misses: []*flow.Flow{with(ok(2, logs, private, "A"), each(flow.Reference{Nameserver: "198.51.100.53", Outcome: flow.DNSOK, Addrs: []netip.Addr{addr(private)}}))},
			outranked: []*flow.Flow{with(dead2(), each(flow.Reference{
				Nameserver: "198.51.100.53", Outcome: flow.DNSOK, Addrs: []netip.Addr{addr(public)},
			}))}, by: first,
		},
		"idle-connection-lost": {
			fires:     []*flow.Flow{gone(func(f *flow.Flow) { f.Reused, f.Conn.Start = true, t0.Add(-6*time.Minute) })},
			misses:    []*flow.Flow{gone(func(f *flow.Flow) { f.Reused, f.Conn.Start = true, t0.Add(-time.Minute) })},
			outranked: []*flow.Flow{gone(func(f *flow.Flow) { f.Reused, f.Conn.Start = true, t0.Add(-6*time.Minute) }), dead}, by: first,
		},
		"connection-broken": {
			fires:     []*flow.Flow{gone(func(f *flow.Flow) { f.Failure.Reset = true })},
			misses:    []*flow.Flow{gone(func(*flow.Flow) {})},
			outranked: []*flow.Flow{gone(func(f *flow.Flow) { f.Reused, f.Failure.Reset, f.Conn.Start = true, true, t0.Add(-6*time.Minute) })}, by: "idle-connection-lost",
		},
		"request-unanswered": {
			fires:     []*flow.Flow{gone(func(*flow.Flow) {})},
			misses:    []*flow.Flow{gone(func(f *flow.Flow) { f.Failure.Stage = flow.StageClient }), ok(3, logs, private, "B")}, // a slow query that was cancelled
			outranked: []*flow.Flow{gone(func(f *flow.Flow) { f.Reused, f.Conn.Start = true, t0.Add(-6*time.Minute) })}, by: "idle-connection-lost",
		},
		"direct-calls-without-connection": {
			fires:     []*flow.Flow{har(relayed(1)), inHAR(2, flow.OriginDirect, logs, "A", flow.KindNoConnection, 0)},
			misses:    []*flow.Flow{har(relayed(1)), inHAR(2, flow.OriginDirect, logs, "A", flow.KindPageLeft, 0)},
			outranked: []*flow.Flow{har(relayed(1)), inHAR(2, flow.OriginDirect, logs, "A", flow.KindNoConnection, 0), inHAR(3, flow.OriginDirect, logs, "A", flow.KindNoConnection, 90*time.Second)}, by: "direct-calls-unanswered",
		},
		"calls-pending": {
			fires:     []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindPending, 0)},
			misses:    []*flow.Flow{inHAR(2, flow.OriginTelemetry, logs, "A", flow.KindPending, 0)},
			outranked: []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindPending, 0), inHAR(3, flow.OriginDirect, logs, "A", flow.KindRefused, 0)}, by: "connect-refused",
		},
		"calls-failed": {
			fires:     []*flow.Flow{inHAR(2, flow.OriginConsole, consoleHost, "A", flow.KindUnknown, ms)},
			misses:    []*flow.Flow{inHAR(2, flow.OriginTelemetry, consoleHost, "A", flow.KindUnknown, ms), aborted(3, 2*time.Second)},
			outranked: []*flow.Flow{inHAR(2, flow.OriginDirect, logs, "A", flow.KindUnknown, ms), inHAR(3, flow.OriginDirect, logs, "B", flow.KindReset, ms)}, by: "connection-broken",
		},
		"answer-not-from-aws": {
			fires:     []*flow.Flow{traits(relayed(2), 302, flow.TraitElsewhere, flow.TraitUnmarked)},
			misses:    []*flow.Flow{traits(relayed(2), 302, flow.TraitElsewhere)}, // AWS's own fields
			outranked: []*flow.Flow{traits(relayed(2), 302, flow.TraitElsewhere, flow.TraitUnmarked), dead}, by: first,
		},
		"denied-by-endpoint-policy": {
			fires:     []*flow.Flow{refusal(2, private, 403, &flow.AWSError{Code: "AccessDenied", Deny: flow.DenyVPCEndpoint})},
			misses:    []*flow.Flow{refusal(2, private, 403, &flow.AWSError{Code: "AccessDenied", Deny: "session policy"})},
			outranked: []*flow.Flow{refusal(2, private, 403, &flow.AWSError{Code: "AccessDenied", Deny: flow.DenyVPCEndpoint}), dead}, by: first,
		},
		"clock-skewed": {
			fires:     []*flow.Flow{refusal(2, public, 403, as("RequestTimeTooSkewed"))},
			misses:    []*flow.Flow{refusal(2, public, 403, as("SignatureDoesNotMatch"))},
			outranked: []*flow.Flow{refusal(2, public, 403, as("RequestTimeTooSkewed")), dead}, by: first,
		},
		"credentials-expired": {
			fires:     []*flow.Flow{refusal(2, public, 403, as("ExpiredToken"))},
			misses:    []*flow.Flow{refusal(2, public, 403, as("InvalidClientTokenId"))},
			outranked: []*flow.Flow{refusal(2, public, 403, as("ExpiredToken")), dead}, by: first,
		},
		"credentials-not-accepted": {
			fires:     []*flow.Flow{refusal(2, public, 403, as("UnrecognizedClientException"))},
			misses:    []*flow.Flow{refusal(2, public, 403, as("ExpiredToken"))},
			outranked: []*flow.Flow{refusal(2, public, 403, as("UnrecognizedClientException")), dead}, by: first,
		},
		"wrong-region": {
			fires:     []*flow.Flow{refusal(2, public, 400, as("AuthorizationHeaderMalformed"))},
			misses:    []*flow.Flow{refusal(2, public, 400, as("ValidationException"))},
			outranked: []*flow.Flow{refusal(2, public, 400, as("AuthorizationHeaderMalformed")), dead}, by: first,
		},
		"signature-broken": {
			fires:     []*flow.Flow{refusal(2, public, 403, as("SignatureDoesNotMatch"))},
			misses:    []*flow.Flow{refusal(2, public, 403, as("AccessDenied"))},
			outranked: []*flow.Flow{with(refusal(2, public, 403, as("SignatureDoesNotMatch")), func(f *flow.Flow) { f.AWS.ClockSkew = 10 * time.Minute })}, by: "clock-skewed",
		},
		"private-access-denied": {
			fires:     []*flow.Flow{with(traits(answered(2, flow.OriginSignIn, "signin.aws.amazon.com", private, ""), 403), func(f *flow.Flow) { f.AWS = nil })},
			misses:    []*flow.Flow{with(traits(answered(2, flow.OriginSignIn, "signin.aws.amazon.com", public, ""), 403), func(f *flow.Flow) { f.AWS = nil })},
			outranked: []*flow.Flow{with(traits(answered(2, flow.OriginConsole, consoleHost, private, ""), 302, flow.TraitElsewhere, flow.TraitUnmarked), func(f *flow.Flow) { f.AWS = nil })}, by: "answer-not-from-aws",
		},
		"wrong-endpoint-answers": {
			fires:     []*flow.Flow{refusal(2, private, 400, as("UnknownOperationException"))},
			misses:    []*flow.Flow{refusal(2, public, 400, as("UnknownOperationException"))},
			outranked: []*flow.Flow{refusal(2, private, 400, as("UnknownOperationException")), dead}, by: first,
		},
		"access-denied": {
			fires:     []*flow.Flow{refusal(2, public, 403, as("AccessDenied"))},
			misses:    []*flow.Flow{refusal(2, public, 400, as("ValidationException"))},
			outranked: []*flow.Flow{refusal(2, private, 403, &flow.AWSError{Code: "AccessDenied", Deny: flow.DenyVPCEndpoint})}, by: "denied-by-endpoint-policy",
		},
		"refused-without-reason": {
			fires:     []*flow.Flow{refusal(2, public, 403, nil)},
			misses:    []*flow.Flow{refusal(2, public, 404, nil)},
			outranked: []*flow.Flow{refusal(2, public, 403, nil), dead}, by: first,
		},
		"throttled": {
			fires:     []*flow.Flow{refusal(2, public, 400, as("ThrottlingException"))},
			misses:    []*flow.Flow{refusal(2, public, 400, as("ValidationException"))},
			outranked: []*flow.Flow{refusal(2, public, 400, as("ThrottlingException")), dead}, by: first,
		},
		"server-error": {
			fires:     []*flow.Flow{refusal(2, public, 503, as("ServiceUnavailable"))},
			misses:    []*flow.Flow{refusal(2, public, 404, as("ResourceNotFoundException"))},
			outranked: []*flow.Flow{refusal(2, public, 503, as("SlowDown"))}, by: "throttled",
		},
		"page-measured-timeouts": {
			fires:     []*flow.Flow{beacon(42 * time.Second)},
			misses:    []*flow.Flow{beacon(30 * time.Second)},
			outranked: []*flow.Flow{beacon(42 * time.Second), dead}, by: first,
		},
		"tls-intercepted": {
			fires:     []*flow.Flow{handshakeOf(2, logs, flow.TLSInfo{Outcome: flow.TLSOK, Issued: flow.IssuerPrivate, Chain: []flow.Cert{{Issuer: "CN=Proxy"}}})},
			misses:    []*flow.Flow{handshakeOf(2, logs, flow.TLSInfo{Outcome: flow.TLSOK, Issued: flow.IssuerPublic, Chain: []flow.Cert{{Issuer: "CN=Public"}}})},
			outranked: []*flow.Flow{handshakeOf(2, logs, flow.TLSInfo{Outcome: flow.TLSUntrusted, Issued: flow.IssuerPrivate, Chain: []flow.Cert{{Issuer: "CN=Proxy"}}})}, by: "tls-failed",
		},
		"hosts-file-override": {
			fires:     []*flow.Flow{res(func(r *flow.Resolution) { r.Source = flow.SourceHosts })},
			misses:    []*flow.Flow{res(func(r *flow.Resolution) { r.Source = flow.SourceMap })},
			outranked: []*flow.Flow{res(func(r *flow.Resolution) { r.Source = flow.SourceHosts }), dead}, by: first,
		},
		"made-up-address": {
			fires:     []*flow.Flow{ok(2, logs, "198.18.0.13", "A")},
			misses:    []*flow.Flow{ok(2, logs, "198.20.0.13", "A")},
			outranked: []*flow.Flow{call(2, flow.OriginDirect, logs, "A", "198.18.0.13")}, by: "connect-timeout",
		},
		"system-resolver-differs": {
			fires: []*flow.Flow{res(func(r *flow.Resolution) {
				r.Wire = &flow.Reference{Outcome: flow.DNSOK, Addrs: []netip.Addr{addr(private)}}
			})},
			misses: []*flow.Flow{res(func(r *flow.Resolution) {
				r.Wire = &flow.Reference{Outcome: flow.DNSOK, Addrs: []netip.Addr{addr(public)}}
			})},
			outranked: []*flow.Flow{res(func(r *flow.Resolution) {
				r.Wire = &flow.Reference{Outcome: flow.DNSOK, Addrs: []netip.Addr{addr(private)}}
			}), dead}, by: first,
		},
		"dns-queries-dropped": {
			fires:     []*flow.Flow{res(lateLookup(10 * time.Second))},
			misses:    []*flow.Flow{res(lateLookup(ms))},
			outranked: []*flow.Flow{res(lateLookup(10 * time.Second)), dead}, by: first,
		},
		"dns-answer-changed": {
			fires: []*flow.Flow{res(func(r *flow.Resolution) {
				r.Before = &flow.Answer{Outcome: flow.DNSOK, Addrs: []netip.Addr{addr(private)}}
			})},
			misses: []*flow.Flow{res(nothing)},
			outranked: []*flow.Flow{res(func(r *flow.Resolution) {
				r.Before = &flow.Answer{Outcome: flow.DNSOK, Addrs: []netip.Addr{addr(private)}}
			}), dead}, by: first,
		},
		"local-network-access-ahead": {
			fires:     []*flow.Flow{with(ok(2, logs, private, "A"), func(f *flow.Flow) { f.Source = flow.SourceProxy })},
			misses:    []*flow.Flow{with(refusal(2, private, 403, as("AccessDenied")), func(f *flow.Flow) { f.Source = flow.SourceProxy })},
			outranked: []*flow.Flow{with(ok(2, logs, private, "A"), func(f *flow.Flow) { f.Source = flow.SourceProxy }), dead}, by: first,
		},
		"slow-responses": {
			fires:     []*flow.Flow{quick(1), slow(2, "A"), slow(3, "B")},
			misses:    []*flow.Flow{quick(1), slow(2, "A"), outcomes(ok(3, logs, private, "B"), ms, flow.DialConnected), outcomes(ok(4, logs, private, "C"), ms, flow.DialConnected)}, // one slow query
			outranked: []*flow.Flow{quick(1), slow(2, "A"), slow(3, "B"), dead}, by: first,
		},
		"file-omits-failures": {
			fires:     []*flow.Flow{webkit(ok(2, logs, public, "A"))},
			misses:    []*flow.Flow{har(ok(2, logs, public, "A"))},
			outranked: []*flow.Flow{webkit(refusal(2, private, 403, &flow.AWSError{Code: "AccessDenied", Deny: flow.DenyVPCEndpoint}))}, by: "denied-by-endpoint-policy",
		},
		"measured-call-missing": {
			fires:     []*flow.Flow{with(beacon(4*time.Second), func(f *flow.Flow) { f.Source, f.Exporter = flow.SourceHAR, flow.ExporterChromium })},
			misses:    []*flow.Flow{with(ok(1, metrics, public, "GetMetricData"), func(f *flow.Flow) { f.Source, f.Exporter = flow.SourceHAR, flow.ExporterChromium }), with(beacon(4*time.Second), func(f *flow.Flow) { f.Source, f.Exporter = flow.SourceHAR, flow.ExporterChromium })},
			outranked: []*flow.Flow{webkit(beacon(4 * time.Second)), webkit(refusal(3, private, 403, &flow.AWSError{Code: "AccessDenied", Deny: flow.DenyVPCEndpoint}))}, by: "denied-by-endpoint-policy",
		},
		"https-record-has-addresses": {
			fires:     []*flow.Flow{har(with(ok(2, logs, private, "A"), func(f *flow.Flow) { f.Conn.Resolution.HTTPS = []string{"1 . ipv4hint=203.0.113.5"} }))},
			misses:    []*flow.Flow{har(with(ok(2, logs, private, "A"), func(f *flow.Flow) { f.Conn.Resolution.HTTPS = []string{"1 . alpn=h2"} }))},
			outranked: []*flow.Flow{har(with(ok(2, logs, private, "A"), func(f *flow.Flow) { f.Conn.Resolution.HTTPS = []string{"1 . ipv4hint=203.0.113.5"} })), dead}, by: first,
		},
	}
}

func dead2() *flow.Flow { return call(2, flow.OriginDirect, logs, "A", private) }

// twoFamilies is a flow that connected over IPv4 while IPv6 was lost after a time.
func twoFamilies(waited time.Duration) *flow.Flow {
	return with(ok(2, logs, public, "A"), func(f *flow.Flow) {
		f.Conn.Attempts[0].Took = time.Millisecond
		f.Conn.Attempts = append(f.Conn.Attempts, flow.DialAttempt{
			Addr: netip.MustParseAddrPort("[2001:db8::1]:443"), Outcome: flow.DialLost, Start: t0, Took: waited,
		})
	})
}

// half is a flow of whose two addresses one connected, and the other was lost after a time.
func half(waited, winner time.Duration) *flow.Flow {
	return with(ok(2, logs, private, "A"), func(f *flow.Flow) {
		f.Conn.Attempts[0].Took = winner
		f.Conn.Attempts = append(f.Conn.Attempts, flow.DialAttempt{
			Addr: netip.MustParseAddrPort("10.0.2.24:443"), Outcome: flow.DialLost, Start: t0, Took: waited,
		})
	})
}

func lateLookup(took time.Duration) func(r *flow.Resolution) {
	return func(r *flow.Resolution) {
		r.Took, r.Queries = took, []flow.DNSQuery{{Type: "A", RCode: "NOERROR", Took: time.Millisecond}, {Type: "AAAA", Took: took}}
	}
}

// TestRules_eachFiresMissesAndIsOutranked: for each rule one capture where it is the first
// finding, one near miss, and one where a better cause comes first.
func TestRules_eachFiresMissesAndIsOutranked(t *testing.T) {
	all := trials()
	now := t0.Add(time.Hour)
	for _, r := range Rules() {
		trial, ok := all[r.Code]
		if !ok {
			t.Errorf("%s has no trial", r.Code)
			continue
		}
		delete(all, r.Code)
		if found := Run(byID(trial.fires), now); len(found) == 0 || found[0].Code != r.Code {
			t.Errorf("%s doesn't fire: %v", r.Code, codesOf(found))
		} else {
			checkSteps(t, found[0])
			if len(found[0].Alternatives) == 0 {
				t.Errorf("%s doesn't say what would make it wrong", r.Code)
			}
		}
		if found := Run(byID(trial.misses), now); slices.ContainsFunc(found, func(f flow.Finding) bool { return f.Code == r.Code }) {
			t.Errorf("%s fires on a near miss: %v", r.Code, codesOf(found))
		}
		if found := Run(byID(trial.outranked), now); len(found) == 0 || found[0].Code != trial.by {
			t.Errorf("%s isn't outranked by %s: %v", r.Code, trial.by, codesOf(found))
		}
	}
	for code := range all {
		t.Errorf("no rule is called %s", code)
	}
}

func byID(flows []*flow.Flow) []*flow.Flow {
	slices.SortFunc(flows, func(a, b *flow.Flow) int { return int(a.ID) - int(b.ID) }) //nolint:gosec // small
	return flows
}

func codesOf(found []flow.Finding) (out []string) {
	for _, f := range found {
		out = append(out, f.Code+" "+string(f.Level))
	}
	return out
}
