package aws

import (
	"strings"

	"detour/internal/flow"
)

// shortRead is as much as tells whether an answer of 200 is an error (isXMLError).
const shortRead = 1 << 10

// Reads says how many bytes of the beginning of a body Tag has a use for: of the
// request's if the flow has no response, else of the response's. It is at most
// 64 KiB, and 0 for what says nothing of a call.
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
		if f.Request.Method == "POST" && (kind == "application/x-www-form-urlencoded" || kind == "" || console && telling(kind)) {
			return maxRelayed
		}
		return 0
	}
	kind := contentType(f.Response.Headers)
	switch {
	case !telling(kind), f.Response.Status < 200, f.Response.Status == 304:
	case f.Response.Status >= 400, console && !strings.HasPrefix(kind, "text/html"), kind == eventStream:
		return maxReport
	case strings.HasSuffix(kind, "xml"), kind == "":
		return shortRead
	}
	return 0
}

// telling reports whether a body of this media type may name a call or an error;
// a missing one may.
func telling(kind string) bool {
	if kind == "" || strings.HasPrefix(kind, "text/") && kind != "text/css" && kind != "text/javascript" || strings.Contains(kind, "x-amz-json") {
		return true
	}
	for _, part := range [...]string{"json", "xml", "cbor", "x-www-form-urlencoded", "eventstream"} {
		if strings.HasSuffix(kind, part) {
			return true
		}
	}
	return false
}

// contentType is the media type of a body, in lower case and without parameters;
// "" if there is none.
func contentType(hs []flow.Header) string {
	kind, _, _ := strings.Cut(flow.Get(hs, "Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}
