package redact

import "strings"

// cookies redacts the values of a Cookie header and keeps the names.
func (p *pass) cookies(v string) string {
	if v == "" {
		return ""
	}
	var b strings.Builder
	b.Grow(2 * len(v))
	for pair := range strings.SplitSeq(v, ";") {
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		p.cookie(&b, pair)
	}
	return b.String()
}

// cookie redacts name=value. Without a name, all is the value (RFC 6265, 5.2). An empty value
// stays: it deletes a cookie.
func (p *pass) cookie(b *strings.Builder, pair string) {
	pair = strings.TrimSpace(pair)
	name, v, ok := strings.Cut(pair, "=")
	if !ok {
		b.WriteString(p.pseudonym("cookie", pair))
		return
	}
	b.WriteString(p.looks(strings.TrimSpace(name)))
	b.WriteByte('=')
	b.WriteString(p.pseudonym("cookie", strings.TrimSpace(v)))
}

// setCookie keeps the name and the standard attributes.
func (p *pass) setCookie(v string) string {
	if v == "" {
		return ""
	}
	pair, attributes, _ := strings.Cut(v, ";")
	var b strings.Builder
	p.cookie(&b, pair)
	for _, a := range strings.Split(attributes, ";") {
		a = strings.TrimSpace(a)
		name, _, _ := strings.Cut(a, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "domain", "path", "expires", "max-age", "secure", "httponly", "samesite", "partitioned", "priority":
			b.WriteString("; " + p.looks(a))
		}
	}
	return b.String()
}
