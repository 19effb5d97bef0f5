package compare

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"detour/internal/flow"
)

// maxRoutes is how many routes that differ are listed.
const maxRoutes = 20

// machine is how the machines differ: resolvers first, then interfaces, then the rest.
// What only one of the captures knows isn't compared.
func machine(a, b *surveyed) []Change {
	out := []Change{}
	add := func(what, was, is string) {
		if was != is {
			out = append(out, Change{What: what, A: was, B: is})
		}
	}
	seen := func(what string, was, is set) {
		if len(was) > 0 && len(is) > 0 {
			add(what, was.String(), is.String())
		}
	}
	seen("nameservers that responded", a.nameservers, b.nameservers)
	x, y := a.environment, b.environment
	both := x != nil && y != nil
	if both {
		add("nameservers", join(x.Nameservers), join(y.Nameservers))
		add("search domains", join(x.Search), join(y.Search))
	}
	seen("interfaces used", a.interfaces, b.interfaces)
	if both {
		out = append(out, interfaces(x, y)...)
		out = append(out, routes(x.Routes, y.Routes)...)
	}
	if known := len(a.hosts) > 0 && len(b.hosts) > 0; known {
		add("upstream proxies used", a.proxies.String(), b.proxies.String())
	}
	if both {
		for _, name := range union(x.Proxies, y.Proxies) {
			add(name, x.Proxies[name], y.Proxies[name])
		}
		add("system", system(x), system(y))
		add("browser", x.Browser, y.Browser)
		add("detour", x.Detour, y.Detour)
		add("flags", join(slices.Sorted(slices.Values(x.Flags))), join(slices.Sorted(slices.Values(y.Flags))))
		add("clock, seconds from AWS's", strconv.Itoa(x.ClockOffset), strconv.Itoa(y.ClockOffset))
	}
	return out
}

func join(words []string) string { return strings.Join(words, ", ") }

func system(e *flow.Environment) string {
	return strings.Join(strings.Fields(orElse(e.System, e.OS)+" "+e.Arch+" "+e.Kernel), " ")
}

// interfaces compares them by name, without those of containers, which come and go.
func interfaces(a, b *flow.Environment) (out []Change) {
	of := func(e *flow.Environment) map[string]string {
		m := make(map[string]string)
		for _, i := range e.Interfaces {
			if i.Kind != flow.KindVirtual && i.Kind != flow.KindLoopback {
				m[i.Name] = describe(i)
			}
		}
		return m
	}
	x, y := of(a), of(b)
	for _, name := range union(x, y) {
		if x[name] != y[name] {
			out = append(out, Change{What: "interface " + name, A: x[name], B: y[name]})
		}
	}
	return out
}

// describe is an interface on one line.
func describe(i flow.Interface) string {
	networks := set{}
	for _, a := range i.Addresses {
		networks.add(network(a))
	}
	parts := make([]string, 0, 3)
	if i.Kind != "" {
		parts = append(parts, string(i.Kind))
	}
	parts = append(parts, orElse(networks.String(), "no address"))
	if i.MTU > 0 {
		parts = append(parts, fmt.Sprintf("MTU %d", i.MTU))
	}
	return join(parts)
}

// routes are those that only one machine has.
func routes(a, b []string) (out []Change) {
	x, y := lines(a), lines(b)
	n := 0
	for _, r := range union(x, y) {
		if x[r] == y[r] {
			continue
		}
		if n++; n > maxRoutes {
			continue
		}
		c := Change{What: "route", A: r}
		if y[r] {
			c = Change{What: "route", B: r}
		}
		out = append(out, c)
	}
	if n > maxRoutes {
		out = append(out, Change{What: "further routes that differ", B: strconv.Itoa(n - maxRoutes)})
	}
	return out
}

// lines are routes with one space between words.
func lines(routes []string) map[string]bool {
	return maps.Collect(func(yield func(string, bool) bool) {
		for _, r := range routes {
			if !yield(strings.Join(strings.Fields(r), " "), true) {
				return
			}
		}
	})
}
