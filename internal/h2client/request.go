package h2client

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/http2/hpack"

	"detour/internal/h2wire"
)

// A head is that of a request, checked.
type head struct {
	r               *http.Request
	authority, path string
	trailer         string // the names of its fields
	length          string // "" if none is declared
}

var errHeaderList = errors.New("http2: the head of the request is longer than the server allows")

// newHead returns the head of a request, or why it can't be sent.
func newHead(r *http.Request) (head, error) {
	h := head{r: r, authority: r.Host}
	if h.authority == "" {
		h.authority = r.URL.Host
	}
	var err error
	if h.authority, err = httpguts.PunycodeHostPort(h.authority); err != nil {
		return h, fmt.Errorf("http2: %w", err)
	}
	if !httpguts.ValidHostHeader(h.authority) {
		return h, errors.New("http2: the field Host isn't valid")
	}
	if v := r.Header["Upgrade"]; len(v) > 0 && v[0] != "" {
		return h, fmt.Errorf("http2: HTTP/2 has no upgrade to %q", v)
	}
	h.path = r.URL.RequestURI()
	if !isPath(h.path) {
		if h.path = strings.TrimPrefix(h.path, r.URL.Scheme+"://"+h.authority); !isPath(h.path) {
			return h, fmt.Errorf("http2: %q isn't a path", h.path)
		}
	}
	if err := checkFields(r.Header, r.Trailer); err != nil {
		return h, err
	}
	if len(r.Trailer) > 0 {
		h.trailer = strings.Join(slices.Sorted(maps.Keys(r.Trailer)), ",")
	}
	h.length = declaredLength(r)
	return h, nil
}

func isPath(s string) bool { return strings.HasPrefix(s, "/") || s == "*" }

// checkFields returns why fields can't be sent, if so.
func checkFields(headers ...http.Header) error {
	for _, h := range headers {
		for name, values := range h {
			if !httpguts.ValidHeaderFieldName(name) {
				return fmt.Errorf("http2: %q isn't the name of a field", name)
			}
			for _, v := range values {
				if !httpguts.ValidHeaderFieldValue(v) { // which may be secret
					return fmt.Errorf("http2: the value of the field %q isn't valid", name)
				}
			}
		}
	}
	return nil
}

// hasBody reports whether a request has a body.
func hasBody(r *http.Request) bool { return r.Body != nil && r.Body != http.NoBody }

// bodyLength returns the length of a request's body; -1 if it isn't known.
func bodyLength(r *http.Request) int64 {
	switch {
	case !hasBody(r):
		return 0
	case r.ContentLength != 0:
		return r.ContentLength
	}
	return -1
}

// declaredLength returns the Content-Length of a request; "" if there is none.
func declaredLength(r *http.Request) string {
	n := bodyLength(r)
	switch {
	case n > 0:
		return strconv.FormatInt(n, 10)
	case n == 0 && (r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch):
		return "0"
	}
	return ""
}

// check returns an error if the head is longer than the server takes; 0: it hasn't said.
func (h *head) check(limit uint32) error {
	if limit == 0 {
		return nil
	}
	size := uint64(0)
	h.fields(func(name, value string) {
		f := hpack.HeaderField{Name: name, Value: value}
		size += uint64(f.Size())
	}, func(name string, values []string) {
		for _, v := range values {
			f := hpack.HeaderField{Name: name, Value: v}
			size += uint64(f.Size())
		}
	})
	if size > uint64(limit) {
		return errHeaderList
	}
	return nil
}

// write writes the head. The connection's lock is held.
func (h *head) write(w *h2wire.Writer, id uint32, end bool) {
	w.BeginBlock()
	h.fields(w.Encode, w.EncodeField)
	w.WriteBlock(id, end)
}

// fields calls one for each field whose name is lower-case, and many for others with their values.
func (h *head) fields(one func(name, value string), many func(name string, values []string)) {
	method := h.r.Method
	if method == "" {
		method = http.MethodGet
	}
	one(":authority", h.authority)
	one(":method", method)
	one(":path", h.path)
	one(":scheme", h.r.URL.Scheme)
	if h.trailer != "" {
		one("trailer", h.trailer)
	}
	for name, values := range h.r.Header {
		switch name {
		case "Host", "Content-Length": // see above and below
		case "Cookie":
			for _, v := range values {
				for crumb := range strings.SplitSeq(v, ";") { // RFC 9113, 8.2.3
					if crumb = textproto.TrimString(crumb); crumb != "" {
						one("cookie", crumb)
					}
				}
			}
		case "User-Agent":
			if len(values) > 0 && values[0] != "" {
				one("user-agent", values[0])
			}
		default:
			many(name, values)
		}
	}
	if h.length != "" {
		one("content-length", h.length)
	}
}
