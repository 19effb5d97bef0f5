package redact

import (
	"net/url"
	"regexp"
	"strings"
)

// nested is how deep URLs inside values of URLs are looked into: a sign-in that
// returns to a page that returns to a page. Deeper ones are taken out whole.
const nested = 3

// URL takes credentials out of a URL: user information, values of telling keys
// in query and fragment and in a path that has its values behind '&' or ';', and
// the same in URLs inside values. It takes the string apart by itself, so that
// it redacts what a parser of URLs would refuse too. What would grow beyond
// about three times its length loses all after its path.
func URL(s string) string {
	if s == "" {
		return ""
	}
	out := redactURL(authority(s), nested)
	if len(out) > 3*len(s)+64 {
		out = redactURL(out[:strings.IndexAny(out+"?", "?&;#=%")], 0) + "?" + gone
	}
	return out
}

// authority takes the user information out of user:password@host:port, as it is
// without a scheme.
func authority(s string) string {
	end := strings.IndexAny(s, "/?#&;=%")
	if end < 0 {
		end = len(s)
	}
	if at := strings.LastIndexByte(s[:end], '@'); at >= 0 {
		return gone + s[at:]
	}
	return s
}

func redactURL(s string, depth int) string {
	s = userinfo(s)
	if !strings.ContainsAny(s, `=%"`) {
		return credentials(s) // no values, nothing hidden
	}
	var b strings.Builder
	for s != "" {
		end := strings.IndexAny(s, "&;?#")
		if end < 0 {
			b.WriteString(part(s, depth))
			break
		}
		b.WriteString(part(s[:end], depth))
		b.WriteByte(s[end])
		s = s[end+1:]
	}
	return credentials(b.String())
}

var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:$`)

// userinfo takes out user:password@ after each "//" that an authority follows.
// What then has no number for its port isn't an authority; it may be a password
// with a slash in it, so all from there on is gone.
func userinfo(s string) string {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, "//")
		if !ok {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(before + "//")
		s = after
		ends := `/?#\`
		switch {
		case before == "", scheme.MatchString(before):
		case strings.HasSuffix(before, ":"), strings.HasSuffix(before, "="):
			ends = `/?#\&;` // it is a value
		default:
			continue // an empty segment of a path
		}
		end := strings.IndexAny(after, ends)
		if end < 0 {
			end = len(after)
		}
		host := after[:end]
		if at := strings.LastIndexByte(host, '@'); at >= 0 {
			b.WriteString(gone)
			s, host = after[at:], host[at+1:]
		}
		if port := host[strings.LastIndexAny(host, ":]")+1:]; port != host && strings.Trim(port, "0123456789") != "" {
			b.WriteString(gone)
			return b.String()
		}
	}
}

// part redacts what is between two delimiters: key=value, or something without
// a key that may still hide a URL.
func part(p string, depth int) string {
	key, v, ok := strings.Cut(p, "=")
	if !ok {
		return plain(p, depth)
	}
	name, err := url.PathUnescape(key)
	switch {
	case v == "" || v == gone:
	case err != nil:
		v = gone // what can't be read can't be judged
	case strings.EqualFold(lastName(name), "X-Amz-Credential"):
		id, err := url.PathUnescape(v)
		if v = scope(id); err != nil {
			v = gone
		}
	case secret(name):
		v = gone
	default:
		if _, err := url.PathUnescape(v); err != nil {
			v = gone
			break
		}
		v = plain(v, depth)
	}
	return plain(key, depth) + "=" + v
}

// plain redacts what is hidden in a value, or in a part without a key: a URL or
// JSON behind percent signs, or key=value once more.
func plain(v string, depth int) string {
	inner := unescape(v)
	if secretJSON(inner) {
		return gone
	}
	if inner == v && !strings.Contains(v, "=") {
		return v
	}
	if depth == 0 {
		return gone
	}
	if i := strings.LastIndexByte(v[:max(0, strings.IndexByte(v, '%'))], '/') + 1; i > 0 && !strings.Contains(v[:i], "=") {
		return v[:i] + plain(v[i:], depth) // segments of a path before what is escaped
	}
	clean := redactURL(inner, depth-1)
	switch {
	case clean == inner:
		return v
	case inner == v:
		return clean // it wasn't escaped
	}
	// '+' means a space in a query only; %20 means one everywhere.
	return strings.ReplaceAll(url.QueryEscape(clean), "+", "%20")
}

// unescape undoes percent-encoding where it is whole and leaves the rest.
func unescape(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := url.PathUnescape(s[i : i+3]); err == nil {
				b.WriteString(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
