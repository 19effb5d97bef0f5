package proxy

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"detour/internal/flow"
)

// errorResponse returns the response to the client when the server sent none. It has
// no CORS header field, so a page's fetch sees a network failure, as it would without
// a proxy. A person who opened the URL sees what happened.
func (x *exchange) errorResponse(r *http.Request, err error) *http.Response {
	stage := x.roundTripFailed(err)
	x.mu.Lock()
	f := x.f
	x.mu.Unlock()
	code, kind := http.StatusBadGateway, proxyStatus(stage, f.Conn)
	switch {
	case errors.Is(err, errScheme):
		code, kind = http.StatusBadRequest, "http_request_error"
	case errors.Is(err, errFault):
		code, kind = http.StatusInternalServerError, "proxy_internal_error"
	}
	switch kind {
	case "connection_timeout", "dns_timeout":
		code = http.StatusGatewayTimeout
	case "proxy_loop_detected":
		code = http.StatusLoopDetected
	}
	return textResponse(r, code, kind, errorText(&f))
}

// textResponse returns a short response from the proxy itself.
func textResponse(r *http.Request, code int, kind, text string) *http.Response {
	return &http.Response{
		StatusCode: code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		ContentLength: int64(len(text)),
		Body:          io.NopCloser(strings.NewReader(text)),
		Header: http.Header{
			"Content-Type":           {"text/plain; charset=utf-8"},
			"X-Content-Type-Options": {"nosniff"},
			"Cache-Control":          {"no-store"},
			"Content-Length":         {fmt.Sprint(len(text))},
			"Proxy-Status":           {"detour; error=" + kind},
		},
	}
}

// proxyStatus returns the Proxy-Status error type (RFC 9209, 2.3) for a failure.
func proxyStatus(stage flow.Stage, c *flow.Conn) string {
	switch stage {
	case flow.StageDNS:
		if c != nil && c.Resolution != nil && c.Resolution.Outcome == flow.DNSTimeout {
			return "dns_timeout"
		}
		return "dns_error"
	case flow.StageDial:
		return dialStatus(c)
	case flow.StageTLS:
		return tlsStatus(c)
	case flow.StageUpstreamProxy:
		return "destination_unavailable"
	case flow.StageProxy:
		return "proxy_loop_detected"
	case flow.StageSend, flow.StageWait, flow.StageReceive:
		return "connection_terminated"
	case flow.StageClient:
		return "http_request_error"
	}
	return "proxy_internal_error"
}

func dialStatus(c *flow.Conn) string {
	if c == nil || len(c.Attempts) == 0 {
		return "destination_unavailable"
	}
	switch c.Attempts[len(c.Attempts)-1].Outcome {
	case flow.DialTimeout:
		return "connection_timeout"
	case flow.DialRefused:
		return "connection_refused"
	case flow.DialUnreachable:
		return "destination_ip_unroutable"
	case flow.DialConnected, flow.DialReset, flow.DialLost, flow.DialCanceled, flow.DialError, flow.DialPending:
	}
	return "destination_unavailable"
}

func tlsStatus(c *flow.Conn) string {
	if c == nil || c.TLS == nil {
		return "tls_protocol_error"
	}
	switch c.TLS.Outcome {
	case flow.TLSUntrusted, flow.TLSExpired, flow.TLSNameMismatch:
		return "tls_certificate_error"
	case flow.TLSAlert:
		return "tls_alert_received"
	case flow.TLSTimeout:
		return "connection_timeout"
	case flow.TLSOK, flow.TLSReset, flow.TLSError, flow.TLSPending:
	}
	return "tls_protocol_error"
}

// errorText describes a failure to a person who opened the URL in a browser.
func errorText(f *flow.Flow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "detour: no response from %s\n\n", f.Request.URL)
	if f.Failure != nil {
		fmt.Fprintf(&b, "%s: %s\n", f.Failure.Stage, f.Failure.Message)
	}
	if f.Conn != nil {
		if r := f.Conn.Resolution; r != nil && r.Nameserver.IsValid() {
			fmt.Fprintf(&b, "DNS answer from %s for %s: %s\n", r.Nameserver, r.Name, r.Outcome)
		}
		if f.Conn.UpstreamProxy != "" {
			fmt.Fprintf(&b, "through the upstream proxy %s\n", f.Conn.UpstreamProxy)
		}
		for _, a := range f.Conn.Attempts {
			scope := flow.ScopeOf(a.Addr.Addr())
			fmt.Fprintf(&b, "%s (%s): %s after %s\n", a.Addr, scope, a.Outcome, a.Took.Round(time.Millisecond))
		}
	}
	return b.String()
}
