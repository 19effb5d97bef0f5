package proxy

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/proxystatus"
)

// errorResponse returns the response to the client when the server sent none. It has
// no CORS header field, so a page's fetch sees a network failure, as it would without
// a proxy. A person who opened the URL sees what happened.
func (x *exchange) errorResponse(r *http.Request, err error) *http.Response {
	_ = x.roundTripFailed(err)
	x.mu.Lock()
	f := x.f
	x.mu.Unlock()
	code, kind := http.StatusBadGateway, proxyStatus(&f)
	switch {
	case errors.Is(err, errScheme):
		code, kind = http.StatusBadRequest, "http_request_error"
	case errors.Is(err, errFault):
		code, kind = http.StatusInternalServerError, "proxy_internal_error"
	}
	switch kind {
	case "connection_timeout", "connection_read_timeout", "dns_timeout":
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
func proxyStatus(f *flow.Flow) string {
	if word := proxystatus.Of(f); word != "" {
		return word
	}
	switch f.Failure.Stage { //nolint:exhaustive // of the rest, each ending has a word
	case flow.StageClient:
		return "http_request_error"
	case flow.StageProxy:
		return "proxy_loop_detected"
	case flow.StageDial: // detour is stopping
		return "destination_unavailable"
	}
	return "proxy_internal_error"
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
