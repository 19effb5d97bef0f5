package otlp

import (
	"strconv"
	"strings"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
)

// errorOther is the error.type of a failure that no word says.
const errorOther = "_OTHER"

// errorType is the error.type of a flow: the status of an HTTP error, or how a flow without a response ended,
// in the words of RFC 9209, 2.3. An ending that isn't one of the network has detour's own word: "cors",
// "aborted". "" if it is no error, or there is none yet.
func errorType(f *flow.Flow) string {
	switch {
	case f.Response != nil && f.Response.Status >= 400:
		return strconv.Itoa(f.Response.Status)
	case f.Failure == nil || !f.Final():
		return ""
	case f.Response != nil && f.Failure.Stage != flow.StageReceive:
		return ""
	case f.Response != nil:
		return "http_response_incomplete"
	}
	if f.Conn != nil && ending.ClientLeft(f) { // before that, something was silent
		if word := silence(f); word != "" {
			return word
		}
	}
	if t := tlsOf(f); t != nil && f.Failure.Stage == flow.StageTLS && t.Outcome == flow.TLSAlert {
		return "tls_alert_received"
	}
	return errorWord(ending.Kind(f))
}

func tlsOf(f *flow.Flow) *flow.TLSInfo {
	if f.Conn == nil {
		return nil
	}
	return f.Conn.TLS
}

// silence is what was silent for as long as [ending.Patience] when the client left; "" if nothing was.
func silence(f *flow.Flow) string {
	last := ending.LastInstant(f, f.Times.Done)
	switch {
	case ending.DNS(f, last) == flow.DNSTimeout:
		return "dns_timeout"
	case !f.Reused && ending.Unanswered(f.Conn, last):
		return "connection_timeout"
	}
	if outcome, _ := ending.TLS(f, last); outcome == flow.TLSTimeout {
		return "connection_read_timeout"
	}
	return ""
}

// errorWord is the word for a kind of failure.
func errorWord(kind flow.FailureKind) string {
	switch kind { //nolint:exhaustive // the rest is not of the network, and has its own words
	case "", flow.KindUnknown, flow.KindNoConnection, flow.KindNoResponse:
		return errorOther
	case flow.KindDNSTimeout:
		return "dns_timeout"
	case flow.KindNameNotResolved, flow.KindNameserverFailed:
		return "dns_error"
	case flow.KindRefused:
		return "connection_refused"
	case flow.KindUnreachable, flow.KindOffline:
		return "destination_ip_unroutable"
	case flow.KindNetworkDenied:
		return "destination_ip_prohibited"
	case flow.KindTimeout:
		return "connection_timeout"
	case flow.KindConnectFailed, flow.KindProxyUnreachable:
		return "destination_unavailable"
	case flow.KindReset, flow.KindClosed, flow.KindEmptyResponse, flow.KindNetworkChanged:
		return "connection_terminated"
	case flow.KindResponseTimeout:
		return "http_response_timeout"
	case flow.KindIncompleteResponse:
		return "http_response_incomplete"
	case flow.KindInvalidResponse, flow.KindHTTP2, flow.KindQUIC:
		return "http_protocol_error"
	case flow.KindTLSSilent:
		return "connection_read_timeout"
	case flow.KindHandshakeFailed, flow.KindTLSRefused, flow.KindTLSCut, flow.KindClientCert:
		return "tls_protocol_error"
	case flow.KindCertUntrusted, flow.KindCertExpired, flow.KindCertNameMismatch, flow.KindCertRevoked, flow.KindCertTransparency,
		flow.KindCertInvalid, flow.KindProxyCert:
		return "tls_certificate_error"
	case flow.KindProxyRefused, flow.KindProxyAuth:
		return "http_request_denied"
	case flow.KindProxyFailed:
		return "proxy_internal_error"
	case flow.KindPAC:
		return "proxy_configuration_error"
	}
	return strings.ReplaceAll(string(kind), "-", "_")
}

// lookupError is the error.type of a lookup; "" if it has addresses.
func lookupError(o flow.DNSOutcome) string {
	switch o { //nolint:exhaustive // the others are of one kind
	case flow.DNSOK:
		return ""
	case flow.DNSTimeout:
		return "dns_timeout"
	}
	return "dns_error"
}

// connectError is the error.type of a connect that has ended; "" if it connected, or lost to another one
// before it was silent for long.
func connectError(a flow.DialAttempt) string {
	if a.Unanswered(a.Start, ending.Patience) {
		return "connection_timeout"
	}
	switch a.Outcome {
	case flow.DialRefused:
		return "connection_refused"
	case flow.DialUnreachable:
		return "destination_ip_unroutable"
	case flow.DialReset:
		return "connection_terminated"
	case flow.DialError:
		return "destination_unavailable"
	case flow.DialCanceled:
		return "aborted"
	case flow.DialPending, flow.DialConnected, flow.DialTimeout, flow.DialLost:
	}
	return ""
}

// handshakeError is the error.type of a TLS handshake; "" if it succeeded.
func handshakeError(o flow.TLSOutcome) string {
	switch o {
	case flow.TLSOK:
		return ""
	case flow.TLSUntrusted, flow.TLSExpired, flow.TLSNameMismatch:
		return "tls_certificate_error"
	case flow.TLSAlert:
		return "tls_alert_received"
	case flow.TLSTimeout:
		return "connection_read_timeout"
	case flow.TLSReset, flow.TLSError, flow.TLSPending:
	}
	return "tls_protocol_error"
}
