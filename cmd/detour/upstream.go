package main

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"detour/internal/dial"
	"detour/internal/shellenv"
)

// upstream are the upstream proxies of a run, by scheme, and the hosts that are
// reached without one.
type upstream struct {
	proxies map[string]*dial.Proxy              // by the scheme of what is asked for
	except  func(scheme, authority string) bool // hosts of NO_PROXY
	self    notUsed                             // what leads to the run itself
	running notUsed                             // what leads to another detour
	news    []string                            // what a person should know of it
}

// notUsed are variables, or the flag, that name a proxy which isn't taken.
type notUsed struct {
	names []string
	proxy string // where they lead
}

func (n *notUsed) add(name string, p *dial.Proxy) {
	if !slices.Contains(n.names, name) { // ALL_PROXY is for two schemes
		n.names = append(n.names, name)
	}
	n.proxy = p.Authority()
}

// says is that they aren't used; nothing if there are none.
func (n notUsed) says(what string) []string {
	switch len(n.names) {
	case 0:
		return nil
	case 1:
		return []string{n.names[0] + " leads to " + what + " and is not used"}
	}
	return []string{strings.Join(n.names, " and ") + " lead to " + what + " and are not used"}
}

// proxyVariables are the variables that name an upstream proxy, the first that is
// set going before the others.
var proxyVariables = []struct {
	scheme string
	names  []string
}{
	{"https", []string{"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}},
	{"http", []string{"http_proxy", "all_proxy", "ALL_PROXY"}},
}

// upstream reads --upstream-proxy, and the environment. The proxy at self, which is
// ourselves, is never taken; nor is one of those that run, where a variable leads to
// it: the terminal is behind that one, and what its variables were before says how the
// network is reached. The flag may name it. running lists their host:port, and is asked
// only if it matters.
func (o *netOptions) upstream(self net.Addr, running func() []string, env func(string) string) (upstream, error) {
	u, err := o.readUpstream(self, running, env)
	if err != nil {
		return u, err
	}
	if was, behind := shellenv.Before(env); behind && len(u.self.names)+len(u.running.names) > 0 && len(u.proxies) == 0 {
		before, err := o.readUpstream(self, running, was)
		if err != nil {
			return u, err
		}
		u.proxies, u.except, u.news = before.proxies, before.except, before.news
	}
	u.news = slices.Concat(u.self.says("detour itself"), u.running.says("a detour that runs"), u.news)
	return u, nil
}

// readUpstream reads the flag, and the environment as curl does (curl(1),
// ENVIRONMENT): lower case first, http_proxy in lower case only, ALL_PROXY where
// neither is set, and NO_PROXY also beside a proxy that the flag names.
func (o *netOptions) readUpstream(self net.Addr, running func() []string, env func(string) string) (upstream, error) {
	u := upstream{proxies: map[string]*dial.Proxy{}, except: noProxy(cmp.Or(env("no_proxy"), env("NO_PROXY")))}
	if o.upstreamProxy == "none" {
		return u, nil
	}
	for _, s := range proxyVariables {
		name, value := "--upstream-proxy", o.upstreamProxy
		if value == "env" {
			name, value = firstSet(env, s.names)
		}
		if value == "" {
			continue
		}
		p, err := dial.ParseProxy(value)
		if err != nil {
			const hint = "--upstream-proxy none goes without one"
			if o.upstreamProxy != "env" {
				return u, flagUsage("upstream-proxy", hint, "%s: %w", name, err)
			}
			return u, usage(hint, "%s: %w", name, err)
		}
		switch {
		case leadsTo(p, self):
			u.self.add(name, p)
		case o.upstreamProxy == "env" && onThisMachine(p) && slices.ContainsFunc(running(), func(at string) bool { return leadsToAddress(p, at) }):
			u.running.add(name, p)
		default:
			u.proxies[s.scheme] = p
			if s.scheme == "https" {
				u.news = append(u.news, "calls go by way of the upstream proxy "+p.String()+" ("+name+")")
			}
		}
	}
	return u, nil
}

// via is the upstream proxy for an authority, for the dialer.
func (u upstream) via(scheme, authority string) *dial.Proxy {
	p := u.proxies[scheme]
	if p == nil || u.except(scheme, authority) {
		return nil
	}
	return p
}

func firstSet(env func(string) string, names []string) (name, value string) {
	for _, name := range names {
		if v := env(name); v != "" {
			return name, v
		}
	}
	return "", ""
}

// noProxy makes a NO_PROXY as curl reads it into a test. Unlike Go's readers of
// the variable, curl takes blanks for commas, and .example.com for example.com too.
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

// leadsTo reports whether a proxy is what listens at self.
func leadsTo(p *dial.Proxy, self net.Addr) bool {
	own, ok := self.(*net.TCPAddr)
	host, port, err := net.SplitHostPort(p.Authority())
	return ok && err == nil && dial.LeadsTo(own, host, port)
}

// leadsToAddress is leadsTo for the host:port of a proxy on loopback.
func leadsToAddress(p *dial.Proxy, at string) bool {
	a, err := netip.ParseAddrPort(at)
	return err == nil && leadsTo(p, net.TCPAddrFromAddrPort(a))
}

// onThisMachine reports whether a proxy is on loopback, where detours are.
func onThisMachine(p *dial.Proxy) bool {
	host, _, err := net.SplitHostPort(p.Authority())
	ip := net.ParseIP(host)
	return err == nil && (strings.EqualFold(host, "localhost") || ip != nil && (ip.IsLoopback() || ip.IsUnspecified()))
}
