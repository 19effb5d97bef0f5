package probe

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Authority returns the host:port of a host, or of a URL that was pasted from a browser.
// The port is 443 unless it is given, or implied by http. ok is false if it isn't a host.
func Authority(host string) (authority string, ok bool) {
	if u, err := url.Parse(host); err == nil && u.Host != "" {
		if host = u.Host; u.Port() == "" && u.Scheme == "http" {
			host = net.JoinHostPort(u.Hostname(), "80")
		}
	}
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), "443"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || name == "" || strings.ContainsAny(name, "/@?# \t") {
		return "", false
	}
	return net.JoinHostPort(name, port), true
}
