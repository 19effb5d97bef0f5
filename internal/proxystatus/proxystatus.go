// Package proxystatus has the words of RFC 9209, 2.3, for how a request without a response ended, as seen
// from detour: the next hop is the server, or the upstream proxy.
//
// It is pure, and may be called concurrently.
package proxystatus

import (
	"detour/internal/diagnose/ending"
	"detour/internal/flow"
)

// Words of more than one ending.
const (
	dnsError    = "dns_error"
	dnsTimeout  = "dns_timeout"
	unavailable = "destination_unavailable"
	timedOut    = "connection_timeout"      // while it was opened
	readTimeout = "connection_read_timeout" // it was open, and what had to come didn't
	terminated  = "connection_terminated"   // it was closed before a complete response
	certificate = "tls_certificate_error"
	tlsError    = "tls_protocol_error"
	tlsAlert    = "tls_alert_received" // RFC 9209, 2.3.13: not a tls_protocol_error
)

// Of is the word for a flow without a response; "" if RFC 9209 has none for how it ended.
func Of(f *flow.Flow) string {
	if x := f.Failure; x != nil && x.Kind == "" && f.Conn != nil {
		switch t := f.Conn.TLS; {
		case x.Stage == flow.StageDial:
			return connects(f)
		case x.Stage == flow.StageTLS && t != nil && t.Outcome == flow.TLSAlert:
			return tlsAlert
		}
	}
	return Kind(ending.Kind(f))
}

// connects is the word for the connects of a flow none of which succeeded. An address without a route, as
// those of IPv6 often are, doesn't count if there are others.
func connects(f *flow.Flow) string {
	if ending.Unanswered(f.Conn, f.Times.Done) {
		return timedOut
	}
	word, routes := "", false
	for _, a := range f.Conn.Attempts {
		switch this := Connect(a.Outcome); {
		case this == "", routes && a.Outcome == flow.DialUnreachable:
		case word == "" || !routes:
			word, routes = this, a.Outcome != flow.DialUnreachable
		case this != word:
			return unavailable
		}
	}
	if word == "" {
		return Kind(ending.Kind(f))
	}
	return word
}

// Kind is the word for a kind of failure; "" if there is none.
func Kind(kind flow.FailureKind) string {
	switch kind { //nolint:exhaustive // the rest isn't of the network, or isn't known
	case flow.KindDNSTimeout:
		return dnsTimeout
	case flow.KindNameNotResolved, flow.KindNameserverFailed:
		return dnsError
	case flow.KindRefused:
		return "connection_refused"
	case flow.KindUnreachable, flow.KindOffline:
		return "destination_ip_unroutable"
	case flow.KindNetworkDenied:
		return "destination_ip_prohibited"
	case flow.KindTimeout:
		return timedOut
	case flow.KindConnectFailed, flow.KindProxyUnreachable, flow.KindProxyFailed: // proxy_internal_error would be detour's
		return unavailable
	case flow.KindReset, flow.KindClosed, flow.KindEmptyResponse, flow.KindNetworkChanged:
		return terminated
	case flow.KindResponseTimeout:
		return "http_response_timeout"
	case flow.KindIncompleteResponse:
		return "http_response_incomplete"
	case flow.KindInvalidResponse, flow.KindHTTP2, flow.KindQUIC:
		return "http_protocol_error"
	case flow.KindTLSSilent:
		return readTimeout
	case flow.KindHandshakeFailed, flow.KindTLSRefused, flow.KindTLSCut, flow.KindClientCert:
		return tlsError
	case flow.KindCertUntrusted, flow.KindCertExpired, flow.KindCertNameMismatch, flow.KindCertRevoked, flow.KindCertTransparency,
		flow.KindCertInvalid, flow.KindProxyCert:
		return certificate
	case flow.KindProxyRefused, flow.KindProxyAuth:
		return "http_request_denied"
	case flow.KindPAC:
		return "proxy_configuration_error"
	}
	return ""
}

// Lookup is the word for a lookup; "" if it has addresses.
func Lookup(o flow.DNSOutcome) string {
	switch o { //nolint:exhaustive // the others are of one kind
	case flow.DNSOK:
		return ""
	case flow.DNSTimeout:
		return dnsTimeout
	}
	return dnsError
}

// Connect is the word for a connect that has failed; "" if it didn't, or nobody waited for it to the end.
func Connect(o flow.DialOutcome) string {
	switch o {
	case flow.DialTimeout:
		return timedOut
	case flow.DialRefused:
		return "connection_refused"
	case flow.DialUnreachable:
		return "destination_ip_unroutable"
	case flow.DialReset:
		return terminated
	case flow.DialError:
		return unavailable
	case flow.DialPending, flow.DialConnected, flow.DialLost, flow.DialCanceled:
	}
	return ""
}

// Handshake is the word for a TLS handshake; "" if it succeeded.
func Handshake(o flow.TLSOutcome) string {
	switch o {
	case flow.TLSOK:
		return ""
	case flow.TLSUntrusted, flow.TLSExpired, flow.TLSNameMismatch:
		return certificate
	case flow.TLSAlert:
		return tlsAlert
	case flow.TLSTimeout:
		return readTimeout
	case flow.TLSReset, flow.TLSError, flow.TLSPending:
	}
	return tlsError
}
