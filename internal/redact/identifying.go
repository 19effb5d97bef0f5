package redact

import (
	"slices"
	"strings"
)

// identifying reports whether s may have something that an identityScan finds. Almost no value has, so
// this single pass is all that most of them cost. Whatever is added to that needs a case here.
func identifying(s string) bool {
	digitsSoFar := 0
	for i := range len(s) {
		c := s[i]
		if '0' <= c && c <= '9' {
			if digitsSoFar++; digitsSoFar == 12 { // an account
				return true
			}
			continue
		}
		digitsSoFar = 0
		switch before, after := s[:i], s[i+1:]; c {
		case '@':
			return true
		case ':':
			if strings.HasSuffix(before, "arn") || local6(before) || nat64(before, after) || mac(before, after, ':') {
				return true
			}
		case '-':
			if hexes(after) >= 8 && resource(before) || startsWithDigit(after) && strings.HasSuffix(before, "ip") ||
				mac(before, after, '-') || groups(before, after) {
				return true
			}
		case '.':
			if startsWithDigit(after) && (strings.HasSuffix(before, "10") || strings.HasSuffix(before, "172") ||
				strings.HasSuffix(before, "192") || strings.HasSuffix(before, "100")) {
				return true
			}
		}
	}
	return false
}

func isHexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func startsWithDigit(s string) bool { return s != "" && '0' <= s[0] && s[0] <= '9' }

// resourceKinds are the ends of what the IDs of resources begin with.
var resourceKinds = []string{
	"svc", "vpce", "vpc", "subnet", "eni", "sgr", "sg", "rtb", "igw", "nat", "acl", "pcx", "attach", "tgw", "vgw", "cgw", "vpn", "pl",
	"dopt", "lgw", "eipalloc", "eipassoc", "ami", "vol", "snap", "i", "d",
}

// resource reports whether s may end in what the ID of a resource begins with.
func resource(s string) bool {
	return slices.ContainsFunc(resourceKinds, func(kind string) bool { return strings.HasSuffix(s, kind) })
}

// hexes returns how many hexadecimal digits s begins with.
func hexes(s string) int {
	n := 0
	for n < len(s) && isHexDigit(s[n]) {
		n++
	}
	return n
}

// local6 reports whether s ends in the first group of a private IPv6 address, or of one of a link.
func local6(s string) bool {
	if len(s) < 4 {
		return false
	}
	g := s[len(s)-4:]
	return g[0]|0x20 == 'f' && 'c' <= g[1]|0x20 && g[1]|0x20 <= 'e' && isHexDigit(g[2]) && isHexDigit(g[3])
}

// nat64 reports whether a colon is the first one of 64:ff9b::.
func nat64(before, after string) bool {
	return strings.HasSuffix(before, "64") && len(after) >= 4 && strings.EqualFold(after[:4], "ff9b")
}

// mac reports whether a separator may be the first one of a MAC address.
func mac(before, after string, sep byte) bool {
	n := len(before)
	return n >= 2 && isHexDigit(before[n-1]) && isHexDigit(before[n-2]) &&
		len(after) > 5 && isHexDigit(after[0]) && isHexDigit(after[1]) && after[2] == sep && after[5] == sep
}

// groups reports whether a hyphen is the first one of an account's ID in groups.
func groups(before, after string) bool {
	return len(before) >= 4 && len(after) > 4 && after[4] == '-' && startsWithDigit(before[len(before)-1:]) && startsWithDigit(after)
}
