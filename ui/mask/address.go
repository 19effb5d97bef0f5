package mask

import (
	"bytes"
	"net/netip"
	"strings"

	"detour/internal/flow"
)

// shows reports whether an address may be shown: loopback addresses may, and addresses that
// AWS publishes if they belong to an AWS host whose name is shown.
func (m *Masker) shows(a netip.Addr) bool {
	switch flow.ScopeOf(a) {
	case flow.ScopeLoopback, flow.ScopeUnspecified:
		return true
	case flow.ScopePublic:
		_, ok := m.shared[a.Unmap()]
		return ok
	case flow.ScopePrivate, flow.ScopeCGNAT, flow.ScopeBenchmark, flow.ScopeULA, flow.ScopeLinkLocal:
	}
	return false
}

// hideIPv6 masks IPv6 addresses.
func (m *Masker) hideIPv6(b []byte) {
	six := func(c byte) bool { return c == ':' || c == '.' || isHex(c) }
	for i := 0; i < len(b); i++ {
		if !six(b[i]) || i > 0 && isAlnum(b[i-1]) {
			continue
		}
		end, colons := i, 0
		for end < len(b) && six(b[end]) {
			if b[end] == ':' {
				colons++
			}
			end++
		}
		if colons < 2 {
			i = end
			continue
		}
		word := strings.TrimRight(string(b[i:end]), ":.")
		whole := word
		if bytes.HasPrefix(b[i+len(word):end], []byte("::")) { // of a network: fd00::/8
			whole += "::"
		}
		if a, err := netip.ParseAddr(whole); err == nil && a.Is6() && !m.shows(a) {
			hide(b[i:i+len(word)], ":.")
		}
		i = end
	}
}

// hideIPv4 masks IPv4 addresses, also with leading zeros.
func (m *Masker) hideIPv4(b []byte) {
	for i := 0; i < len(b); i++ {
		end := i
		for end < len(b) && (isDigit(b[end]) || b[end] == '.') {
			end++
		}
		word := bytes.Trim(b[i:end], ".")
		if len(word) < len("1.1.1.1") {
			i = end
			continue
		}
		if a, padded, ok := parseIPv4(word); ok && (padded || !m.shows(a) && !isVersion(a)) {
			hide(word, ".")
		}
		i = end
	}
}

// parseIPv4 parses four numbers separated by dots. padded says that one of them has a leading
// zero.
func parseIPv4(word []byte) (a netip.Addr, padded, ok bool) {
	var four [4]byte
	n, digits, value := 0, 0, 0
	for i := 0; i <= len(word); i++ {
		if i < len(word) && word[i] != '.' {
			padded = padded || digits == 1 && value == 0
			value, digits = value*10+int(word[i]-'0'), digits+1
			continue
		}
		if n == 4 || digits == 0 || digits > 3 || value > 255 {
			return a, false, false
		}
		four[n] = byte(value)
		n, digits, value = n+1, 0, 0
	}
	return netip.AddrFrom4(four), padded, n == 4
}

// isVersion reports whether a public address is rather the version of a browser: some
// browsers report only the first number, and zeros for the others.
func isVersion(a netip.Addr) bool {
	four := a.As4()
	return four[1] == 0 && four[2] == 0 && four[3] == 0 && flow.ScopeOf(a) == flow.ScopePublic
}
