package decrypt

import (
	"slices"
	"strings"

	"detour/internal/usererr"
)

// A Selection is the parsed value of --decrypt. The zero value decrypts nothing.
type Selection struct {
	All      bool     // every host
	AWS      bool     // AWS's hosts
	Hosts    []string // further hosts
	Suffixes []string // further domains, without the leading dot
	Except   []string // hosts that are passed through all the same
}

// Parse reads a value of --decrypt: none, or a list of all, aws, hosts, .suffixes and
// -hosts. The error is a [usererr.Error].
func Parse(value string) (s Selection, err error) {
	if value == "none" {
		return s, nil
	}
	for _, item := range strings.Split(value, ",") {
		item = strings.ToLower(strings.TrimSpace(item))
		suffix, isSuffix := strings.CutPrefix(item, ".")
		except, isExcept := strings.CutPrefix(item, "-")
		switch {
		case isExcept && isHost(except):
			s.Except = append(s.Except, except)
		case item == "all":
			s.All = true
		case item == "aws":
			s.AWS = true
		case isSuffix && isHost(suffix):
			s.Suffixes = append(s.Suffixes, suffix)
		case !isSuffix && isHost(item):
			s.Hosts = append(s.Hosts, item)
		default:
			return s, usererr.Flagf("decrypt", "aws, none, all, or a list of hosts and .suffixes: aws,api.example.com,.corp.example,-except.example",
				"--decrypt %q: %q is not a host name", value, item)
		}
	}
	return s, nil
}

// Extra returns the hosts and domains that go beyond AWS's.
func (s Selection) Extra() []string { return slices.Concat(s.Hosts, s.Suffixes) }

// names reports whether a host is one of Extra.
func (s Selection) names(host string) bool {
	return slices.Contains(s.Hosts, host) || slices.ContainsFunc(s.Suffixes, func(suffix string) bool {
		return strings.HasSuffix(host, "."+suffix)
	})
}

// isHost reports whether s has the form of a host name with a dot in it (RFC 1123,
// 2.1, and the underscore that some names have).
func isHost(s string) bool {
	labels := strings.Split(s, ".")
	return len(labels) > 1 && len(s) <= 253 && !slices.ContainsFunc(labels, func(l string) bool {
		return l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") != ""
	})
}
