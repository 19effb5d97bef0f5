package upstream

import (
	"context"
	"net"

	"detour/internal/dial"
	"detour/internal/usererr"
)

// withoutProxy is what to do if a proxy can't be used.
const withoutProxy = "--upstream-proxy none connects without a proxy"

// readSystem reads the system's settings. A PAC file overrides fixed proxies, as in
// browsers.
func (p *Policy) readSystem(cfg Config) error {
	s := cfg.System()
	switch {
	case s.PAC != "":
		return p.readPAC(cfg, s.PAC)
	case s.None():
		p.Notices = append(p.Notices, "the system has no proxy settings: connections are direct")
		return nil
	case s.Discover && s.For("https") == "" && s.For("http") == "":
		p.Notices = append(p.Notices,
			"the system searches for a proxy (WPAD), which detour does only with --upstream-proxy wpad: connections are direct")
		return nil
	}
	for _, scheme := range []string{"https", "http"} {
		at := s.For(scheme)
		if at == "" {
			continue
		}
		proxy, err := dial.ParseProxy(at)
		if err != nil {
			return usererr.Flagf("upstream-proxy", withoutProxy, "the proxy of the system's settings (%s): %w", s.Source, err)
		}
		if pointsTo(proxy, cfg.Self) {
			p.Self.add("the system's proxy setting ("+s.Source+")", proxy)
			continue
		}
		p.Proxies[scheme] = proxy
		if scheme == "https" {
			p.Notices = append(p.Notices, "requests go through the upstream proxy "+proxy.String()+" (the system's settings: "+s.Source+")")
		}
	}
	listed := p.direct
	p.direct = func(scheme, authority string) bool {
		host, _, err := net.SplitHostPort(authority)
		return listed(scheme, authority) || err == nil && s.Direct(host)
	}
	return nil
}

// Watch gives notices until ctx ends: that a PAC file fails.
func (p *Policy) Watch(ctx context.Context, notice func(text string)) {
	if p.pac == nil {
		return
	}
	for {
		select {
		case text := <-p.pac.trouble:
			notice(text)
		case <-ctx.Done():
			return
		}
	}
}
