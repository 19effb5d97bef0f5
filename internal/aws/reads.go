package aws

import (
	"strings"

	"detour/internal/flow"
)

// shortRead is how much of a body with status 200 shows whether it is an error (isXMLError).
const shortRead = 1 << 10

// Reads returns how many bytes of a body Tag uses: of the request body if the flow has
// no response, or else of the response body. It is at most 64 KiB, and 0 for a body that
// says nothing about a call.
func (t *Tables) Reads(f *flow.Flow) int {
	r := newRequest(&f.Request)
	if r.connect() {
		return 0
	}
	h := t.host(r.host)
	console := h.class == classConsole || h.class == classConsoleAPI
	switch {
	case h.class == classStatic, h.class == classTelemetry:
		return 0
	case f.Response == nil:
		kind := contentType(f.Request.Headers)
		if f.Request.Method == "POST" && (kind == "application/x-www-form-urlencoded" || kind == "" || console && mayNameCall(kind)) {
			return maxRelayed
		}
		return 0
	}
	kind := contentType(f.Response.Headers)
	switch {
	case !mayNameCall(kind), f.Response.Status < 200, f.Response.Status == 304:
	case f.Response.Status >= 400, console && !strings.HasPrefix(kind, "text/html"), kind == eventStream:
		return maxErrorBody
	case strings.HasSuffix(kind, "xml"), kind == "":
		return shortRead
	}
	return 0
}

// mayNameCall reports whether a body of this media type may name a call or an error. An
// absent media type may.
func mayNameCall(kind string) bool {
	text := strings.HasPrefix(kind, "text/") && kind != "text/css" && kind != "text/javascript"
	if kind == "" || text || strings.Contains(kind, "x-amz-json") {
		return true
	}
	for _, part := range [...]string{"json", "xml", "cbor", "x-www-form-urlencoded", "eventstream"} {
		if strings.HasSuffix(kind, part) {
			return true
		}
	}
	return false
}

// contentType returns the media type of a body in lower case, without parameters; "" if
// there is none.
func contentType(hs []flow.Header) string {
	kind, _, _ := strings.Cut(flow.Get(hs, "Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}
