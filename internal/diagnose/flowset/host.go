package flowset

import (
	"net/netip"
	"strings"

	"detour/internal/flow"
)

// HostOf is the host that a flow was for, fit to stand in a command: whatever isn't a
// DNS name or an address is "invalid-host".
func HostOf(f *flow.Flow) string {
	host := AuthorityOf(f)
	if colon := strings.LastIndexByte(host, ':'); colon > strings.LastIndexByte(host, ']') {
		host = host[:colon]
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	if host == "" || len(host) > 253 || strings.HasPrefix(host, "-") || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		return "invalid-host"
	}
	return host
}

// AuthorityOf is the authority that a flow was for, not that of an upstream proxy.
func AuthorityOf(f *flow.Flow) string {
	if f.Conn != nil && f.Conn.Authority != f.Conn.UpstreamProxy {
		return f.Conn.Authority
	}
	s := f.Request.URL
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	if end := strings.IndexAny(s, "/?#"); end >= 0 {
		s = s[:end]
	}
	return s[strings.LastIndexByte(s, '@')+1:]
}

// OperationOf is the operation that a flow calls; "" if it isn't known.
func OperationOf(f *flow.Flow) string {
	if f.AWS == nil {
		return ""
	}
	return f.AWS.Operation
}
