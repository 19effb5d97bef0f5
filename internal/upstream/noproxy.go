package upstream

import (
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"detour/internal/shellenv"
)

// NoProxy returns the environment's list of hosts that are reached without a proxy.
func NoProxy(env func(string) string) string {
	_, list := FirstSet(env, []string{"no_proxy", "NO_PROXY"})
	return list
}

// noProxy returns the test for a NO_PROXY list as curl reads it. Unlike Go's own
// reader, curl also separates hosts by blanks, and takes .example.com for example.com.
// Which entries would let AWS's hosts bypass detour is decided by [shellenv.Proxy].
func noProxy(list string) func(scheme, authority string) bool {
	items := shellenv.NoProxyEntries(list)
	for i, item := range items {
		items[i] = strings.TrimLeft(item, ".")
	}
	match := (&httpproxy.Config{HTTPProxy: "http://p", HTTPSProxy: "http://p", NoProxy: strings.Join(items, ",")}).ProxyFunc()
	return func(scheme, authority string) bool {
		u, err := match(&url.URL{Scheme: scheme, Host: authority})
		return err == nil && u == nil
	}
}
