package upstream

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"detour/internal/dial"
)

// SchemeVariables are the variables that name the upstream proxy for a scheme.
type SchemeVariables struct {
	Scheme string
	Names  []string // the first that is set wins
}

// Variables returns the variables that name an upstream proxy.
func Variables() []SchemeVariables {
	return []SchemeVariables{
		{"https", []string{"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}},
		{"http", []string{"http_proxy", "all_proxy", "ALL_PROXY"}},
	}
}

// FirstSet returns the first of names that the environment has, and its value; "" if
// it has none.
func FirstSet(env func(string) string, names []string) (name, value string) {
	for _, name := range names {
		if v := env(name); v != "" {
			return name, v
		}
	}
	return "", ""
}

// NoProxy returns the environment's list of hosts that are reached without a proxy.
func NoProxy(env func(string) string) string {
	_, list := FirstSet(env, []string{"no_proxy", "NO_PROXY"})
	return list
}

// noProxy returns the test for a NO_PROXY list as curl reads it. Unlike Go's own
// reader, curl also separates hosts by blanks, and takes .example.com for example.com.
func noProxy(list string) func(scheme, authority string) bool {
	items := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
	for i, item := range items {
		items[i] = strings.TrimLeft(item, ".")
	}
	match := (&httpproxy.Config{HTTPProxy: "http://p", HTTPSProxy: "http://p", NoProxy: strings.Join(items, ",")}).ProxyFunc()
	return func(scheme, authority string) bool {
		u, err := match(&url.URL{Scheme: scheme, Host: authority})
		return err == nil && u == nil
	}
}

// pointsTo reports whether a proxy is the one that listens at self.
func pointsTo(p *dial.Proxy, self net.Addr) bool {
	own, ok := self.(*net.TCPAddr)
	host, port, err := net.SplitHostPort(p.Authority())
	return ok && err == nil && dial.LeadsTo(own, host, port)
}

// pointsToAddress is pointsTo for the host:port of a proxy on loopback.
func pointsToAddress(p *dial.Proxy, at string) bool {
	a, err := netip.ParseAddrPort(at)
	return err == nil && pointsTo(p, net.TCPAddrFromAddrPort(a))
}

// pointsToAny reports whether a proxy is one of those at these addresses.
func pointsToAny(p *dial.Proxy, running []string) bool {
	return slices.ContainsFunc(running, func(at string) bool { return pointsToAddress(p, at) })
}

// OnThisMachine reports whether a proxy is on loopback, as every detour is.
func OnThisMachine(p *dial.Proxy) bool {
	host, _, err := net.SplitHostPort(p.Authority())
	ip := net.ParseIP(host)
	return err == nil && (strings.EqualFold(host, "localhost") || ip != nil && (ip.IsLoopback() || ip.IsUnspecified()))
}
