package redact

import "strings"

// cookies keeps the names: which cookies were there explains much.
func (p *pass) cookies(v string) string {
	if v == "" {
		return ""
	}
	parts := strings.Split(v, ";")
	for i, pair := range parts {
		parts[i] = p.cookie(pair)
	}
	return strings.Join(parts, "; ")
}

// cookie redacts name=value. What has no name is all value (RFC 6265, 5.2). An
// empty value stays: it takes a cookie away.
func (p *pass) cookie(pair string) string {
	pair = strings.TrimSpace(pair)
	name, v, ok := strings.Cut(pair, "=")
	if !ok {
		return p.pseudonym("cookie", pair)
	}
	return p.looks(strings.TrimSpace(name)) + "=" + p.pseudonym("cookie", strings.TrimSpace(v))
}

// setCookie keeps the name and the attributes that RFC 6265 and its successors
// define.
func (p *pass) setCookie(v string) string {
	if v == "" {
		return ""
	}
	pair, attributes, _ := strings.Cut(v, ";")
	out := p.cookie(pair)
	for _, a := range strings.Split(attributes, ";") {
		a = strings.TrimSpace(a)
		name, _, _ := strings.Cut(a, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "domain", "path", "expires", "max-age", "secure", "httponly", "samesite", "partitioned", "priority":
			out += "; " + p.looks(a)
		}
	}
	return out
}
