package har

import (
	"strings"

	"detour/internal/flow"
)

// A response with an error in Proxy-Status (RFC 9209) isn't the server's: a proxy on the path,
// such as detour itself, made it because it had none from the server.

// reportedByProxy replaces the response of a proxy on the way to the server by the failure that
// it reports: that of detour, or of the proxy that the browser was connected to. The error of
// another one, such as a content network's, is the server's response.
func (e *entry) reportedByProxy() {
	if e.status == 0 {
		return
	}
	proxy, kind := proxysError(fields(e.Response.Headers))
	if kind == "" || proxy != own && e.proxy == "" {
		return
	}
	e.status = 0
	k := kindOfProxysError(kind)
	if proxy == own && kind == "connection_read_timeout" {
		k = flow.KindTLSSilent // detour itself sets a limit to the handshake alone
	}
	e.reason, e.words = reasonOf(k), "the proxy "+proxy+" reports "+kind
}

// proxysError returns what a proxy reports in Proxy-Status: the name of the proxy, and the type
// of the error; "" if it reports none.
func proxysError(hs []flow.Header) (proxy, kind string) {
	for _, h := range hs {
		if !strings.EqualFold(h.Name, "Proxy-Status") {
			continue
		}
		for member := range strings.SplitSeq(h.Value, ",") { // a list; the last proxy comes last
			name, params, _ := strings.Cut(member, ";")
			for p := range strings.SplitSeq(params, ";") {
				if v, ok := strings.CutPrefix(strings.TrimSpace(p), "error="); ok {
					return strings.Trim(strings.TrimSpace(name), `"`), strings.Trim(v, `"`)
				}
			}
		}
	}
	return "", ""
}

// kindOfProxysError returns the kind of an error type of RFC 9209, 2.3.
func kindOfProxysError(kind string) flow.FailureKind {
	switch kind {
	case "dns_timeout":
		return flow.KindDNSTimeout
	case "dns_error", "destination_not_found":
		return flow.KindNameNotResolved
	case "connection_refused":
		return flow.KindRefused
	case "destination_ip_unroutable", "destination_ip_prohibited":
		return flow.KindUnreachable
	case "connection_timeout":
		return flow.KindTimeout
	case "destination_unavailable":
		return flow.KindConnectFailed
	case "connection_terminated":
		return flow.KindClosed
	case "connection_read_timeout", "connection_write_timeout", "http_response_timeout":
		return flow.KindResponseTimeout
	case "tls_certificate_error":
		return flow.KindCertInvalid
	case "tls_protocol_error", "tls_alert_received":
		return flow.KindHandshakeFailed
	case "http_response_incomplete":
		return flow.KindIncompleteResponse
	case "http_protocol_error", "http_response_header_section_size", "http_response_header_size", "http_response_body_size",
		"http_response_trailer_section_size", "http_response_trailer_size", "http_response_transfer_coding", "http_response_content_coding",
		"http_upgrade_failed":
		return flow.KindInvalidResponse
	case "http_request_denied":
		return flow.KindProxyRefused
	case "proxy_internal_response", "proxy_internal_error", "proxy_configuration_error", "proxy_loop_detected", "http_request_error",
		"connection_limit_reached":
		return flow.KindProxyFailed
	}
	return flow.KindUnknown
}
