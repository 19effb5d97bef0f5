package pac

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// A Route is one way to a server: a proxy as a URL without path, such as
// http://proxy:3128; "": a direct connection.
type Route string

const (
	// Direct is the route without a proxy.
	Direct Route = ""

	maxReturn = 16 << 10 // bytes of a script's return value
	maxRoutes = 20
)

// kinds has the URL scheme of each keyword, and the port if there is none. In browsers SOCKS
// is version 4, with names that the browser resolves, and SOCKS5 version 5, with names that
// the proxy resolves. detour speaks version 5 only, which servers of version 4 usually do,
// too.
var kinds = map[string]struct{ scheme, port string }{ //nolint:gochecknoglobals // a table
	"PROXY": {"http", "80"}, "HTTP": {"http", "80"}, "HTTPS": {"https", "443"},
	"SOCKS": {"socks5", "1080"}, "SOCKS5": {"socks5h", "1080"},
}

// Parse reads what FindProxyForURL returned: routes separated by semicolons, each a keyword
// and a host:port, or DIRECT. Browsers ignore a route that they don't understand; so does
// Parse, unless there is no other. An empty text means DIRECT.
func Parse(text string) ([]Route, error) {
	if len(text) > maxReturn {
		return nil, fmt.Errorf("%w: FindProxyForURL returned %d bytes", ErrLimit, len(text))
	}
	var out []Route
	ignored := ""
	for part := range strings.SplitSeq(text, ";") {
		f := strings.Fields(part)
		if len(f) == 0 {
			continue
		}
		r, err := parseRoute(f)
		if err != nil {
			ignored = err.Error()
			continue
		}
		if out = append(out, r); len(out) == maxRoutes {
			break
		}
	}
	if len(out) == 0 && ignored != "" {
		return nil, errors.New("FindProxyForURL returned no usable route: " + ignored)
	}
	if len(out) == 0 {
		out = []Route{Direct}
	}
	return out, nil
}

func parseRoute(f []string) (Route, error) {
	word := strings.ToUpper(f[0])
	if word == "DIRECT" && len(f) == 1 {
		return Direct, nil
	}
	kind, known := kinds[word]
	switch {
	case word == "SOCKS4":
		return "", errors.New("SOCKS 4 isn't supported")
	case !known:
		return "", fmt.Errorf("%q is unknown", clip(f[0]))
	case len(f) != 2:
		return "", fmt.Errorf("%s has no host", word)
	}
	at := f[1]
	host, port, err := net.SplitHostPort(at)
	if err != nil {
		host, port = strings.Trim(at, "[]"), kind.port
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || !isHost(host) {
		return "", fmt.Errorf("%q isn't a host and port", clip(at))
	}
	u := url.URL{Scheme: kind.scheme, Host: net.JoinHostPort(host, port)}
	return Route(u.String()), nil
}

// isHost reports whether a text is a name, or an address.
func isHost(text string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	a, err := netip.ParseAddr(text)
	return text != "" && strings.Trim(text, letters) == "" || err == nil && a.Zone() == ""
}
