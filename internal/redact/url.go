package redact

import (
	"net/url"
	"strings"

	"detour/internal/lazyregexp"
)

// nested is how deeply URLs inside URLs are parsed, as in the return address of a sign-in
// page. Deeper ones are replaced as a whole.
const nested = 3

// url redacts a URL or an authority.
func (p *pass) url(s string) string {
	if s == "" {
		return ""
	}
	out, ok := p.settled(s, func(p *pass, s string) string { return p.redactURL(p.authority(s), nested) })
	if !ok {
		return p.pseudonym("url", s)
	}
	if p.opt.Fleet {
		return withoutValues(out)
	}
	return out
}

// authority redacts the user information of user:password@host:port, without a scheme.
func (p *pass) authority(s string) string {
	end := strings.IndexAny(s, "/?#&;=%")
	if end < 0 {
		end = len(s)
	}
	if at := strings.LastIndexByte(s[:end], '@'); at >= 0 {
		return p.pseudonym("user", s[:at]) + s[at:]
	}
	return s
}

func (p *pass) redactURL(s string, depth int) string {
	s = redactPaths(p, p.userinfo(s))
	if !strings.ContainsAny(s, `=%"$?#`) {
		return p.looks(p.schemes(s)) // no values, nothing escaped
	}
	var b strings.Builder
	b.Grow(len(s) + 32)
	for s != "" {
		end := strings.IndexAny(s, "&;?#")
		part := s
		if end >= 0 {
			part = s[:end]
		}
		if b.Len() > 0 && len(part) >= 32 && opaque(part) && mixed(part) && strings.Trim(part, word+"-") == "" {
			part = p.pseudonym("token", part) // without a name
		}
		b.WriteString(p.part(part, depth))
		if end < 0 {
			break
		}
		b.WriteByte(s[end])
		s = s[end+1:]
	}
	return p.looks(p.schemes(b.String()))
}

// userinfo redacts user:password@ after each "//" that begins an authority. If the port isn't
// a number, it isn't an authority and may be a password with a slash, so everything from
// there on is replaced.
func (p *pass) userinfo(s string) string {
	var b strings.Builder
	done, next := 0, 0
	for {
		i := strings.Index(s[next:], "//")
		if i < 0 {
			break
		}
		before, after := s[next:next+i], s[next+i+2:]
		next += i + 2
		ends := `/?#\`
		switch {
		case before == "", isScheme(before):
		case strings.HasSuffix(before, ":"), strings.HasSuffix(before, "="):
			ends = `/?#\&;` // a value
		default:
			continue // an empty path segment
		}
		end := until(after, ends)
		at := strings.LastIndexByte(after[:end], '@')
		host := after[at+1 : end]
		if end == len(after) {
			host = strings.TrimRight(host, ".,;:!?)") // marks of the sentence
		}
		host = strings.TrimPrefix(host, "[*.]") // all subdomains, in a browser's policy
		if port := host[strings.LastIndexAny(host, ":]")+1:]; port != host && strings.Trim(port, number) != "" {
			b.WriteString(s[done:next])
			b.WriteString(p.pseudonym("user", after))
			return b.String()
		}
		if at >= 0 {
			b.WriteString(s[done:next])
			b.WriteString(p.pseudonym("user", after[:at]))
			next += at
			done = next
		}
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// isScheme reports whether s is a scheme (RFC 3986, 3.1) and its colon.
func isScheme(s string) bool {
	s, ok := strings.CutSuffix(s, ":")
	return ok && s != "" && strings.Trim(s[:1], lower+upper) == "" && strings.Trim(s, lower+upper+number+"+.-") == ""
}

// part redacts the text between two delimiters: key=value, or something without a key that
// may have a URL in it.
func (p *pass) part(s string, depth int) string {
	key, v, ok := strings.Cut(s, "=")
	if !ok {
		return p.plain(s, depth)
	}
	name, err := url.PathUnescape(key)
	clear, bad := url.PathUnescape(v)
	switch {
	case isPseudonym(v) || v == "":
	case err != nil || bad != nil:
		v = p.pseudonym("value", v) // it can't be decoded
	case strings.EqualFold(lastName(name), "X-Amz-Credential"):
		v = p.scope(clear)
	default:
		if kind := p.hard(name); kind != "" {
			v = p.pseudonym(kind, clear)
			break
		}
		v = p.plain(v, depth)
	}
	return p.plain(key, depth) + "=" + v
}

// plain redacts what is encoded in a value, or in a part without a key: a URL or JSON with
// percent-encoding, or key=value again.
func (p *pass) plain(v string, depth int) string {
	if strings.IndexByte(v, '$') >= 0 && depth > 0 {
		v = dollarRun.ReplaceAllStringFunc(v, func(run string) string {
			inner := dollarEscape.ReplaceAllStringFunc(run, func(e string) string { return unescape("%" + e[len(e)-2:]) })
			if clean := p.redactURL(inner, depth-1); clean != inner {
				return strings.ReplaceAll(p.escaped(clean, run), "%", "$25")
			}
			return run
		})
	}
	inner := unescape(v)
	if p.secretJSON(inner) {
		return p.pseudonym("value", inner)
	}
	if doc := plus(v); isGraphQL(strings.TrimSpace(doc)) {
		if clean := redactGraphQL(p, doc); clean != doc {
			return p.escaped(clean, v)
		}
		return v
	}
	if out, ok := p.base64(inner, 1); ok {
		return p.escaped(out, v)
	}
	if inner == v && !strings.Contains(v, "=") {
		return v
	}
	if depth == 0 {
		return p.pseudonym("value", v)
	}
	if i := strings.LastIndexByte(v[:max(0, strings.IndexByte(v, '%'))], '/') + 1; i > 0 && !strings.Contains(v[:i], "=") {
		return v[:i] + p.plain(v[i:], depth) // path segments before an escape
	}
	clean := p.redactURL(inner, depth-1)
	switch {
	case clean == inner:
		return v
	case inner == v:
		return clean // not escaped
	}
	return p.escaped(clean, v)
}

// dollarEscape matches what the fragments of the console's pages have for %XX and %25XX.
var (
	dollarEscape = lazyregexp.New(`\$(?:25)*[0-9A-Fa-f]{2}`)
	dollarRun    = lazyregexp.New(`[\w.~+*$-]*\$[\w.~+*$-]*`)
)

// escaped returns clean with percent-encoding, to replace old.
func (p *pass) escaped(clean, old string) string {
	if isPseudonym(clean) {
		return clean
	}
	// '+' is a space in a query only, %20 everywhere.
	out := strings.ReplaceAll(url.QueryEscape(clean), "+", "%20")
	if p.terse && len(out) > len(old) {
		return mark
	}
	return out
}

// member matches the names of JSON members, including those in strings.
var member = lazyregexp.New(`"([A-Za-z0-9_.-]{1,64})\\*"\s*:`)

// secretJSON reports whether s looks like JSON with a credential.
func (p *pass) secretJSON(s string) bool {
	if strings.IndexByte(s, '"') < 0 {
		return false
	}
	for _, m := range member.FindAllStringSubmatch(s, -1) {
		if p.hard(m[1]) != "" {
			return true
		}
	}
	return false
}

// unescape decodes valid percent-encoding and keeps the rest.
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
