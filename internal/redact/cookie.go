package redact

import "strings"

// goneCookie stands for a cookie's value.
const goneCookie = "[redacted]"

// cookies keeps the names: which cookies were there explains much.
func cookies(v string) string {
	if v == "" {
		return ""
	}
	parts := strings.Split(v, ";")
	for i, p := range parts {
		parts[i] = cookie(p)
	}
	return strings.Join(parts, "; ")
}

// cookie redacts name=value. What has no name is all value (RFC 6265, 5.2).
func cookie(pair string) string {
	name, _, ok := strings.Cut(strings.TrimSpace(pair), "=")
	if !ok {
		return goneCookie
	}
	return credentials(strings.TrimSpace(name)) + "=" + goneCookie
}

// setCookie keeps the name and the attributes that RFC 6265 and its successors
// define.
func setCookie(v string) string {
	if v == "" {
		return ""
	}
	pair, attributes, _ := strings.Cut(v, ";")
	out := cookie(pair)
	for _, a := range strings.Split(attributes, ";") {
		a = strings.TrimSpace(a)
		name, _, _ := strings.Cut(a, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "domain", "path", "expires", "max-age", "secure", "httponly", "samesite", "partitioned", "priority":
			out += "; " + credentials(a)
		}
	}
	return out
}
