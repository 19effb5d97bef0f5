package redact

import (
	"net/netip"
	"strings"

	"detour/internal/lazyregexp"
)

// identity matches what identifies a person or an account without being a secret. The first
// alternative is kept: pseudonyms, and UUIDs, whose last group may be twelve digits.
var identity = lazyregexp.New(
	`(?P<left>redacted:[a-z]{1,10}:[0-9a-f]{10}@?|redacted-[a-z]{1,10}-[0-9a-f]{10}(?:@[A-Za-z0-9.-]+)?` +
		`|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})` +
		`|arn:(?P<arn>aws[a-z-]*:[a-zA-Z0-9-]*:[a-z0-9-]*:(?:[0-9]{12})?:[^\s"'<>&,;#?\\)\]}]+)` +
		`|(?P<email>[\p{L}0-9._%+-]+@[\p{L}0-9-]+(?:\.[\p{L}0-9-]+)*\.\p{L}{2,})` +
		`|(?P<address>(?:10|172\.(?:1[6-9]|2[0-9]|3[01])|192\.168|100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]))(?:\.[0-9]{1,3}){2,3}` +
		`|[fF](?:[cdCD][0-9a-fA-F]|[eE][89abAB])[0-9a-fA-F]:[0-9a-fA-F:]{2,}` +
		`|64:[fF]{2}9[bB]::[0-9a-fA-F:]+)` +
		`|(?P<mac>[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}|[0-9a-fA-F]{2}(?:-[0-9a-fA-F]{2}){5})` +
		`|(?P<host>(?:vpce-svc|vpce|vpc|subnet|eni|sgr|sg|rtb|igw|eigw|nat|acl|pcx|tgw-attach|tgw-rtb|tgw|vgw|cgw|vpn|lgw|pl|dopt` +
		`|eipalloc|eipassoc|ami|vol|snap|i|d)-[0-9a-f]{8,17}(?:-[0-9a-z]{8})?|ip-[0-9]{1,3}(?:-[0-9]{1,3}){3})` +
		`|(?P<account>[0-9]{4}-[0-9]{4}-[0-9]{4}|[0-9]{12,})`)

// identities replaces account IDs, names in ARNs, e-mail addresses, MAC addresses and IDs of
// VPC resources by pseudonyms if redaction is strict. They have the form redacted-account-4f1c9a07b2,
// which is valid in a host name and an ARN. Private addresses get stand-ins.
func (p *pass) identities(s string) string {
	if !p.opt.Strict || len(s) < 7 {
		return s
	}
	s = sources(p, certNames(p, s))
	if !identifying(s) {
		return s
	}
	var b strings.Builder
	at := 0
	for _, m := range identity.FindAllStringSubmatchIndex(s, -1) {
		for i, kind := range identity.SubexpNames() {
			if kind == "" || m[2*i] < 0 {
				continue
			}
			from, to := m[2*i], m[2*i+1]
			if !alone(kind, s, from, to) {
				continue
			}
			b.WriteString(s[at:from])
			b.WriteString(p.alias(kind, s[from:to]))
			at = to
		}
	}
	if at == 0 {
		return s
	}
	b.WriteString(s[at:])
	return b.String()
}

// alone reports whether s[from:to] isn't part of a longer word. '_' is between words here.
func alone(kind, s string, from, to int) bool {
	inWord := isAlnum
	switch kind {
	case "account":
		switch {
		case s[from+4] == '-': // in the console's form, 1234-5678-9012
			inWord = func(c byte) bool { return isAlnum(c) || c == '-' }
		case to-from != 12:
			return false
		}
	case "mac": // not in a fingerprint
		inWord = func(c byte) bool { return isAlnum(c) || c == ':' || c == '-' }
	case "host", "address":
	default:
		return true
	}
	return (from == 0 || !inWord(s[from-1])) && (to == len(s) || !inWord(s[to]))
}

func isAlnum(c byte) bool { return c != '_' && isWord(c) }

// alias returns the pseudonym or stand-in for a match of identity.
func (p *pass) alias(kind, v string) string {
	switch kind {
	case "left":
		return v
	case "arn":
		return p.arn(v)
	case "address":
		if p.opt.Fleet {
			return quoted(p, v)
		}
		if a, err := netip.ParseAddr(v); err == nil {
			return p.address(a).String()
		}
	}
	if p.terse {
		return mark
	}
	switch kind {
	case "account": // one account has one pseudonym, in whichever form it is written
		v = strings.ReplaceAll(v, "-", "")
	case "mac":
		v = strings.ToLower(strings.ReplaceAll(v, "-", ":"))
	case "host": // the kind of an ID is the resource's: redacted-sg-4f1c9a07b2
		if of, _, _ := strings.Cut(v, "-"); of != "ip" {
			kind = of
		}
	}
	*p.tally.of(kind)++
	out := p.digests.append("redacted-"+kind+"-", v)
	p.opt.tell(out, v)
	return out
}

// aliased matches a name in an ARN that is a pseudonym already.
var aliased = lazyregexp.New(`^(?:redacted-name-[0-9a-f]{10}|-)(?::\*)?$`)

// arn replaces account and name in partition:service:region:account:type/name by pseudonyms.
func (p *pass) arn(v string) string {
	parts := strings.SplitN(v, ":", 5)
	if parts[3] != "" {
		parts[3] = p.alias("account", parts[3])
	}
	kind, name := "", parts[4]
	if i := strings.IndexAny(name, "/:"); i >= 0 && !untyped(parts[1]) {
		kind, name = name[:i+1], name[i+1:]
	}
	if name != "" && name != "*" && !aliased.MatchString(name) {
		end := ""
		if rest, ok := strings.CutSuffix(name, ":*"); ok {
			name, end = rest, ":*"
		}
		name = p.alias("name", name) + end
	}
	return strings.Join(parts[:4], ":") + ":" + kind + name
}

// untyped reports whether the ARNs of a service have no type before the resource's name: what
// comes first is the customer's own (Service Authorization Reference, "Resource types").
func untyped(service string) bool {
	return service == "s3" || service == "sns" || service == "sqs" || service == "execute-api"
}
