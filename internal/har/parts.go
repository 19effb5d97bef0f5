package har

import (
	"net/url"
	"strings"
	"time"

	"detour/internal/flow"
)

// A cookie is a cookie that was sent or set, with its redacted value.
type cookie struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	Path     string `json:"path,omitempty"`
	Domain   string `json:"domain,omitempty"`
	Expires  string `json:"expires,omitempty"` // ISO 8601
	HTTPOnly bool   `json:"httpOnly,omitempty"`
	Secure   bool   `json:"secure,omitempty"`
}

// sentCookies returns the cookies of a request (RFC 6265, 4.2).
func sentCookies(hs []flow.Header) []cookie {
	out := []cookie{}
	for _, h := range hs {
		if !strings.EqualFold(h.Name, "Cookie") {
			continue
		}
		for part := range strings.SplitSeq(h.Value, ";") {
			if part = strings.TrimSpace(part); part != "" {
				name, value, _ := strings.Cut(part, "=")
				out = append(out, cookie{Name: name, Value: value})
			}
		}
	}
	return out
}

// setCookies returns the cookies of a response (RFC 6265, 4.1) with the attributes that
// HAR has.
func setCookies(hs []flow.Header) []cookie {
	out := []cookie{}
	for _, h := range hs {
		if !strings.EqualFold(h.Name, "Set-Cookie") {
			continue
		}
		first, attributes, _ := strings.Cut(h.Value, ";")
		name, value, _ := strings.Cut(strings.TrimSpace(first), "=")
		c := cookie{Name: name, Value: value}
		for a := range strings.SplitSeq(attributes, ";") {
			c.attribute(strings.Cut(strings.TrimSpace(a), "="))
		}
		out = append(out, c)
	}
	return out
}

func (c *cookie) attribute(name, value string, _ bool) {
	switch strings.ToLower(name) {
	case "path":
		c.Path = value
	case "domain":
		c.Domain = value
	case "httponly":
		c.HTTPOnly = true
	case "secure":
		c.Secure = true
	case "expires":
		// RFC 9110, 5.6.7, and Netscape's format
		for _, layout := range []string{time.RFC1123, "Mon, 02-Jan-2006 15:04:05 MST"} {
			if t, err := time.Parse(layout, value); err == nil {
				c.Expires = t.UTC().Format(time.RFC3339)
			}
		}
	}
}

// query returns the fields of a URL's query in order.
func query(address string) []pair {
	out := []pair{}
	_, q, _ := strings.Cut(bare(address), "?")
	for part := range strings.SplitSeq(q, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		out = append(out, pair{unescape(name), unescape(value)})
	}
	return out
}

// unescape unescapes s, or returns it unchanged if an escape is invalid.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
