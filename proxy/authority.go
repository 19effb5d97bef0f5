package proxy

import (
	"net"
	"strings"
)

// defaultPort is the port that a URL of the scheme leaves out.
func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// withPort completes host to host:port for the scheme.
func withPort(host, scheme string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), defaultPort(scheme))
}

// trimDefaultPort is the host part of a URL: authority without the scheme's own port.
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

// hostOf is the host of an authority, lower case, without port, brackets or final dot.
func hostOf(authority string) string {
	host, _, err := net.SplitHostPort(authority)
	if err != nil {
		host = strings.Trim(authority, "[]")
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}
