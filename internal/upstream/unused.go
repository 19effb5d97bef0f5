package upstream

import (
	"net/url"

	"detour/internal/dial"
	"detour/internal/flow"
	"detour/internal/systemproxy"
)

// Unused returns the proxy that the system's settings name and no https connection uses, since
// only the environment is read and has none; nil: there is none, or another one is used.
func (p *Policy) Unused(cfg Config) *flow.SystemProxy {
	if cfg.Proxy != "env" || p.Proxies["https"] != nil || len(p.Self.Names)+len(p.Running.Names) > 0 {
		return nil
	}
	s := cfg.System()
	if s.None() || cfg.IsDetour(s) {
		return nil
	}
	out := &flow.SystemProxy{Source: s.Source, Text: s.String(), Flag: "system"}
	if s.PAC == "" && s.Discover && s.For("https") == "" {
		out.Flag = "wpad"
	}
	return out
}

// IsDetour reports whether the settings lead to a detour: its landing page says how to set that up.
func (cfg Config) IsDetour(s systemproxy.Settings) bool {
	at := s.For("https")
	if s.PAC != "" {
		u, err := url.Parse(s.PAC)
		if err != nil || u.Host == "" {
			return false
		}
		at = "http://" + u.Host
	}
	proxy, err := dial.ParseProxy(at)
	return err == nil && (pointsTo(proxy, cfg.Self) || OnThisMachine(proxy) && pointsToAny(proxy, cfg.Running()))
}

// NoticeOf says that the system has a proxy that isn't used, and how to use it; "" for nil.
func NoticeOf(p *flow.SystemProxy) string {
	switch {
	case p == nil:
		return ""
	case p.Flag == "wpad":
		return "the system's settings (" + p.Source + ") search for a proxy (WPAD) and detour doesn't: --upstream-proxy wpad does"
	}
	return "the system's settings (" + p.Source + ") have " + p.Text + ", which detour doesn't use: --upstream-proxy system does"
}
