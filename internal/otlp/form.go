package otlp

import (
	"net/netip"
	"strings"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
)

// What a page or a server chooses is only written if it has the form of what it is to be.

// isWord reports whether s has letters, digits, '.', '-' and '_' alone, as methods and versions do.
func isWord(s string) bool { return has(s, 64, ".-_") }

// isName reports whether s has the form of a name in AWS's APIs: "Route 53", "GetMetricData",
// "com.amazonaws.eu-west-1.logs", "aws.protocoltests#Code".
func isName(s string) bool { return has(s, 128, ".-_/:# ") }

// isHost reports whether s has the form of a host: a name or an address.
func isHost(s string) bool {
	if a, err := netip.ParseAddr(s); err == nil {
		return a.IsValid()
	}
	return has(s, 253, ".-_")
}

// has reports whether s has at most this many bytes, at least one, all of them ASCII letters, digits or in
// others.
func has(s string, most int, others string) bool {
	if s == "" || len(s) > most {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if ('a' > c|0x20 || c|0x20 > 'z') && ('0' > c || c > '9') && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return true
}

// urlOf is a flow's URL without values. The path is that of AWS's hosts alone: another one may be a secret, as
// a webhook's is.
func urlOf(f *flow.Flow) string {
	u := withoutValues(f.Request.URL)
	if ending.Concerns(f) || u == "" {
		return u
	}
	scheme, rest, _ := strings.Cut(u, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host + "/*"
}

// withoutValues is a URL without a user, a fragment, and the values of its query, for which '*' stands; ""
// for the authority of a tunnel, and for what has no URL's form.
func withoutValues(u string) string {
	scheme, rest, ok := strings.Cut(u, "://")
	if !ok || !isWord(scheme) {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, asked := strings.Cut(rest, "?")
	authority, path := rest, ""
	if at := strings.IndexAny(rest, `/\`); at >= 0 {
		authority, path = rest[:at], rest[at:]
	}
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	if host, port := hostPort(authority); !isHost(host) || port != "" && strings.Trim(port, "0123456789") != "" {
		return ""
	}
	if path, _, _ = strings.Cut(path, ";"); path == "" { // what follows are parameters, with values
		path = "/"
	}
	out := scheme + "://" + strings.ToLower(authority) + path
	if !asked {
		return out
	}
	return out + "?" + maskedQuery(query)
}

// hostPort divides an authority; port is "" if there is none.
func hostPort(authority string) (host, port string) {
	if end := strings.LastIndexByte(authority, ']'); end >= 0 {
		return strings.Trim(authority[:end+1], "[]"), strings.TrimPrefix(authority[end+1:], ":")
	}
	host, port, _ = strings.Cut(authority, ":")
	return host, port
}

// maskedQuery is a query with '*' for the values, and for names that no parameter has.
func maskedQuery(query string) string {
	var out []string
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		if strings.Trim(value, "=") == "" || !isWord(name) { // Base64 without a name may end with '='
			name = "*"
		} else {
			name += "=*"
		}
		if out = append(out, name); len(out) == maxList {
			break
		}
	}
	return strings.Join(out, "&")
}
