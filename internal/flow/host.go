package flow

import "strings"

// Host is the host that the request asks for, without user, port and brackets, as
// it was written. It reads the authority of a tunnel as well as an absolute URL.
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

// Port is the port that the request names; "" if it names none, or the one that its
// scheme has anyway: 80 of http, 443 of the others and of tunnels.
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

// IsPlain reports whether the request is one without TLS, by its scheme.
func (r *Request) IsPlain() bool {
	return strings.HasPrefix(r.URL, "http://") || strings.HasPrefix(r.URL, "ws://")
}

// authority is host and port as they are written, without the user.
func (r *Request) authority() string {
	s := r.URL
	if i := strings.Index(s, "://"); i >= 0 {
		s = s[i+len("://"):]
	}
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	return s
}

// Target is the request's path with its query; "/" if
// it has none, and the whole of a tunnel's authority.
func (r *Request) Target() string {
	i := strings.Index(r.URL, "://")
	if i < 0 {
		return r.URL
	}
	rest := r.URL[i+len("://"):]
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return rest[i:]
	}
	return "/"
}
