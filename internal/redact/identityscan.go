package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"detour/internal/lazyregexp"
)

// What identifies a person or an account without being a secret, where it begins. What is first is
// kept: pseudonyms, and UUIDs, whose last group may be twelve digits. An e-mail address comes between
// the two.
var (
	identityFirst = lazyregexp.New(`^(?:` +
		`(?P<left>redacted:[a-z]{1,10}:[0-9a-f]{10}@?|redacted-[a-z]{1,10}-[0-9a-f]{10}(?:@[A-Za-z0-9.-]+)?` +
		`|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})` +
		`|arn:(?P<arn>aws[a-z-]*:[a-zA-Z0-9-]*:[a-z0-9-]*:(?:[0-9]{12})?:[^\s"'<>&,;#?\\)\]}]+))`)
	emailDomain  = lazyregexp.New(`^[\p{L}0-9-]+(?:\.[\p{L}0-9-]+)*\.\p{L}{2,}`)
	identityRest = lazyregexp.New(`^(?:` +
		`(?P<address>(?:10|172\.(?:1[6-9]|2[0-9]|3[01])|192\.168|100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]))(?:\.[0-9]{1,3}){2,3}` +
		`|[fF](?:[cdCD][0-9a-fA-F]|[eE][89abAB])[0-9a-fA-F]:[0-9a-fA-F:]{2,}` +
		`|64:[fF]{2}9[bB]::[0-9a-fA-F:]+)` +
		`|(?P<mac>[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}|[0-9a-fA-F]{2}(?:-[0-9a-fA-F]{2}){5})` +
		`|(?P<host>(?:vpce-svc|vpce|vpc|subnet|eni|sgr|sg|rtb|igw|eigw|nat|acl|pcx|tgw-attach|tgw-rtb|tgw|vgw|cgw|vpn|lgw|pl|dopt` +
		`|eipalloc|eipassoc|ami|vol|snap|i|d)-[0-9a-f]{8,17}(?:-[0-9a-z]{8})?|ip-[0-9]{1,3}(?:-[0-9]{1,3}){3})` +
		`|(?P<account>[0-9]{4}-[0-9]{4}-[0-9]{4}|[0-9]{12,}))`)
)

// An identityScan finds, in one pass, what one expression of all of these would. Go's takes a
// microsecond for a byte of that, and looks through a long word once for each match in it, because
// all of the word may be the local part of an e-mail address.
type identityScan struct {
	s        string
	localEnd int // of the characters of a local part around the position
	emailEnd int // of an e-mail address with that local part; 0: it is none
	digits   int // the end of the digits around the position
}

// An identityMatch is what next found: kind is a group's name, "" for nothing.
type identityMatch struct {
	kind     string
	from, to int
}

// next returns the first match from at on.
func (x *identityScan) next(at int) identityMatch {
	for size := 0; at < len(x.s); at += size {
		c := rune(x.s[at])
		if size = 1; c >= utf8.RuneSelf {
			c, size = utf8.DecodeRuneInString(x.s[at:])
		}
		first, rest := x.mayBegin(at)
		if first {
			if m := x.match(identityFirst, at); m.kind != "" {
				return m
			}
		}
		if isLocal(c) {
			if x.email(at); x.emailEnd > 0 {
				return identityMatch{"email", at, x.emailEnd}
			}
		}
		if rest {
			if m := x.match(identityRest, at); m.kind != "" {
				return m
			}
		}
	}
	return identityMatch{}
}

func (x *identityScan) match(of lazyregexp.Regexp, at int) identityMatch {
	loc := of.FindStringSubmatchIndex(x.s[at:])
	if loc == nil {
		return identityMatch{}
	}
	for i, kind := range of.SubexpNames() {
		if kind != "" && loc[2*i] >= 0 {
			return identityMatch{kind, at + loc[2*i], at + loc[2*i+1]}
		}
	}
	return identityMatch{}
}

// email finds the e-mail address whose local part, or the end of it, begins at a position.
func (x *identityScan) email(at int) {
	if at < x.localEnd {
		return
	}
	x.emailEnd = 0
	x.localEnd = at + len(x.s[at:]) - len(strings.TrimLeftFunc(x.s[at:], isLocal))
	if x.localEnd < len(x.s) && x.s[x.localEnd] == '@' {
		if loc := emailDomain.FindStringIndex(x.s[x.localEnd+1:]); loc != nil {
			x.emailEnd = x.localEnd + 1 + loc[1]
		}
	}
}

// isLocal reports whether a character may be in the local part of an e-mail address.
func isLocal(c rune) bool {
	return c < utf8.RuneSelf && (isWord(byte(c)) || strings.IndexByte("._%+-", byte(c)) >= 0) ||
		c >= utf8.RuneSelf && c != utf8.RuneError && unicode.IsLetter(c)
}

// mayBegin reports whether a match of identityFirst, or one of identityRest, may begin at a position.
// Almost none does.
func (x *identityScan) mayBegin(at int) (first, rest bool) {
	s := x.s[at:]
	c := s[0]
	if '0' <= c && c <= '9' {
		if at >= x.digits {
			x.digits = at + len(s) - len(strings.TrimLeft(s, number))
		}
		rest = x.digits-at >= 12 || has(s, 4, '-') || strings.HasPrefix(s, "10.") || strings.HasPrefix(s, "172.") ||
			strings.HasPrefix(s, "192.168.") || strings.HasPrefix(s, "100.") || strings.HasPrefix(s, "64:")
	}
	if isHexDigit(c) {
		first = has(s, 8, '-')
		rest = rest || has(s, 2, ':') && has(s, 5, ':') || has(s, 2, '-') && has(s, 5, '-') || c|0x20 == 'f' && has(s, 4, ':')
	}
	if 'a' <= c && c <= 'z' {
		first = first || strings.HasPrefix(s, "redacted") || strings.HasPrefix(s, "arn:aws")
		rest = rest || startsWithResource(s)
	}
	return first, rest
}

func has(s string, at int, c byte) bool { return at < len(s) && s[at] == c }

// startsWithResource reports whether s may begin with the ID of a resource of a VPC.
func startsWithResource(s string) bool {
	kind, _, found := strings.Cut(s[:min(len(s), len("eipalloc-"))], "-")
	if !found {
		return false
	}
	switch kind {
	case "vpce", "vpc", "subnet", "eni", "sgr", "sg", "rtb", "igw", "eigw", "nat", "acl", "pcx", "tgw", "vgw", "cgw", "vpn", "lgw", "pl",
		"dopt", "eipalloc", "eipassoc", "ami", "vol", "snap", "i", "d", "ip":
		return true
	}
	return false
}
