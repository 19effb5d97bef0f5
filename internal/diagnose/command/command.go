// Package command says what of the traffic may stand in a shell command.
//
// It is pure, and may be called concurrently.
package command

import (
	"net/netip"
	"strings"
)

// Safe reports whether s can stand in a shell command as it is.
func Safe(s string) bool {
	return s != "" && s[0] != '-' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") == ""
}

// AllSafe reports whether each of them can.
func AllSafe(ss []string) bool {
	for _, s := range ss {
		if !Safe(s) {
			return false
		}
	}
	return true
}

// SafeProxy reports whether a proxy's URL or authority can stand in a shell command.
func SafeProxy(s string) bool {
	_, rest, ok := strings.Cut(s, "://")
	if !ok {
		rest = s
	}
	return Safe(strings.NewReplacer(":", "", "[", "", "]", "").Replace(rest))
}

// Server is a nameserver as a command takes it; "" if it isn't one.
func Server(s string) string {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		if ap.Port() == 53 {
			return ap.Addr().String()
		}
		return ap.String()
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return a.String()
	}
	return ""
}
