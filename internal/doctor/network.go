package doctor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
)

// An Environment is what the variables of proxies say.
type Environment struct {
	Proxies  []string // upstream proxies in use, as "http://proxy:3128 for https", without passwords
	Err      string   // why one can't be used
	Own      []string // variables that lead to a detour that runs
	OwnAt    string   // its proxy
	Self     []string // variables that lead to where detour would listen, and nobody does
	SelfAt   string   // that address
	Past     []string // entries of NO_PROXY that are AWS's
	Upstream []Reach  // whether the proxies answer
}

// A Reach is whether an address could be connected to.
type Reach struct {
	Name string
	Here bool   // it is on this machine
	Err  string // "": it could
}

func (e Environment) checks() (out []Check) {
	switch {
	case e.Err != "":
		out = append(out, fail("proxy", "mend the variable, or --upstream-proxy none goes without one", "%s", e.Err))
	case len(e.Proxies) > 0:
		out = append(out, ok("proxy", "calls go by way of %s", strings.Join(e.Proxies, ", ")))
	case len(e.Own)+len(e.Self) == 0:
		out = append(out, ok("proxy", "no upstream proxy is set"))
	}
	if len(e.Own) > 0 {
		out = append(out, ok("proxy", "%s to a detour that runs (%s): this terminal is behind it, and another detour goes without it", lead(e.Own), e.OwnAt))
	}
	if len(e.Self) > 0 {
		out = append(out, warn("proxy", "detour env --unset prints what takes it back; until then programs of this terminal have no network while no detour runs",
			"%s to %s, where detour itself would listen and nobody does: it goes without", lead(e.Self), e.SelfAt))
	}
	for _, r := range e.Upstream {
		if r.Err != "" {
			fix := "is the VPN up? --upstream-proxy none goes without one"
			if r.Here {
				fix = "if it was a detour that has ended, detour env --unset prints what takes it back; --upstream-proxy none goes without one"
			}
			out = append(out, fail("proxy", fix, "the upstream proxy %s can't be reached: %s", r.Name, r.Err))
		}
	}
	if len(e.Past) > 0 && len(e.Proxies)+len(e.Own)+len(e.Self) > 0 {
		out = append(out, warn("proxy", "it is right where AWS's endpoints are in your VPC; detour env leaves it out for its own proxy", "NO_PROXY has hosts of AWS go straight: %s", strings.Join(e.Past, " ")))
	}
	return out
}

// lead is "a leads", or "a and b lead".
func lead(names []string) string {
	if len(names) == 1 {
		return names[0] + " leads"
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last] + " lead"
}

// A PAC is an automatic proxy configuration.
type PAC struct {
	URL      string // "": none is set
	Auto     bool   // it is discovered (WPAD)
	Variable string // that says so; "": it is the system's
}

func (p PAC) check() Check {
	const fix = "find the proxy that it gives AWS's hosts, and name it: --upstream-proxy http://PROXY:PORT"
	whose := "the system"
	if p.Variable != "" {
		whose = "the environment (" + p.Variable + ")"
	}
	switch {
	case p.URL != "":
		return warn("pac", fix, "%s has an automatic proxy configuration, which detour doesn't read: %s", whose, p.URL)
	case p.Auto:
		return warn("pac", fix, "%s has the proxy discovered (WPAD), which detour doesn't do", whose)
	}
	return ok("pac", "no automatic proxy configuration")
}

// A Resolver is a nameserver that was asked for a name of AWS.
type Resolver struct {
	Server  string // "10.0.0.2:53"; or "the system's resolver"
	Name    string
	Outcome flow.DNSOutcome
	Addrs   []netip.Addr
	Took    time.Duration
	Err     string
	Default bool // no nameserver is configured: it is the one that is asked for want of another
}

// nowhere reports whether it has given addresses alone at which nobody can be.
func (r Resolver) nowhere() bool {
	return r.Outcome == flow.DNSOK && !slices.ContainsFunc(r.Addrs, func(a netip.Addr) bool { return !a.IsUnspecified() && !a.IsLoopback() })
}

// fault is what is wrong with its answer.
func (r Resolver) fault() string {
	switch {
	case r.nowhere():
		return fmt.Sprintf("%s leads %s nowhere: %s", r.Server, r.Name, addresses(r.Addrs))
	case r.Default:
		return fmt.Sprintf("no nameserver is configured, and none answers at %s", r.Server)
	case r.Outcome == flow.DNSError && r.Err != "":
		return fmt.Sprintf("%s can't be asked for %s: %s", r.Server, r.Name, r.Err)
	}
	return fmt.Sprintf("%s has no address of %s: %s", r.Server, r.Name, r.Outcome)
}

// resolvers judges them. Behind an upstream proxy a nameserver needn't know public
// names: the proxy looks them up.
func resolvers(list []Resolver, behindProxy bool) (out []Check) {
	if len(list) == 0 {
		return []Check{warn("resolver", "--resolver names one", "no nameserver is known to ask")}
	}
	good := func(r Resolver) bool { return r.Outcome == flow.DNSOK && !r.nowhere() }
	answered := slices.ContainsFunc(list, good)
	for _, r := range list {
		if good(r) {
			out = append(out, ok("resolver", "%s knows %s: %s, in %d ms", r.Server, r.Name, addresses(r.Addrs), r.Took.Milliseconds()))
			continue
		}
		text := r.fault()
		c := fail("resolver", "is the network, or the VPN, up? --resolver names another one", "%s", text)
		switch {
		case behindProxy:
			c = warn("resolver", "", "%s; the upstream proxy looks names up for itself", text)
		case r.nowhere():
			c.Fix = "it is a filter that blocks the name: have it let through, or --resolver names another one"
		case r.Default:
			c.Fix = "is the network up? --resolver names one"
		case r.Outcome == flow.DNSNXDomain || r.Outcome == flow.DNSNoData:
			c.Fix = "it answers, but doesn't know the internet's names: is it the right one? --resolver names another one"
		case answered:
			c = warn("resolver", "names wait for it whenever it is asked first; take it out of the system's list if it stays so", "%s", text)
		}
		out = append(out, c)
	}
	return out
}

// addresses lists a few, and says of each whether it is private.
func addresses(list []netip.Addr) string {
	return few(list, 3, func(a netip.Addr) string {
		if s := flow.ScopeOf(a); s != flow.ScopePublic {
			return a.String() + " (" + string(s) + ")"
		}
		return a.String()
	})
}

// few lists so many at most, and counts the rest.
func few[T any](list []T, most int, word func(T) string) string {
	var words []string
	for i, x := range list {
		if i == most {
			words = append(words, fmt.Sprintf("and %d more", len(list)-most))
			break
		}
		words = append(words, word(x))
	}
	return strings.Join(words, ", ")
}

// A HostsLine is a line of the hosts file that has a name of AWS.
type HostsLine struct {
	Where string // "/etc/hosts:7"
	Addr  string
	Name  string
}

func hosts(list []HostsLine) Check {
	if len(list) == 0 {
		return ok("hosts", "the hosts file has no name of AWS")
	}
	var lines []string
	for _, l := range list {
		lines = append(lines, fmt.Sprintf("%s is %s (%s)", l.Name, l.Addr, l.Where))
	}
	return warn("hosts", "remove the lines that nobody needs any more: they go before every nameserver", "the hosts file overrides names of AWS: %s", strings.Join(lines, ", "))
}

// A Server is what a server of AWS said, or that it couldn't be asked.
type Server struct {
	Host   string
	Err    string          // why there is no answer; "": there is
	TLS    flow.TLSOutcome // "": it didn't come so far
	Issued flow.Issuer
	Issuer string    // of the certificate, as it says
	Date   time.Time // its clock; zero: it didn't say
	Now    time.Time // ours when it answered
}

const couldNotAsk = "couldn't ask %s"

func (s Server) reach(hosts []HostsLine) Check {
	switch {
	case s.Err == "":
		return ok("aws", "%s answers", s.Host)
	case s.TLS != "":
		return ok("aws", "%s can be connected to", s.Host)
	}
	fix := "is the network, or the VPN, up? detour probe " + s.Host + " shows every step"
	if i := slices.IndexFunc(hosts, func(l HostsLine) bool { return l.Name == s.Host }); i >= 0 {
		fix = "remove the name from " + hosts[i].Where + ", which gives it the address " + hosts[i].Addr
	}
	return fail("aws", fix, couldNotAsk+": %s", s.Host, s.Err)
}

// The limits of a clock: AWS refuses signatures that are off by more than five
// minutes (Signature Version 4, "Troubleshooting"), and what is less may grow.
const (
	clockFails = 5 * time.Minute
	clockWarns = 30 * time.Second
)

func (s Server) clock() Check {
	if s.Date.IsZero() {
		return warn("clock", "", couldNotAsk+" for the time", s.Host)
	}
	off := s.Now.Sub(s.Date).Round(time.Second)
	word := "ahead of"
	if off < 0 {
		off, word = -off, "behind"
	}
	const fix = "have the system set its clock by the network"
	switch {
	case off > clockFails:
		return fail("clock", fix+": AWS refuses signatures that are five minutes off", "it is %v %s AWS's", off, word)
	case off > clockWarns:
		return warn("clock", fix, "it is %v %s AWS's", off, word)
	}
	return ok("clock", "within %v of AWS's", clockWarns)
}

func (s Server) interception() Check {
	const code = "interception"
	switch {
	case s.TLS == "":
		return warn(code, "", couldNotAsk+" for its certificate", s.Host)
	case s.TLS == flow.TLSOK && s.Issued == flow.IssuerPrivate:
		return warn(code, "another program, or the company's proxy, reads along; results are its, too", "the certificate of %s isn't AWS's but of %s, which this machine trusts", s.Host, s.Issuer)
	case s.TLS == flow.TLSOK:
		return ok(code, "the certificate of %s is of %s", s.Host, s.Issuer)
	case s.TLS == flow.TLSUntrusted:
		return fail(code, "ask IT for its CA's certificate: --upstream-ca FILE", "the certificate of %s is of %s, which isn't trusted here", s.Host, s.Issuer)
	}
	return fail(code, "detour probe "+s.Host+" shows every step", "no TLS with %s: %s", s.Host, s.Err)
}
