package flow

import "strings"

// Host is the host that the request asks for, without user, port and brackets, as
// it was written. It reads the authority of a tunnel as well as an absolute URL.
func (r *Request) Host() string {
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
