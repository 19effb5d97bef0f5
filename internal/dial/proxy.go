package dial

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// A Proxy is an upstream proxy, which makes connections on our behalf. Make one with
// [ParseProxy]. It is immutable. Formatting it doesn't reveal its credentials.
type Proxy struct {
	scheme    string // http, https, socks5 (names are resolved here) or socks5h (by the proxy)
	authority string
	user      *url.Userinfo // nil: none
}

// proxyPorts has the supported schemes, each with the default port that curl uses
// (curl(1), --proxy).
var proxyPorts = map[string]string{"http": "1080", "https": "443", "socks5": "1080", "socks5h": "1080"}

// ParseProxy parses a proxy URL as curl does: host:port means http://host:port, the
// default port is 443 for https and 1080 for the others. Schemes are http, https,
// socks5 and socks5h. Errors don't repeat the URL, which may contain a password.
func ParseProxy(s string) (*Proxy, error) {
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("not a proxy URL; expected a form like http://proxy.example:3128")
	}
	port, known := proxyPorts[u.Scheme]
	if !known {
		return nil, fmt.Errorf("unknown proxy scheme %q; use http, https, socks5 or socks5h", u.Scheme)
	}
	if p := u.Port(); p != "" {
		port = p
	}
	authority := net.JoinHostPort(u.Hostname(), port)
	if _, _, err := splitAuthority(authority); err != nil {
		return nil, fmt.Errorf("invalid proxy URL: %w", err)
	}
	return &Proxy{u.Scheme, authority, u.User}, nil
}

// Authority returns the proxy's host:port.
func (p *Proxy) Authority() string { return p.authority }

// String returns the proxy's URL without credentials.
func (p *Proxy) String() string { return p.scheme + "://" + p.authority }

// URL returns the proxy's URL with its credentials.
func (p *Proxy) URL() *url.URL { return &url.URL{Scheme: p.scheme, Host: p.authority, User: p.user} }

// HTTP reports whether the proxy speaks HTTP. A plain request is then sent to it in
// absolute form (RFC 9112, 3.2.2) rather than through a tunnel.
func (p *Proxy) HTTP() bool { return p.scheme == "http" || p.scheme == "https" }
