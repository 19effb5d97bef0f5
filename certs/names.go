package certs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

var (
	// ErrInvalidName is the error of [CA.Leaf] for what isn't a DNS host name.
	ErrInvalidName = errors.New("not a DNS host name")
	// ErrNotPermitted is the error of [CA.Leaf] for a name outside [CA.Permitted].
	ErrNotPermitted = errors.New("outside the domains that this CA can sign for")
)

// hostName returns name in lower case without a final dot. Names come from the
// network (SNI, CONNECT) and can be anything. Characters outside ASCII are rejected
// before the case is folded: Unicode folds U+212A, the kelvin sign, to k.
func hostName(name string) (string, error) {
	name = strings.TrimSuffix(name, ".")
	if !validName(name) {
		return "", fmt.Errorf("certificate for %.80q: %w", name, ErrInvalidName)
	}
	return strings.ToLower(name), nil
}

// validName reports whether s is a DNS host name of ASCII letters, digits,
// hyphens and underscores. S3 has buckets with underscores in their names.
func validName(s string) bool {
	if len(s) > 253 { // RFC 1035, 2.3.4, less the length and root octets
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if !isNameByte(label[i]) {
				return false
			}
		}
	}
	return true
}

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// inDomain reports whether name is suffix or a subdomain of it, as a name
// constraint is defined (RFC 5280, 4.2.1.10). Both are in lower case.
func inDomain(name, suffix string) bool {
	rest, ok := strings.CutSuffix(name, suffix)
	return ok && (rest == "" || strings.HasSuffix(rest, "."))
}

// suffixList returns the suffixes in lower case, sorted. No suffix would mean no
// constraint, and an empty one permits every name: both are errors, because either
// would make a CA for the whole web.
func suffixList(suffixes []string) ([]string, error) {
	if len(suffixes) == 0 {
		return nil, errors.New("signing chain: no permitted DNS suffix")
	}
	out := make([]string, 0, len(suffixes))
	for _, s := range suffixes {
		if !validName(s) {
			return nil, fmt.Errorf("signing chain: permitted DNS suffix %.80q: %w", s, ErrInvalidName)
		}
		out = append(out, strings.ToLower(s))
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
