package gather

import (
	"net/url"
	"runtime"
	"strings"

	"detour/internal/doctor"
	"detour/internal/systemproxy"
)

// pac is the proxy configuration that a browser would use, if it isn't detour's: that of
// the environment, which Chromium reads on Linux (empty means discovery), or the system's.
// behind says that detour has a proxy from elsewhere, and isDetour whether settings lead to one.
func (cfg Config) pac(behind bool, isDetour func(systemproxy.Settings) bool) doctor.PAC {
	const variable = "auto_proxy"
	if at, set := cfg.Env(variable); set && runtime.GOOS == "linux" {
		at = withoutUser(at)
		return doctor.PAC{URL: at, Auto: at == "", Variable: variable, Used: strings.HasPrefix(cfg.UpstreamProxy, "pac+")}
	}
	s := cfg.System()
	if isDetour(s) {
		return doctor.PAC{}
	}
	p := doctor.PAC{URL: s.PAC, Auto: s.Discover, Used: cfg.UpstreamProxy != "env" && cfg.UpstreamProxy != "none"}
	if p.URL != "" {
		p.URL = withoutUser(p.URL)
	}
	if !behind && s.For("https") != "" {
		p.Proxy = s.String()
	}
	return p
}

// withoutUser returns a URL without user and password. One that can't be read is as
// good as none, but for that it is there.
func withoutUser(at string) string {
	u, err := url.Parse(at)
	if err != nil {
		return "(unreadable)"
	}
	u.User = nil
	return u.String()
}
