package ui

import (
	"bytes"
	"net/netip"
	"strings"

	"detour/internal/flow"
)

// What a screen that others look on doesn't show: account ids, ARNs, host names
// but for what AWS publishes of them, addresses that are private, e-mail
// addresses. Each character becomes an asterisk, so that nothing on the screen
// moves. It is better to mask too much than too little.

const masked = '*'

// mask is s without what identifies somebody. Masking it again changes nothing.
func mask(s string) string {
	if plainWords(s) {
		return s
	}
	b := []byte(s)
	maskARNs(b)
	maskMail(b)
	maskSixes(b)
	maskFours(b)
	maskNames(b)
	maskAccounts(b)
	return string(b)
}

// plainWords reports whether s has none of the signs that all of it has: a digit, a dot, an @.
func plainWords(s string) bool {
	for i := range len(s) {
		if c := s[i]; c == '.' || c == '@' || c == ':' || c == '%' || '0' <= c && c <= '9' {
			return false
		}
	}
	return true
}

// hide masks b but for the characters in keep.
func hide(b []byte, keep string) {
	for i, c := range b {
		if strings.IndexByte(keep, c) < 0 {
			b[i] = masked
		}
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlnum(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' }

// maskARNs masks ARNs but for partition, service and Region:
// arn:partition:service:region:account:resource, with colons as they are or as in a URL.
func maskARNs(b []byte) {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("arn"))
		if i < 0 {
			return
		}
		at += i + len("arn")
		colon := ":"
		for _, c := range []string{"%3A", "%3a", "%253A"} {
			if bytes.HasPrefix(b[at:], []byte(c)) {
				colon = c
			}
		}
		if !bytes.HasPrefix(b[at:], []byte(colon)) {
			continue
		}
		end := at
		for end < len(b) && b[end] > ' ' && strings.IndexByte("\"'`,;()[]{}<>|\\&", b[end]) < 0 {
			end++
		}
		from := at
		for range 4 {
			i := bytes.Index(b[from:end], []byte(colon))
			if i < 0 {
				from = end
				break
			}
			from += i + len(colon)
		}
		hide(b[from:end], ":/")
		at = end
	}
}

// maskMail masks what looks like an e-mail address, with its @ as it is or as in a URL.
func maskMail(b []byte) {
	in := func(c byte) bool { return isAlnum(c) || c >= 0x80 || strings.IndexByte("._%+-*", c) >= 0 }
	for i := range b {
		n := 0
		switch {
		case b[i] == '@':
			n = 1
		case bytes.HasPrefix(b[i:], []byte("%40")):
			n = 3
		default:
			continue
		}
		from, to := i, i+n
		for from > 0 && in(b[from-1]) {
			from--
		}
		for to < len(b) && in(b[to]) {
			to++
		}
		if from < i && to > i+n {
			hide(b[from:i], ".")
			hide(b[i+n:to], ".")
		}
	}
}

// maskSixes masks IPv6 addresses that are private.
func maskSixes(b []byte) {
	six := func(c byte) bool { return c == ':' || c == '.' || isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
	for i := 0; i < len(b); i++ {
		if !six(b[i]) || i > 0 && isAlnum(b[i-1]) {
			continue
		}
		end := i
		for end < len(b) && six(b[end]) {
			end++
		}
		word := strings.TrimRight(string(b[i:end]), ":.")
		if a, err := netip.ParseAddr(word); err == nil && a.Is6() && ours(a) {
			hide(b[i:i+len(word)], ":")
		}
		i = end
	}
}

// maskFours masks IPv4 addresses that are private.
func maskFours(b []byte) {
	for i := 0; i < len(b); i++ {
		end := i
		for end < len(b) && (isDigit(b[end]) || b[end] == '.') {
			end++
		}
		word := bytes.Trim(b[i:end], ".")
		if len(word) < len("10.0.0.1") {
			i = end
			continue
		}
		if a, err := netip.ParseAddr(string(word)); err == nil && ours(a) {
			hide(word, ".")
		}
		i = end
	}
}

// ours reports whether an address says something of somebody's own network.
func ours(a netip.Addr) bool {
	s := flow.ScopeOf(a)
	return s.InVPC() || s == flow.ScopeLinkLocal
}

// maskAccounts masks account ids: twelve digits, or three fours with hyphens between.
func maskAccounts(b []byte) {
	for i := 0; i < len(b); i++ {
		if !isDigit(b[i]) {
			continue
		}
		end, digits := i, 0
		for end < len(b) && (isDigit(b[end]) || b[end] == '-' && digits%4 == 0 && end+1 < len(b) && isDigit(b[end+1])) {
			if b[end] != '-' {
				digits++
			}
			end++
		}
		if n := end - i; digits == 12 && (n == 12 || n == 14 && b[i+4] == '-' && b[i+9] == '-') {
			hide(b[i:end], "-")
		} else if d := run(b[i:]); d == 12 {
			hide(b[i:i+d], "")
			end = i + d
		} else {
			end = i + d
		}
		i = end - 1
	}
}

// run is how many digits b begins with.
func run(b []byte) int {
	n := 0
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	return n
}
