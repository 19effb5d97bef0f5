package filter

import (
	"net/netip"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/nearest"
)

// within tests an address key: an address, a network in CIDR form, or the name of a scope.
func (k key) within(value string) (test, error) {
	each := k.addrs
	if strings.Contains(value, "/") {
		p, err := netip.ParsePrefix(value)
		if err != nil {
			return nil, bad(quote(value)+" isn't a network", "for example 10.0.0.0/8 or fd00::/8")
		}
		p = p.Masked()
		return func(f *flow.Flow, _ time.Time) bool {
			return each(f, func(a netip.Addr) bool { return p.Contains(a.Unmap()) })
		}, nil
	}
	if want, err := netip.ParseAddr(value); err == nil {
		want = want.Unmap()
		return func(f *flow.Flow, _ time.Time) bool {
			return each(f, func(a netip.Addr) bool { return a.Unmap() == want })
		}, nil
	}
	var names []string
	for _, c := range scopes() {
		if strings.EqualFold(c.word, value) {
			want := flow.Scope(c.word)
			return func(f *flow.Flow, _ time.Time) bool {
				return each(f, func(a netip.Addr) bool { return flow.ScopeOf(a) == want })
			}, nil
		}
		names = append(names, c.word)
	}
	hint := "for example 10.0.1.23, 10.0.0.0/8 or private"
	if near := nearest.Word(strings.ToLower(value), names); near != "" {
		hint = "did you mean " + k.name + ":" + near + "?"
	}
	return nil, bad(quote(value)+" isn't an address, a network or a scope", hint)
}
