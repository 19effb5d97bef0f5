package har

import (
	"net/netip"
	"regexp"
	"strings"
)

// settle works out what exporters say in their own ways: whether there was an
// answer, what went wrong if not, and which address it was.
func (e *entry) settle(creator string) {
	r := &e.Response
	if e.status = int(r.Status.count()); e.status > 999 {
		e.status = 0
	}
	for _, w := range []word{r.Error, e.Error, r.Failure} {
		if e.words == "" {
			e.words = string(w)
		}
	}
	switch {
	case strings.HasPrefix(creator, "mitmproxy"): // its connect leaves out the handshake
		if t := &e.Timings; t.Connect.is && t.Connect.v >= 0 && t.SSL.is && t.SSL.v > 0 {
			t.Connect.v += t.SSL.v
		}
	case strings.HasPrefix(creator, "Proxyman"): // 999 is its own status (github.com/ProxymanApp/Proxyman/issues/35)
		if e.status == 999 {
			e.status, e.words = 0, first(e.words, said(r), string(r.StatusText))
		}
		if e.Timings.Connect.v < 0 {
			e.Timings.Connect = number{} // it never knows
		}
	case r.Charles == "FAILED":
		e.status, e.words = 0, first(e.words, string(r.Comment), string(e.Comment), "Charles: FAILED")
	case r.Charles == "EXCEPTION": // the answer was cut off
		e.broken, e.words = true, first(e.words, string(r.Comment), string(e.Comment), "Charles: EXCEPTION")
	case strings.HasPrefix(string(r.StatusText), "Fiddler - "): // it answers itself; its creator may come after the entries
		e.status, e.words = 0, first(said(r), string(r.StatusText))
	}
	e.address, e.proxied = addressOf(string(e.ServerIP), hostOf(authority(string(e.Request.URL))))
}

var tag = regexp.MustCompile(`\s*<[^>]*>\s*`)

// said is the text of an exporter's own answer, as one line.
func said(r *response) string {
	const most = 1 << 10
	body, _ := r.body()
	return strings.Join(strings.Fields(tag.ReplaceAllString(string(body[:min(len(body), most)]), " ")), " ")
}

// first is the first that isn't empty.
func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// addressOf reads an address of a server, in brackets or with a port as some write
// it. A loopback address of a host that isn't local is that of a proxy on the
// browser's own machine, and says nothing of the server.
func addressOf(s, host string) (addr netip.Addr, proxied bool) {
	addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		with, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}, false
		}
		addr = with.Addr()
	}
	addr = addr.Unmap()
	if addr.IsUnspecified() {
		return netip.Addr{}, false
	}
	literal, err := netip.ParseAddr(host)
	local := host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && literal.IsLoopback()
	if addr.IsLoopback() && !local {
		return netip.Addr{}, true
	}
	return addr, false
}
