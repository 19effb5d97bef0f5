package proxystatus

import (
	"testing"
	"time"

	"detour/internal/flow"
)

// TestOf_saysWhatRFC9209Says has each ending that the proxy sees, with the words of RFC 9209, 2.3.
func TestOf_saysWhatRFC9209Says(t *testing.T) {
	connects := func(outcomes ...flow.DialOutcome) *flow.Conn {
		c := &flow.Conn{Resolution: &flow.Resolution{Outcome: flow.DNSOK}}
		for _, o := range outcomes {
			c.Attempts = append(c.Attempts, flow.DialAttempt{Outcome: o, Start: time.Unix(1, 0), Took: 200 * time.Millisecond})
		}
		return c
	}
	lookup := func(o flow.DNSOutcome) *flow.Conn { return &flow.Conn{Resolution: &flow.Resolution{Outcome: o}} }
	handshake := func(o flow.TLSOutcome) *flow.Conn {
		c := connects(flow.DialConnected)
		c.TLS = &flow.TLSInfo{Outcome: o}
		return c
	}
	silent := connects(flow.DialLost, flow.DialTimeout)
	silent.Attempts[1].Took = 21 * time.Second
	for want, cases := range map[string][]flow.Flow{
		"dns_timeout": {failed(flow.StageDNS, lookup(flow.DNSTimeout))},
		"dns_error":   {failed(flow.StageDNS, lookup(flow.DNSNXDomain)), failed(flow.StageDNS, lookup(flow.DNSServFail)), failed(flow.StageDNS, nil)},
		"connection_refused": {
			failed(flow.StageDial, connects(flow.DialRefused, flow.DialRefused)), failed(flow.StageDial, connects(flow.DialUnreachable, flow.DialRefused)),
			failed(flow.StageDial, connects(flow.DialLost, flow.DialRefused, flow.DialUnreachable)),
		},
		"connection_timeout": {
			failed(flow.StageDial, connects(flow.DialTimeout)), failed(flow.StageDial, connects(flow.DialUnreachable, flow.DialTimeout)),
			failed(flow.StageDial, silent),
		},
		"destination_ip_unroutable": {failed(flow.StageDial, connects(flow.DialUnreachable, flow.DialUnreachable))},
		"connection_terminated": {
			failed(flow.StageDial, connects(flow.DialReset)), failed(flow.StageSend, connects(flow.DialConnected)),
			failed(flow.StageWait, connects(flow.DialConnected)),
		},
		"destination_unavailable": {
			failed(flow.StageDial, nil), failed(flow.StageDial, connects()), failed(flow.StageDial, connects(flow.DialError)),
			failed(flow.StageDial, connects(flow.DialRefused, flow.DialTimeout)), failed(flow.StageUpstreamProxy, connects(flow.DialConnected)),
		},
		"connection_read_timeout": {failed(flow.StageTLS, handshake(flow.TLSTimeout))},
		"tls_certificate_error": {
			failed(flow.StageTLS, handshake(flow.TLSUntrusted)), failed(flow.StageTLS, handshake(flow.TLSExpired)),
			failed(flow.StageTLS, handshake(flow.TLSNameMismatch)),
		},
		"tls_alert_received":       {failed(flow.StageTLS, handshake(flow.TLSAlert))},
		"tls_protocol_error":       {failed(flow.StageTLS, handshake(flow.TLSReset)), failed(flow.StageTLS, handshake(flow.TLSError)), failed(flow.StageTLS, nil)},
		"http_response_incomplete": {failed(flow.StageReceive, connects(flow.DialConnected))},
		"":                         {failed(flow.StageClient, nil), failed(flow.StageProxy, nil), failed(flow.StageDial, connects(flow.DialCanceled))},
	} {
		for _, f := range cases {
			if got := Of(&f); got != want {
				t.Errorf("%s, %+v: %q, want %q", f.Failure.Stage, f.Conn, got, want)
			}
		}
	}
}

func failed(s flow.Stage, c *flow.Conn) flow.Flow {
	return flow.Flow{Source: flow.SourceProxy, State: flow.StateDone, Conn: c, Failure: &flow.Failure{Stage: s}}
}

// What one part of a connection is called is what the flow is called that it ended.
func TestOf_agreesWithTheParts(t *testing.T) {
	for _, o := range []flow.TLSOutcome{flow.TLSUntrusted, flow.TLSExpired, flow.TLSNameMismatch, flow.TLSAlert, flow.TLSTimeout, flow.TLSReset, flow.TLSError} {
		f := failed(flow.StageTLS, &flow.Conn{TLS: &flow.TLSInfo{Outcome: o}})
		if got, want := Of(&f), Handshake(o); got != want {
			t.Errorf("a handshake that ends with %s is %q, its flow %q", o, want, got)
		}
	}
	for _, o := range []flow.DialOutcome{flow.DialTimeout, flow.DialRefused, flow.DialUnreachable, flow.DialReset, flow.DialError} {
		f := failed(flow.StageDial, &flow.Conn{Attempts: []flow.DialAttempt{{Outcome: o}}})
		if got, want := Of(&f), Connect(o); got != want {
			t.Errorf("a connect that ends with %s is %q, its flow %q", o, want, got)
		}
	}
	for _, o := range []flow.DNSOutcome{flow.DNSTimeout, flow.DNSNXDomain, flow.DNSNoData, flow.DNSServFail, flow.DNSRefused, flow.DNSError} {
		f := failed(flow.StageDNS, &flow.Conn{Resolution: &flow.Resolution{Outcome: o}})
		if got, want := Of(&f), Lookup(o); got != want {
			t.Errorf("a lookup that ends with %s is %q, its flow %q", o, want, got)
		}
	}
}
