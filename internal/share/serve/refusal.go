package serve

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"detour/internal/webguard"
)

// A refusal is a response to a request that isn't served.
type refusal struct {
	status int
	why    string // a sentence for the person who sees it
}

// The refusals. Their texts tell an attacker nothing that the source doesn't.
var (
	notGET       = &refusal{http.StatusMethodNotAllowed, "watching is reading: GET is the only method"}
	hasBody      = &refusal{http.StatusBadRequest, "a request that has a body isn't served"}
	viaProxy     = &refusal{http.StatusForbidden, "a request that came through a proxy isn't served: open the link without a proxy"}
	foreignHost  = &refusal{http.StatusForbidden, "the request names another host: open the link as it is"}
	foreignPage  = &refusal{http.StatusForbidden, "another site's page has made this request"}
	notAPage     = &refusal{http.StatusForbidden, "the page can't be embedded: open the link in a tab of its own"}
	notTheScript = &refusal{http.StatusForbidden, "data is for the page's own script; this browser may be too old to say that it is"}
	notAllowed   = &refusal{http.StatusUnauthorized, "the link isn't valid, or not any more: ask for a new one"}
	full         = &refusal{http.StatusServiceUnavailable, "as many are watching as can at a time: try again later"}
	tooLong      = &refusal{http.StatusRequestURITooLong, "the filter is too long"}
	stopped      = &refusal{http.StatusServiceUnavailable, "sharing has ended"}
	notFound     = &refusal{http.StatusNotFound, "there is nothing here"}
)

// viaProxies reports whether a request has a header field that a proxy adds to what it
// forwards, or that a client sends to a proxy only.
func viaProxies(h http.Header) bool {
	for name := range h {
		switch {
		case name == "Via", name == "Forwarded", name == "X-Real-Ip",
			strings.HasPrefix(name, "X-Forwarded-"), strings.HasPrefix(name, "Proxy-"):
			return true
		}
	}
	return false
}

// malformed returns why a request is refused whatever it asks for, or nil.
func malformed(r *http.Request) *refusal {
	switch {
	case r.Method != http.MethodGet:
		return notGET
	case r.ContentLength != 0 || len(r.TransferEncoding) > 0:
		return hasBody
	case !strings.HasPrefix(r.RequestURI, "/") || r.URL.Host != "" || r.URL.Scheme != "": // absolute form: a request to a proxy
		return viaProxy
	case viaProxies(r.Header):
		return viaProxy
	}
	return nil
}

// misdirected returns why a request to the TCP listener is refused for the host it names, or
// nil. A name that an attacker has pointed at this machine (DNS rebinding) isn't one of ours.
// The port may be another one: that of a forwarding (ssh -L).
func misdirected(r *http.Request) *refusal {
	host := webguard.Host(r.Host)
	if webguard.IsLoopback(host) {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Unmap().WithZone("") == localIP(r) {
		return nil
	}
	return foreignHost
}

// localIP is the address of ours that a connection was made to.
func localIP(r *http.Request) netip.Addr {
	a, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return tcp.AddrPort().Addr().Unmap().WithZone("")
}

// foreign returns why a request for data is refused for where it comes from, or nil. Browsers
// say that themselves, and no script can change it: Sec-Fetch-Site and Sec-Fetch-Dest (W3C,
// Fetch Metadata) and Origin (RFC 6454). Programs, which send no cookie, needn't say it.
func foreign(r *http.Request, program bool) *refusal {
	if webguard.ForeignOrigin(r) || webguard.ForeignSite(r) {
		return foreignPage
	}
	site, dest := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Dest")
	switch {
	case program && site == "" && dest == "":
		return nil
	case site != "same-origin" || dest != "empty": // an address that was typed, a frame, a script …
		return notTheScript
	}
	return nil
}

// embedded returns why the document is refused, or nil: it is for tabs, wherever the link was
// followed, and not for frames, scripts or images.
func embedded(r *http.Request) *refusal {
	switch {
	case !webguard.Navigates(r):
		return notAPage
	case webguard.ForeignOrigin(r): // navigations with GET have none
		return foreignPage
	}
	return nil
}
