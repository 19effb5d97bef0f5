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
	Proxies  []string // upstream proxies in use, as "HTTPS_PROXY: http://proxy:3128", without passwords
	Err      string   // why one can't be used
	Own      string   // the variable that leads to a detour that runs; "": none
	Past     []string // entries of NO_PROXY that are AWS's
	Upstream []Reach  // whether the proxies answer
}

// A Reach is whether an address could be connected to.
type Reach struct {
	Name string
	Err  string // "": it could
}

func (e Environment) checks() (out []Check) {
	switch {
	case e.Err != "":
		out = append(out, fail("proxy", "mend the variable, or --upstream-proxy none goes without one", "%s", e.Err))
	case e.Own != "":
		out = append(out, ok("proxy", "%s leads to a detour that runs: this terminal is behind it", e.Own))
	case len(e.Proxies) == 0:
		out = append(out, ok("proxy", "no upstream proxy is set"))
	default:
		out = append(out, ok("proxy", "calls go by way of %s", strings.Join(e.Proxies, ", ")))
	}
	for _, r := range e.Upstream {
		if r.Err != "" {
			out = append(out, fail("proxy", "is the VPN up? --upstream-proxy none goes without one", "the upstream proxy %s can't be reached: %s", r.Name, r.Err))
		}
	}
	if len(e.Past) > 0 && (len(e.Proxies) > 0 || e.Own != "") {
		out = append(out, warn("proxy", "it is right where AWS's endpoints are in your VPC; detour env leaves it out for its own proxy", "NO_PROXY has hosts of AWS go straight: %s", strings.Join(e.Past, " ")))
	}
	return out
}

// A PAC is the system's automatic proxy configuration.
type PAC struct {
	URL  string // "": none is set
	Auto bool   // it is discovered (WPAD)
}

func (p PAC) check() Check {
	const fix = "find the proxy that it gives AWS's hosts, and name it: --upstream-proxy http://PROXY:PORT"
	switch {
	case p.URL != "":
		return warn("pac", fix, "the system has an automatic proxy configuration, which detour doesn't read: %s", p.URL)
	case p.Auto:
		return warn("pac", fix, "the system discovers its proxy (WPAD), which detour doesn't")
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
}

// resolvers judges them. Behind an upstream proxy a nameserver needn't know public
// names: the proxy looks them up.
func resolvers(list []Resolver, behindProxy bool) (out []Check) {
	if len(list) == 0 {
		return []Check{warn("resolver", "--resolver names one", "no nameserver is known to ask")}
	}
	answered := slices.ContainsFunc(list, func(r Resolver) bool { return r.Outcome == flow.DNSOK })
	for _, r := range list {
		if r.Outcome == flow.DNSOK {
			out = append(out, ok("resolver", "%s knows %s: %s, in %d ms", r.Server, r.Name, addresses(r.Addrs), r.Took.Milliseconds()))
			continue
		}
		text := fmt.Sprintf("%s has no address of %s: %s", r.Server, r.Name, r.Outcome)
		c := fail("resolver", "is the network, or the VPN, up? --resolver names another one", "%s", text)
		switch {
		case behindProxy:
			c = warn("resolver", "", "%s; the upstream proxy looks names up for itself", text)
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
	const most = 3
	var words []string
	for i, a := range list {
		if i == most {
			words = append(words, fmt.Sprintf("and %d more", len(list)-most))
			break
		}
		w := a.String()
		if s := flow.ScopeOf(a); s != flow.ScopePublic {
			w += " (" + string(s) + ")"
		}
		words = append(words, w)
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

// A Network is how private addresses would be reached.
type Network struct {
	Tunnels []Interface // those that look like a VPN's, and are up
	Routes  []Route     // one for each private range
}

// An Interface has an address beyond its link.
type Interface struct {
	Name  string
	Addrs []string
}

// A Route says by which interface an address of a range would be left for.
type Route struct {
	Range     string // "10.0.0.0/8"
	Interface string // "": there is no way
}

func (n Network) check() Check {
	var ways []string
	through := false
	for _, r := range n.Routes {
		if r.Interface == "" {
			continue
		}
		ways = append(ways, r.Range+" by "+r.Interface)
		through = through || slices.ContainsFunc(n.Tunnels, func(t Interface) bool { return t.Name == r.Interface })
	}
	var names []string
	for _, t := range n.Tunnels {
		names = append(names, t.Name)
	}
	way := strings.Join(ways, ", ")
	switch {
	case len(ways) == 0:
		return warn("routes", "connect to a network", "there is no way to private addresses")
	case len(n.Tunnels) == 0:
		return ok("routes", "no VPN's interface is up; samples of the private ranges: %s", way)
	case !through:
		return warn("routes", "if the VPC's addresses are to go by the VPN, its routes lack them; detour probe HOST shows the interface", "%s is up, but no sample of a private range goes by it: %s", strings.Join(names, ", "), way)
	}
	return ok("routes", "%s is up; samples of the private ranges: %s", strings.Join(names, ", "), way)
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

func (s Server) reach() Check {
	switch {
	case s.Err == "":
		return ok("aws", "%s answers", s.Host)
	case s.TLS != "":
		return ok("aws", "%s can be connected to", s.Host)
	}
	return warn("aws", "detour probe "+s.Host+" shows every step", couldNotAsk+": %s", s.Host, s.Err)
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
