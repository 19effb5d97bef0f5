package flow

import "strings"

// Host returns the requested host as written, without user, port and brackets. The URL may be
// absolute or the authority of a tunnel.
func (r *Request) Host() string {
	s := r.authority()
	if strings.HasPrefix(s, "[") {
		if i := strings.IndexByte(s, ']'); i >= 0 {
			return s[1:i]
		}
		return s[1:]
	}
	if i := strings.IndexByte(s, ':'); i >= 0 && i == strings.LastIndexByte(s, ':') {
		return s[:i]
	}
	return s
}

// Port returns the port of the URL; "" if it has none or the default port: 80 for http, 443 for
// others and for tunnels.
func (r *Request) Port() string {
	s := r.authority()
	i := strings.LastIndexByte(s, ':')
	if i < 0 || strings.IndexByte(s[i:], ']') >= 0 || s[0] != '[' && strings.IndexByte(s, ':') < i {
		return ""
	}
	port := s[i+1:]
	if r.IsPlain() && port == "80" || !r.IsPlain() && port == "443" {
		return ""
	}
	return port
}

// Authority returns the requested host:port, with the port of the scheme if the URL has none.
func (r *Request) Authority() string {
	port := r.Port()
	if port == "" {
		if port = "443"; r.IsPlain() {
			port = "80"
		}
	}
	host := r.Host()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + port
}

// IsPlain reports whether the scheme is one without TLS.
func (r *Request) IsPlain() bool {
	return strings.HasPrefix(r.URL, "http://") || strings.HasPrefix(r.URL, "ws://")
}

// authorityEnd are the bytes that end an authority. A backslash is one for browsers (WHATWG
// URL, "special authority ignore slashes state"), though not in RFC 3986.
const authorityEnd = `/\?#`

// authority returns host and port as written, without the user.
func (r *Request) authority() string {
	s := r.URL
	if i := strings.Index(s, "://"); i >= 0 {
		s = s[i+len("://"):]
	}
	if i := strings.IndexAny(s, authorityEnd); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	return s
}

// Target returns path and query of the URL; "/" if it has none, or the authority of a tunnel.
func (r *Request) Target() string {
	i := strings.Index(r.URL, "://")
	if i < 0 {
		return r.URL
	}
	rest := r.URL[i+len("://"):]
	if i := strings.IndexAny(rest, authorityEnd); i >= 0 {
		return rest[i:]
	}
	return "/"
}
