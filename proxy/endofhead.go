package proxy

import "net/http"

// A headOnly says whether a response ended with its head, and the client speaks HTTP/2.
//
// In HTTP/2 the head can end the stream. To gRPC, that is how a call fails; an empty DATA
// frame after the head is something else (gRPC over HTTP2, "Trailers-Only"). net/http's
// server ends the stream with the head if nothing was flushed before the handler returns.
type headOnly struct {
	ended bool // the response has nothing but its head
	h2    bool // so the client can be told by END_STREAM
}

// endsWithHead returns the headOnly of a response to r, and prepares it. h2client reports
// a length of 0 without a Content-Length if the head ended the stream.
func endsWithHead(r *http.Request, resp *http.Response) headOnly {
	_, hasLength := resp.Header["Content-Length"]
	h := headOnly{ended: resp.ProtoMajor == 2 && resp.ContentLength == 0 && !hasLength, h2: r.ProtoMajor == 2}
	if h.ended && h.h2 {
		resp.Header["Content-Length"] = nil // else net/http adds one
	}
	return h
}
