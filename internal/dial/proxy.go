package dial

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// A Proxy is an upstream proxy: one that connects for us. Whatever prints it
// prints no credentials.
type Proxy struct {
	scheme    string // http, https, socks5 (we resolve) or socks5h (it resolves)
	authority string
	user      *url.Userinfo // nil: none
}

// proxyPorts are the schemes that we speak, with the ports that curl takes where
// none is given (curl(1), --proxy).
var proxyPorts = map[string]string{"http": "1080", "https": "443", "socks5": "1080", "socks5h": "1080"}

// ParseProxy reads a proxy's URL as curl takes it: host:port is http://host:port.
// Its errors don't repeat the URL, which may have a password in it.
func ParseProxy(s string) (*Proxy, error) {
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("no proxy URL; it looks like http://proxy.example:3128")
	}
	port, known := proxyPorts[u.Scheme]
	if !known {
		return nil, fmt.Errorf("proxy scheme %q is unknown: it is one of http, https, socks5, socks5h", u.Scheme)
	}
	if p := u.Port(); p != "" {
		port = p
	}
	authority := net.JoinHostPort(u.Hostname(), port)
	if _, _, err := splitAuthority(authority); err != nil {
		return nil, fmt.Errorf("no proxy URL: %w", err)
	}
	return &Proxy{u.Scheme, authority, u.User}, nil
}

// Authority is the proxy's host:port.
func (p *Proxy) Authority() string { return p.authority }

// String is the proxy's URL without credentials.
func (p *Proxy) String() string { return p.scheme + "://" + p.authority }

// HTTP reports whether the proxy speaks HTTP, so that a plain request is sent to
// it as a whole (RFC 9112, 3.2.2), and not through a tunnel.
func (p *Proxy) HTTP() bool { return p.scheme == "http" || p.scheme == "https" }

// URL is for net/http, credentials included: it must not be printed.
func (p *Proxy) URL() *url.URL { return &url.URL{Scheme: p.scheme, Host: p.authority, User: p.user} }
