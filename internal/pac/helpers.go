package pac

import (
	"net/netip"
	"slices"
	"strings"

	"modernc.org/quickjs"
)

// helpers are the functions that a script may call: those of Netscape's specification, and
// Microsoft's Ex variants, which know IPv6.
func (e *engine) helpers() map[string]quickjs.HostFunc {
	return map[string]quickjs.HostFunc{
		"isPlainHostName":     func(a []any) (any, error) { return !strings.ContainsAny(text(a, 0), ".:"), nil },
		"dnsDomainIs":         func(a []any) (any, error) { return dnsDomainIs(text(a, 0), text(a, 1)), nil },
		"localHostOrDomainIs": func(a []any) (any, error) { return localHostOrDomainIs(text(a, 0), text(a, 1)), nil },
		"dnsDomainLevels":     func(a []any) (any, error) { return strings.Count(text(a, 0), "."), nil },
		"shExpMatch":          func(a []any) (any, error) { return shExpMatch(text(a, 0), text(a, 1)), nil },
		"convert_addr":        func(a []any) (any, error) { return convertAddr(text(a, 0)), nil },
		"weekdayRange":        func(a []any) (any, error) { return weekdayRange(e.cfg.Now(), a), nil },
		"dateRange":           func(a []any) (any, error) { return dateRange(e.cfg.Now(), a), nil },
		"timeRange":           func(a []any) (any, error) { return timeRange(e.cfg.Now(), a), nil },
		"alert":               func([]any) (any, error) { return nil, nil },
		"getClientVersion":    func([]any) (any, error) { return "1.0", nil },

		"isResolvable":   func(a []any) (any, error) { return len(only4(e.lookup(text(a, 0)))) > 0, nil },
		"isResolvableEx": func(a []any) (any, error) { return len(e.lookup(text(a, 0))) > 0, nil },
		"dnsResolve": func(a []any) (any, error) {
			if found := only4(e.lookup(text(a, 0))); len(found) > 0 {
				return found[0].String(), nil
			}
			return nil, nil
		},
		"dnsResolveEx": func(a []any) (any, error) { return joined(e.lookup(text(a, 0))), nil },
		"isInNet":      func(a []any) (any, error) { return e.isInNet(text(a, 0), text(a, 1), text(a, 2)), nil },
		"isInNetEx":    func(a []any) (any, error) { return isInNetEx(text(a, 0), text(a, 1)), nil },
		"myIpAddress": func([]any) (any, error) {
			if own := only4(e.cfg.Own()); len(own) > 0 {
				return own[0].String(), nil
			}
			return "127.0.0.1", nil
		},
		"myIpAddressEx":     func([]any) (any, error) { return joined(e.cfg.Own()), nil },
		"sortIpAddressList": func(a []any) (any, error) { return sortAddresses(text(a, 0)), nil },
	}
}

// text is an argument that is text; "" if it isn't.
func text(args []any, i int) string {
	if i < len(args) {
		s, _ := args[i].(string)
		return s
	}
	return ""
}

// lookup resolves a name, or reads an address. Past the limit it finds nothing.
func (e *engine) lookup(host string) []netip.Addr {
	host = strings.Trim(host, "[]")
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}
	}
	run := e.current
	if host == "" || len(host) > 255 || run.ctx.Err() != nil || len(run.lookups) >= maxLookups {
		return nil
	}
	run.lookups = append(run.lookups, host)
	return e.cfg.Lookup(run.ctx, host)
}

func only4(list []netip.Addr) []netip.Addr {
	return slices.DeleteFunc(slices.Clone(list), func(a netip.Addr) bool { return !a.Unmap().Is4() })
}

func joined(list []netip.Addr) string {
	words := make([]string, len(list))
	for i, a := range list {
		words[i] = a.String()
	}
	return strings.Join(words, ";")
}

// dnsDomainIs reports whether a host ends with a domain, which begins with a dot.
func dnsDomainIs(host, domain string) bool {
	return strings.HasSuffix(strings.ToLower(host), strings.ToLower(domain))
}

// localHostOrDomainIs reports whether a host is the whole name, or its first label alone.
func localHostOrDomainIs(host, name string) bool {
	host, name = strings.ToLower(host), strings.ToLower(name)
	return host == name || !strings.Contains(host, ".") && strings.HasPrefix(name, host+".")
}

// shExpMatch matches a whole text with a pattern of a shell, in which * and ? match any
// characters, slashes and dots too. It takes time in proportion to the product of their
// lengths.
func shExpMatch(s, pattern string) bool {
	i, j, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case j < len(pattern) && pattern[j] == '*':
			star, mark = j, i
			j++
		case j < len(pattern) && (pattern[j] == '?' || pattern[j] == s[i]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	return strings.Trim(pattern[j:], "*") == ""
}

// convertAddr is an IPv4 address as a number; 0 for anything else.
func convertAddr(s string) float64 {
	a, err := netip.ParseAddr(s)
	if err != nil || !a.Is4() {
		return 0
	}
	b := a.As4()
	return float64(uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]))
}

// isInNet reports whether a host's IPv4 address has the bits of a pattern where a mask has
// ones.
func (e *engine) isInNet(host, pattern, mask string) bool {
	p, perr := netip.ParseAddr(pattern)
	m, merr := netip.ParseAddr(mask)
	found := only4(e.lookup(host))
	if perr != nil || merr != nil || !p.Is4() || !m.Is4() || len(found) == 0 {
		return false
	}
	a, b, bits := found[0].Unmap().As4(), p.As4(), m.As4()
	for i := range a {
		if a[i]&bits[i] != b[i]&bits[i] {
			return false
		}
	}
	return true
}

// isInNetEx reports whether an address is in a prefix. Unlike isInNet it looks nothing up.
func isInNetEx(address, prefix string) bool {
	a, aerr := netip.ParseAddr(address)
	p, perr := netip.ParsePrefix(prefix)
	return aerr == nil && perr == nil && p.Contains(a.Unmap())
}

// sortAddresses sorts addresses that are separated by semicolons, those of IPv6 first;
// "" if one isn't an address.
func sortAddresses(list string) string {
	var out []netip.Addr
	for word := range strings.SplitSeq(list, ";") {
		a, err := netip.ParseAddr(strings.TrimSpace(word))
		if err != nil {
			return ""
		}
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b netip.Addr) int {
		if a.Is4() != b.Is4() {
			if a.Is4() {
				return 1
			}
			return -1
		}
		return a.Compare(b)
	})
	return joined(out)
}
