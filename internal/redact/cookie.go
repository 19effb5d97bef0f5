package redact

import (
	"strings"

	"detour/internal/flow"
)

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

// setCookie keeps the names and the standard attributes of a cookie, and of each one if
// several are joined.
func (p *pass) setCookie(v string) string {
	if v == "" {
		return ""
	}
	if !strings.ContainsAny(v, "\r\n,") { // nearly always
		return oneSetCookie(p, v)
	}
	all := flow.SplitSetCookie(v)
	for i, one := range all {
		all[i] = oneSetCookie(p, one)
	}
	if strings.ContainsAny(v, "\r\n[") {
		return strings.Join(all, "\n")
	}
	return strings.Join(all, ", ") // as it was
}

func oneSetCookie(p *pass, v string) string {
	pair, attributes, _ := strings.Cut(v, ";")
	var b strings.Builder
	p.cookie(&b, pair)
	for _, a := range strings.Split(attributes, ";") {
		a = strings.TrimSpace(a)
		name, val, _ := strings.Cut(a, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		switch name {
		case "domain", "path", "expires", "max-age", "secure", "httponly", "samesite", "partitioned", "priority":
			if clean := cookieAttribute(p, name, val); clean != val {
				a = a[:len(a)-len(val)] + clean
			}
			b.WriteString("; " + a)
		}
	}
	return b.String()
}

// cookieAttribute redacts the value of a standard attribute, where a path may be anything. A comma
// in another one is that of a date, or it begins something that isn't an attribute.
func cookieAttribute(p *pass, name, v string) string {
	if i := strings.IndexByte(v, ','); i >= 0 && (name != "expires" || strings.Contains(v[i+1:], ",") || strings.Contains(v, "=")) {
		return p.pseudonym("cookie", v)
	}
	if name == "path" {
		return p.url(v)
	}
	return p.looks(v)
}
