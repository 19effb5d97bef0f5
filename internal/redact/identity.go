package redact

import (
	"net/netip"
	"strings"

	"detour/internal/lazyregexp"
)

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
	found := identityScan{s: s}
	for m := found.next(0); m.kind != ""; m = found.next(m.to) {
		if alone(m.kind, s, m.from, m.to) {
			b.WriteString(s[at:m.from])
			b.WriteString(p.alias(m.kind, s[m.from:m.to]))
			at = m.to
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

// alias returns the pseudonym or stand-in for a match of an identityScan.
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
