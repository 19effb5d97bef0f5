package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"detour/internal/dial"
	"detour/internal/pac"
	"detour/internal/usererr"
	"detour/internal/wording"
)

const (
	// wpadURL is where a PAC file is searched for: the host wpad of this network's domain.
	wpadURL = "http://wpad/wpad.dat"
	// loadTime is how long a PAC file may take to load.
	loadTime = 5 * time.Second
	// maxPAC is how much of it is read: one byte more than a script may have.
	maxPAC = 1<<20 + 1
)

// An automatic policy is that of a PAC file.
type automatic struct {
	script  *pac.Script
	self    net.Addr
	trouble chan string // has room for one: why the script failed
}

// readPAC loads a PAC file.
func (p *Policy) readPAC(cfg Config, at string) error {
	ctx, cancel := context.WithTimeout(context.Background(), loadTime)
	defer cancel()
	script, err := loadPAC(ctx, at)
	if err == nil {
		lookup := cfg.Lookup
		if lookup == nil {
			lookup = func(context.Context, string) []netip.Addr { return nil }
		}
		p.pac = &automatic{self: cfg.Self, trouble: make(chan string, 1)}
		p.pac.script, err = pac.New(pac.Config{Script: script, Lookup: lookup, Own: ownAddresses, Now: time.Now})
	}
	if err != nil {
		p.pac = nil
		return usererr.Flagf("upstream-proxy", withoutProxy, "the PAC file %s: %w", shown(at), err)
	}
	p.Notices = append(p.Notices, "requests go where the PAC file "+shown(at)+" says")
	return nil
}

// shown is a URL without user and password.
func shown(at string) string {
	u, err := url.Parse(at)
	switch {
	case filepath.IsAbs(at):
		return at
	case err != nil:
		return "(unreadable)"
	}
	u.User = nil
	return u.String()
}

// loadPAC reads a PAC file from a URL with http, https or file, or from a path. No proxy
// is used: it says which one to use.
func loadPAC(ctx context.Context, at string) (string, error) {
	u, err := url.Parse(at)
	if err != nil || filepath.IsAbs(at) || len(u.Scheme) == 1 { // C:\proxy.pac
		return readFile(at)
	}
	switch u.Scheme {
	case "file":
		path := u.Path
		if len(path) > 2 && path[2] == ':' { // file:///C:/proxy.pac
			path = path[1:]
		}
		return readFile(filepath.FromSlash(path))
	case "http", "https":
	default:
		return "", errors.New("its URL begins with http, https or file")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return "", err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if ue := (*url.Error)(nil); errors.As(err, &ue) {
		return "", ue.Err // its URL may have a password
	}
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the server responded %s", resp.Status)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxPAC))
	return string(b), err
}

func readFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPAC))
	return string(b), err
}

// routes returns the routes for an authority, at least one; nil is a direct connection. A
// route that leads to this detour itself is left out. If the script fails, the connection
// is direct, as in browsers.
func (a *automatic) routes(scheme, authority string) (out []*dial.Proxy) {
	answer, err := a.script.Find(context.Background(), target(scheme, authority))
	if err != nil {
		select {
		case a.trouble <- "the connection to " + authority + " is direct: " + err.Error():
		default: // nobody has heard of the last one yet
		}
		return []*dial.Proxy{nil}
	}
	for _, r := range answer.Routes {
		if r == pac.Direct {
			out = append(out, nil)
			continue
		}
		proxy, err := dial.ParseProxy(string(r))
		if err == nil && !pointsTo(proxy, a.self) {
			out = append(out, proxy)
		}
	}
	if len(out) == 0 {
		out = []*dial.Proxy{nil}
	}
	return out
}

// why is what the script said, in words.
func (a *automatic) why(scheme, authority string) string {
	answer, err := a.script.Find(context.Background(), target(scheme, authority))
	switch {
	case err != nil:
		return err.Error()
	case len(answer.Lookups) > 0:
		return answer.Text + " (it looked up " + wording.Some(answer.Lookups, 5) + ")"
	}
	return answer.Text
}

// target is the URL that a script is asked about. A default port isn't part of it.
func target(scheme, authority string) *url.URL {
	port := map[string]string{"http": ":80", "https": ":443"}[scheme]
	return &url.URL{Scheme: scheme, Host: strings.TrimSuffix(authority, port), Path: "/"}
}

// ownAddresses are this machine's addresses: first those from which it reaches the
// internet. No packet is sent: to connect a UDP socket only chooses the route.
func ownAddresses() (out []netip.Addr) {
	for _, far := range []string{"8.8.8.8:53", "[2001:4860:4860::8888]:53"} {
		c, err := net.Dial("udp", far) //nolint:noctx // no packet is sent
		if err != nil {
			continue
		}
		if a, ok := c.LocalAddr().(*net.UDPAddr); ok {
			out = append(out, a.AddrPort().Addr().Unmap())
		}
		_ = c.Close()
	}
	all, _ := net.InterfaceAddrs()
	for _, a := range all {
		n, ok := a.(*net.IPNet)
		if !ok || n.IP.IsLoopback() || n.IP.IsLinkLocalUnicast() {
			continue
		}
		if ip, ok := netip.AddrFromSlice(n.IP); ok && !slices.Contains(out, ip.Unmap()) {
			out = append(out, ip.Unmap())
		}
	}
	return out
}
