package har

import (
	"net/netip"
	"strconv"
	"strings"

	"detour/internal/flow"
	"detour/internal/lazyregexp"
)

// exporterOf returns the exporter by the name of the file's creator.
func exporterOf(creator string) flow.Exporter {
	switch creator {
	case "WebInspector": // Chrome, Edge, Brave …
		return flow.ExporterChromium
	case "Firefox", "LibreWolf", "Waterfox", "Floorp", "Zen": // the names of Firefox and similar browsers
		return flow.ExporterFirefox
	case "WebKit Web Inspector": // in its HARBuilder.js
		return flow.ExporterWebKit
	}
	return ""
}

// settle interprets what exporters write in different ways: whether there was a response,
// what went wrong if not, and the server's address.
func (e *entry) settle(creator string, errors *dictionary) {
	e.exporter = exporterOf(creator)
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
	case strings.HasPrefix(creator, "mitmproxy"): // its connect excludes the handshake
		if t := &e.Timings; t.Connect.is && t.Connect.v >= 0 && t.SSL.is && t.SSL.v > 0 {
			t.Connect.v += t.SSL.v
		}
	case strings.HasPrefix(creator, "Proxyman"): // 999 is Proxyman's status for a failure (github.com/ProxymanApp/Proxyman/issues/35)
		if e.status == 999 {
			e.status, e.words = 0, first(e.words, bodyText(r), string(r.StatusText))
		}
		if e.Timings.Connect.v < 0 {
			e.Timings.Connect = number{} // Proxyman never has it
		}
	case r.Charles == "FAILED":
		e.status, e.words = 0, first(e.words, string(r.Comment), string(e.Comment), "Charles: FAILED")
	case r.Charles == "EXCEPTION": // the response was truncated
		e.broken, e.words = true, first(e.words, string(r.Comment), string(e.Comment), "Charles: EXCEPTION")
	case strings.HasPrefix(string(r.StatusText), "Fiddler - "): // Fiddler's own response; the creator may come after the entries
		e.status, e.words = 0, first(bodyText(r), string(r.StatusText))
	}
	e.locate()
	if e.words != "" {
		e.reason = errors.in(e.words)
	} else {
		e.reason = unknown()
	}
	e.reportedByProxy()
	if e.exporter == flow.ExporterFirefox {
		e.firefox()
	} else if e.status == 0 {
		e.unanswered()
	}
}

// unanswered reads from the phases of a request without a response how far it came. HAR 1.2
// has -1 for a phase that didn't happen; Chromium writes no phases of such a request.
func (e *entry) unanswered() {
	t := e.Timings
	switch {
	case e.words == "" && t.Wait.v > 0 && t.Send.v >= 0:
		e.reason, e.words = reasonOf(flow.KindNoResponse), "the request was sent, but no response (the HAR doesn't say why)"
	case t.Send.is && t.Send.v < 0 && t.Wait.v <= 0:
		e.notSent = true
	}
	if e.words == "" {
		e.words = silent
	}
}

var tag = lazyregexp.New(`\s*<[^>]*>\s*`)

// bodyText returns the text of an exporter's own response, as one line.
func bodyText(r *response) string {
	const most = 1 << 10
	body, _ := r.body()
	return strings.Join(strings.Fields(tag.ReplaceAllString(string(body[:min(len(body), most)]), " ")), " ")
}

// first returns the first word that isn't empty.
func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// locate finds the server's address, or that of the proxy that the browser was connected to.
func (e *entry) locate() {
	e.asked = authority(string(e.Request.URL))
	addr, local := addressOf(string(e.ServerIP), hostOf(e.asked))
	port := e.peerPort()
	switch {
	case !addr.IsValid():
	case local, port != 0 && port != portOf(e.asked):
		e.proxy = addr.String()
		if port != 0 && port != portOf(e.asked) {
			e.proxy = netip.AddrPortFrom(addr, port).String()
		}
	default:
		e.address = addr
	}
}

// peerPort returns the port that the browser was connected to; 0 if the file doesn't have it.
func (e *entry) peerPort() uint16 {
	text := e.ServerPort
	if text == "" && (e.ID != "" || e.exporter == flow.ExporterFirefox) { // elsewhere, it is the connection's name
		text = e.Connection
	}
	port, _ := strconv.ParseUint(string(text), 10, 16)
	return uint16(port)
}

// addressOf parses the address of a server, which may have brackets or a port. A loopback
// address of a host that isn't local is that of a proxy on the browser's machine, not the
// server's.
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
	return addr, addr.IsLoopback() && !local
}
