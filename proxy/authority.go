package proxy

import (
	"net"
	"strings"
)

// defaultPort returns the default port of the scheme.
func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// withPort returns host:port, with the default port of the scheme if host has none.
func withPort(host, scheme string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), defaultPort(scheme))
}

// trimDefaultPort returns authority without the default port of the scheme.
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

// sameAuthority reports whether a Host header means the CONNECT's authority.
func sameAuthority(host, authority, scheme string) bool {
	return strings.EqualFold(withPort(host, scheme), withPort(authority, scheme))
}

// hostOf returns the host of an authority in lower case, without port, brackets and
// final dot.
func hostOf(authority string) string {
	host, _, err := net.SplitHostPort(authority)
	if err != nil {
		host = strings.Trim(authority, "[]")
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}
