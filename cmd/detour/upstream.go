package main

import (
	"cmp"
	"net"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"detour/internal/dial"
)

// upstream are the upstream proxies of a run, by scheme, and the hosts that are
// reached without one.
type upstream struct {
	proxies map[string]*dial.Proxy              // by the scheme of what is asked for
	except  func(scheme, authority string) bool // hosts of NO_PROXY
	news    []string                            // what a person should know of it
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

// upstream reads --upstream-proxy, and the environment as curl does (curl(1),
// ENVIRONMENT): lower case first, http_proxy in lower case only, ALL_PROXY where
// neither is set, and NO_PROXY also beside a proxy that the flag names. The proxy
// at self, which is ourselves, is never taken.
func (o *netOptions) upstream(self net.Addr, env func(string) string) (upstream, error) {
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
			return u, usage("--upstream-proxy none goes without one", "%s: %w", name, err)
		}
		if leadsTo(p, self) {
			u.news = append(u.news, name+" leads to detour itself and is not used")
			continue
		}
		u.proxies[s.scheme] = p
		if s.scheme == "https" {
			u.news = append(u.news, "calls go by way of the upstream proxy "+p.String()+" ("+name+")")
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
