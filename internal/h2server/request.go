package h2server

import (
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/http2"
)

// newRequest returns the request of a head, without its body. The error is of a malformed one
// (RFC 9113, 8.1.1).
func newRequest(f *http2.MetaHeadersFrame) (*http.Request, error) {
	malformed := http2.StreamError{StreamID: f.StreamID, Code: http2.ErrCodeProtocol}
	r := &http.Request{Method: f.PseudoValue("method"), Proto: "HTTP/2.0", ProtoMajor: 2, Host: f.PseudoValue("authority")}
	scheme, path := f.PseudoValue("scheme"), f.PseudoValue("path")
	r.Header = headerOf(f)
	if hasConnectionField(r.Header) || !joinHost(r) || f.PseudoValue("protocol") != "" {
		return nil, malformed
	}
	switch {
	case r.Method == http.MethodConnect:
		if path != "" || scheme != "" || r.Host == "" {
			return nil, malformed
		}
		r.URL, r.RequestURI = &url.URL{Host: r.Host}, r.Host
	case r.Method == "" || scheme != "https" && scheme != "http" || path != "*" && !strings.HasPrefix(path, "/"):
		return nil, malformed
	default:
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return nil, malformed
		}
		r.URL, r.RequestURI = u, path
	}
	r.Trailer = announcedTrailer(r.Header)
	length, ok := contentLength(r.Header)
	if !ok || f.StreamEnded() && length > 0 {
		return nil, malformed
	}
	if !f.StreamEnded() {
		r.ContentLength = length
	}
	return r, nil
}

// headerOf returns the fields of a head.
func headerOf(f *http2.MetaHeadersFrame) http.Header {
	fields := f.RegularFields()
	h := make(http.Header, len(fields))
	values := make([]string, len(fields)) // of all fields that occur once
	for i, field := range fields {
		name := http.CanonicalHeaderKey(field.Name)
		if old, ok := h[name]; ok {
			h[name] = append(old, field.Value)
			continue
		}
		values[i] = field.Value
		h[name] = values[i : i+1 : i+1]
	}
	if cookies := h["Cookie"]; len(cookies) > 1 {
		h["Cookie"] = []string{strings.Join(cookies, "; ")} // RFC 9113, 8.2.3
	}
	return h
}

// joinHost takes Host for the authority if there is no other, and reports whether the request
// has a valid one.
func joinHost(r *http.Request) bool {
	if host := r.Header["Host"]; len(host) > 0 {
		if r.Host == "" {
			r.Host = host[0]
		}
		if len(host) > 1 || host[0] != r.Host {
			return false
		}
		delete(r.Header, "Host")
	}
	return !strings.Contains(r.Host, "@") && (r.Host == "" || httpguts.ValidHostHeader(r.Host))
}

// announcedTrailer removes the field Trailer, and returns the fields that it announces.
func announcedTrailer(h http.Header) (trailer http.Header) {
	for _, v := range h["Trailer"] {
		for name := range strings.SplitSeq(v, ",") {
			switch name = textproto.CanonicalMIMEHeaderKey(textproto.TrimString(name)); name {
			case "Transfer-Encoding", "Trailer", "Content-Length":
			default:
				if trailer == nil {
					trailer = make(http.Header)
				}
				trailer[name] = nil
			}
		}
	}
	delete(h, "Trailer")
	return trailer
}

// contentLength returns the length that a header declares, -1 if none, and whether it is valid.
func contentLength(h http.Header) (n int64, ok bool) {
	v := h["Content-Length"]
	if len(v) == 0 {
		return -1, true
	}
	u, err := strconv.ParseUint(v[0], 10, 63)
	return int64(u), err == nil && len(v) == 1
}

// expectsContinue removes Expect if it asks for a 100 (Continue), and reports whether it does.
func expectsContinue(h http.Header) bool {
	if !httpguts.HeaderValuesContainsToken(h["Expect"], "100-continue") {
		return false
	}
	delete(h, "Expect")
	return true
}

// hasConnectionField reports whether a request has a field that HTTP/2 doesn't allow (RFC 9113,
// 8.2.2).
func hasConnectionField(h http.Header) bool {
	for _, name := range [...]string{"Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade"} {
		if h[name] != nil {
			return true
		}
	}
	te := h["Te"]
	return len(te) > 1 || len(te) == 1 && te[0] != "trailers" && te[0] != ""
}

func headTooLong(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusRequestHeaderFieldsTooLarge)
	_, _ = io.WriteString(w, "the request's header fields are too large\n")
}
