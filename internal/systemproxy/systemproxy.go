// Package systemproxy reads the proxy settings of the system: of Windows, macOS, GNOME or
// KDE. [Read] reads this machine's; it runs at most one program, and changes nothing.
package systemproxy

import (
	"net/netip"
	"net/url"
	"strings"
)

// Settings are a system's proxy settings. The zero value is none.
type Settings struct {
	Source   string // "Windows", "macOS", "GNOME" or "KDE"; "": the system has none that is known
	HTTP     string // the proxy for http, as a URL or host:port; "": none
	HTTPS    string
	SOCKS    string   // for what has no other
	Bypass   []string // hosts that are reached directly, as the system writes them
	PAC      string   // URL of a PAC file; "": none
	Discover bool     // a PAC file is searched for (WPAD)
}

// For returns the proxy for a scheme, as a URL; "": none. One for SOCKS is asked to
// resolve names, as browsers do.
func (s Settings) For(scheme string) string {
	at := s.HTTPS
	if scheme == "http" {
		at = s.HTTP
	}
	switch {
	case at != "" && strings.Contains(at, "://"):
		return at
	case at != "":
		return "http://" + at
	case s.SOCKS != "":
		_, host, found := strings.Cut(s.SOCKS, "://")
		if !found {
			host = s.SOCKS
		}
		return "socks5h://" + host
	}
	return ""
}

// None reports whether there is neither a proxy nor a PAC file.
func (s Settings) None() bool {
	return s.HTTP == "" && s.HTTPS == "" && s.SOCKS == "" && s.PAC == "" && !s.Discover
}

// String says what the settings are, without passwords.
func (s Settings) String() string {
	switch at := s.For("https"); {
	case s.PAC != "":
		return "the PAC file " + withoutUser(s.PAC)
	case at != "":
		return "the proxy " + withoutUser(at)
	case s.HTTP != "":
		return "the proxy " + withoutUser(s.For("http")) + ", for http only"
	case s.Discover:
		return "a PAC file that is searched for (WPAD)"
	}
	return "no proxy"
}

func withoutUser(at string) string {
	u, err := url.Parse(at)
	if err != nil {
		return "(unreadable)"
	}
	u.User = nil
	return u.String()
}

// Direct reports whether the settings let a host be reached without a proxy. It knows
// <local> of Windows, names with * in them, domains that begin with a dot, addresses, and
// networks, of which macOS leaves out the last zeros.
func (s Settings) Direct(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	addr, addrErr := netip.ParseAddr(host)
	for _, entry := range s.Bypass {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if _, rest, ok := strings.Cut(entry, "://"); ok {
			entry = rest
		}
		switch {
		case entry == "":
		case entry == "<local>":
			if !strings.ContainsAny(host, ".:") {
				return true
			}
		case strings.Contains(entry, "/"):
			if p, ok := network(entry); ok && addrErr == nil && p.Contains(addr.Unmap()) {
				return true
			}
		case strings.HasPrefix(entry, "."):
			if strings.HasSuffix(host, entry) || host == entry[1:] {
				return true
			}
		case matches(host, entry):
			return true
		}
	}
	return false
}

// network reads a prefix, such as 10.0.0.0/8 or 169.254/16.
func network(entry string) (netip.Prefix, bool) {
	at, bits, _ := strings.Cut(entry, "/")
	for !strings.Contains(at, ":") && strings.Count(at, ".") < 3 {
		at += ".0"
	}
	p, err := netip.ParsePrefix(at + "/" + bits)
	return p, err == nil
}

// matches reports whether a whole name fits a pattern, in which * is any text.
func matches(name, pattern string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return name == pattern
	}
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return strings.HasSuffix(name, parts[last])
}
