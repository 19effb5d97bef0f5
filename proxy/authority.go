package proxy

import (
	"net"
	"strings"
)

// defaultPort returns the scheme's default port.
func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// withPort returns host:port, with the scheme's default port if host has none.
func withPort(host, scheme string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), defaultPort(scheme))
}

// trimDefaultPort removes the scheme's default port from authority, as in a URL.
func trimDefaultPort(authority, scheme string) string {
	host, port, err := net.SplitHostPort(authority)
	if err != nil || port != defaultPort(scheme) {
		return authority
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// sameAuthority reports whether a Host header field names the CONNECT's authority.
func sameAuthority(host, authority, scheme string) bool {
	return strings.EqualFold(withPort(host, scheme), withPort(authority, scheme))
}

// hostOf returns the host of an authority in lower case, without port, brackets or
// final dot.
func hostOf(authority string) string {
	host, _, err := net.SplitHostPort(authority)
	if err != nil {
		host = strings.Trim(authority, "[]")
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}
