package aws

import (
	"net/url"
	"strings"

	"detour/internal/flow"
)

// A request is a flow's request with its URL split, without unescaping: a URL that a
// stricter parser rejects still has a host, a path and a query.
type request struct {
	*flow.Request
	host  string // with port, as written
	path  string
	query string
	// endpoint is the parsed host. It is set before a call is named.
	endpoint host
	relayed  *relayed // the request in the body that the console's server relays; nil if there is none
}

func newRequest(r *flow.Request) request {
	if r.Method == "CONNECT" {
		return request{Request: r, host: r.URL}
	}
	u := splitURL(r.URL)
	return request{Request: r, host: u.host, path: u.path, query: u.query}
}

// A rawURL is a URL in parts, each a part of the string.
type rawURL struct{ scheme, host, path, query string }

// splitURL splits an absolute URL (RFC 3986, appendix B). Without a scheme there is no
// host. A backslash ends the host, as in browsers (WHATWG URL).
func splitURL(s string) rawURL {
	var u rawURL
	s, _, _ = strings.Cut(s, "#")
	s, u.query, _ = strings.Cut(s, "?")
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		u.path = s
		return u
	}
	u.scheme, u.host = scheme, rest
	if i := strings.IndexAny(rest, `/\`); i >= 0 {
		u.host, u.path = rest[:i], rest[i:]
	}
	return u
}

func (r *request) header(name string) string { return flow.Get(r.Headers, name) }

// param returns the first query parameter with this name, ignoring case.
func (r *request) param(name string) (value string, ok bool) { return field(r.query, name) }

// field returns a value of name=value&name=value. A value that can't be unescaped
// doesn't count.
func field(fields, name string) (value string, ok bool) {
	for more := true; more; {
		var pair string
		pair, fields, more = strings.Cut(fields, "&")
		key, v, _ := strings.Cut(pair, "=")
		if len(key) != len(name) || !strings.EqualFold(key, name) {
			continue
		}
		if strings.ContainsAny(v, "%+") {
			var err error
			if v, err = url.QueryUnescape(v); err != nil {
				return "", false
			}
		}
		return v, true
	}
	return "", false
}

// connect reports whether the request is a CONNECT: only its authority is known.
func (r *request) connect() bool { return r.Method == "CONNECT" }

// navigation reports whether the request loads a page, in a window or a frame.
func (r *request) navigation() bool {
	switch r.header("Sec-Fetch-Dest") {
	case "document", "iframe", "frame", "embed", "object":
		return true
	case "":
		return r.reads() && strings.HasPrefix(r.header("Accept"), "text/html")
	}
	return false
}

// script reports whether a script of a page made the request, as it makes calls, rather
// than the browser to load a page and its parts. Browsers say so (Fetch Metadata: the
// destination of fetch and XMLHttpRequest is "empty").
func (r *request) script() bool {
	if dest := r.header("Sec-Fetch-Dest"); dest != "" {
		return dest == "empty"
	}
	part := r.reads() && asset(r.path)
	return !part && !r.navigation()
}

func (r *request) reads() bool { return r.Method == "GET" || r.Method == "HEAD" }

// asset reports whether a path ends like that of a part of a page.
func asset(path string) bool {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return false
	}
	switch path[i+1:] {
	case "js", "mjs", "css", "map", "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "woff", "woff2", "ttf", "html", "htm":
		return true
	}
	return false
}
