// Package upstream decides which proxy a connection to a server goes through: the one
// of --upstream-proxy, those of the environment, of the system or of a PAC file ([Read]),
// or none. It reads the environment as curl does, and never chooses the proxy that it
// decides for.
package upstream

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/dial"
	"detour/internal/shellenv"
	"detour/internal/systemproxy"
	"detour/internal/usererr"
	"detour/internal/wording"
)

// Config is what a [Policy] is read from. All fields are required.
type Config struct {
	Proxy   string              // "env" (the environment's), "system", "none", "wpad", "pac+" and a URL, or the proxy's URL
	Self    net.Addr            // where this detour's proxy listens
	Running func() []string     // the proxies of all running detours, as host:port; called only if it matters
	Env     func(string) string // the environment
	System  func() systemproxy.Settings
	Lookup  func(ctx context.Context, host string) []netip.Addr // for PAC files; nil: a host can't be resolved
}

// A Policy says which upstream proxy a request goes through. It is immutable; nil means
// that all connections are direct.
type Policy struct {
	Proxies map[string]*dial.Proxy // by the scheme of the requested URL
	Self    Ignored                // what points to this detour
	Running Ignored                // what points to another detour
	Notices []string               // what the user should know, a sentence each
	direct  func(scheme, authority string) bool
	pac     *automatic // nil: Proxies are all there is
}

// Ignored are variables, or the flag, that name a proxy which is not used.
type Ignored struct {
	Names []string
	Proxy string // the host:port they point to
}

func (i *Ignored) add(name string, p *dial.Proxy) {
	if !slices.Contains(i.Names, name) { // ALL_PROXY is for two schemes
		i.Names = append(i.Names, name)
	}
	i.Proxy = p.Authority()
}

// notices says that they are not used; nil if there are none.
func (i Ignored) notices(target string) []string {
	switch len(i.Names) {
	case 0:
		return nil
	case 1:
		return []string{i.Names[0] + " points to " + target + "; ignored"}
	}
	return []string{wording.List(i.Names) + " point to " + target + "; ignored"}
}

// Read reads the policy. A proxy at Self is never used. A running detour is not used if
// a variable points to it: the terminal is behind that one, and what the variables were
// before says how the network is reached. The flag may name it. The error is a
// [usererr.Error] without the proxy's password.
func Read(cfg Config) (*Policy, error) {
	p, err := read(cfg)
	if err != nil {
		return nil, err
	}
	if env, behind := shellenv.Before(cfg.Env); behind && len(p.Self.Names)+len(p.Running.Names) > 0 && len(p.Proxies) == 0 {
		cfg.Env = env
		before, err := read(cfg)
		if err != nil {
			return nil, err
		}
		p.Proxies, p.direct, p.Notices = before.Proxies, before.direct, before.Notices
	}
	p.Notices = slices.Concat(p.Self.notices("this detour itself"), p.Running.notices("a running detour"), p.Notices)
	return p, nil
}

// read reads the flag, and the environment as curl does (curl(1), ENVIRONMENT): lower
// case first, http_proxy in lower case only, ALL_PROXY where neither is set. NO_PROXY
// applies to a proxy of the flag, too.
func read(cfg Config) (*Policy, error) {
	p := &Policy{Proxies: map[string]*dial.Proxy{}, direct: noProxy(NoProxy(cfg.Env))}
	switch at, isPAC := strings.CutPrefix(cfg.Proxy, "pac+"); {
	case cfg.Proxy == "none":
		return p, nil
	case cfg.Proxy == "system":
		return p, p.readSystem(cfg)
	case cfg.Proxy == "wpad":
		return p, p.readPAC(cfg, wpadURL)
	case isPAC:
		return p, p.readPAC(cfg, at)
	}
	for _, v := range Variables() {
		name, value := "--upstream-proxy", cfg.Proxy
		if value == "env" {
			name, value = FirstSet(cfg.Env, v.Names)
		}
		if value == "" {
			continue
		}
		proxy, err := dial.ParseProxy(value)
		if err != nil {
			const hint = "--upstream-proxy none connects without a proxy"
			if cfg.Proxy != "env" {
				return nil, usererr.Flagf("upstream-proxy", hint, "%s: %w", name, err)
			}
			return nil, usererr.Usagef(hint, "%s: %w", name, err)
		}
		switch {
		case pointsTo(proxy, cfg.Self):
			p.Self.add(name, proxy)
		case cfg.Proxy == "env" && OnThisMachine(proxy) && pointsToAny(proxy, cfg.Running()):
			p.Running.add(name, proxy)
		default:
			p.Proxies[v.Scheme] = proxy
			if v.Scheme == "https" {
				p.Notices = append(p.Notices, "requests go through the upstream proxy "+proxy.String()+" ("+name+")")
			}
		}
	}
	return p, nil
}

// Via returns the upstream proxy for a host:port that is requested with a scheme; nil:
// the connection is direct. It has the form that dial.Config wants.
func (p *Policy) Via(scheme, authority string) *dial.Proxy {
	if p == nil || p.direct(scheme, authority) {
		return nil
	}
	if p.pac != nil {
		return p.pac.routes(scheme, authority)[0]
	}
	return p.Proxies[scheme]
}

// Then returns what to try if the proxy that Via returns can't be reached, in order; nil
// is a direct connection.
func (p *Policy) Then(scheme, authority string) []*dial.Proxy {
	if p == nil || p.pac == nil || p.direct(scheme, authority) {
		return nil
	}
	return p.pac.routes(scheme, authority)[1:]
}

// Why returns what a PAC file said of a host:port that is requested with a scheme; "": it
// wasn't asked.
func (p *Policy) Why(scheme, authority string) string {
	if p == nil || p.pac == nil || p.direct(scheme, authority) {
		return ""
	}
	return p.pac.why(scheme, authority)
}

// Close ends the script of a PAC file.
func (p *Policy) Close() {
	if p != nil && p.pac != nil {
		p.pac.script.Close()
	}
}
