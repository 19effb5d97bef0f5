package doctor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// A Resolver is a nameserver that was asked for a name of AWS.
type Resolver struct {
	Server  string // "10.0.0.2:53"; or "the system's resolver"
	Name    string
	Outcome flow.DNSOutcome
	Addrs   []netip.Addr
	Took    time.Duration
	Err     string
	Default bool // no nameserver is configured: this is the one that is asked then
}

// unusable reports whether no host can be at any address of the answer.
func (r Resolver) unusable() bool {
	return r.Outcome == flow.DNSOK && !slices.ContainsFunc(r.Addrs, func(a netip.Addr) bool { return !a.IsUnspecified() && !a.IsLoopback() })
}

// fault is what is wrong with the answer.
func (r Resolver) fault() string {
	switch {
	case r.unusable():
		return fmt.Sprintf("%s resolves %s to an unusable address: %s", r.Server, r.Name, addresses(r.Addrs))
	case r.Default:
		return fmt.Sprintf("no nameserver is configured, and none responds at %s", r.Server)
	case r.Outcome == flow.DNSError && r.Err != "":
		return fmt.Sprintf("can't query %s for %s: %s", r.Server, r.Name, r.Err)
	}
	return fmt.Sprintf("%s returns no address for %s: %s", r.Server, r.Name, r.Outcome)
}

// resolvers judges them. Behind an upstream proxy a nameserver needn't know public
// names: the proxy resolves them.
func resolvers(list []Resolver, behindProxy bool) (out []Check) {
	const code, another = "resolver", "--resolver selects another nameserver"
	if len(list) == 0 {
		return []Check{warn(code, "--resolver selects one", "no nameserver is known")}
	}
	good := func(r Resolver) bool { return r.Outcome == flow.DNSOK && !r.unusable() }
	answered := slices.ContainsFunc(list, good)
	for _, r := range list {
		if good(r) {
			out = append(out, ok(code, "%s resolves %s to %s in %d ms", r.Server, r.Name, addresses(r.Addrs), r.Took.Milliseconds()))
			continue
		}
		text := r.fault()
		c := fail(code, "check that the network or the VPN is up; "+another, "%s", text)
		switch {
		case behindProxy:
			c = warn(code, "", "%s; the upstream proxy resolves names itself", text)
		case r.unusable():
			c.Fix = "a DNS filter blocks the name: have it unblocked; " + another
		case r.Default:
			c.Fix = "check that the network is up; --resolver selects a nameserver"
		case r.Outcome == flow.DNSNXDomain || r.Outcome == flow.DNSNoData:
			c.Fix = "it responds, but doesn't resolve internet names; if it is the wrong one, " + another
		case answered:
			c = warn(code, "lookups wait for it whenever it is queried first; if this persists, remove it from the system's list", "%s", text)
		}
		out = append(out, c)
	}
	return out
}

// addresses lists a few, and says of each that isn't public what it is.
func addresses(list []netip.Addr) string {
	words := make([]string, len(list))
	for i, a := range list {
		words[i] = a.String()
		if s := flow.ScopeOf(a); s != flow.ScopePublic {
			words[i] += " (" + string(s) + ")"
		}
	}
	return wording.Some(words, 3)
}

// A HostsLine is a line of the hosts file that has a name of AWS.
type HostsLine struct {
	Where string // "/etc/hosts:7"
	Addr  string
	Name  string
}

func hosts(list []HostsLine) Check {
	const code = "hosts"
	if len(list) == 0 {
		return ok(code, "the hosts file has no AWS names")
	}
	var lines []string
	for _, l := range list {
		lines = append(lines, fmt.Sprintf("%s is %s (%s)", l.Name, l.Addr, l.Where))
	}
	return warn(code, "remove the lines that are no longer needed: they override every nameserver",
		"the hosts file overrides AWS names: %s", strings.Join(lines, ", "))
}
