package proxy

import (
	"errors"
	"iter"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

// hopByHop are the fields that concern a single connection even if Connection doesn't name
// them (RFC 9110, 7.6.1). HTTP/2 forbids them (RFC 9113, 8.2.2), and curl and Safari
// reject responses that have them.
var hopByHop = [...]string{"Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade"}

// isHopByHop reports whether a field is one of hopByHop.
func isHopByHop(name string) bool {
	switch len(name) {
	case len("Upgrade"), len("Connection"), len("Proxy-Connection"), len("Transfer-Encoding"):
		return slices.ContainsFunc(hopByHop[:], func(n string) bool { return strings.EqualFold(n, name) })
	}
	return false
}

// removeHopByHop removes the fields that concern a single connection: hopByHop and those
// that Connection names. The handshake of a WebSocket keeps Connection and Upgrade.
func removeHopByHop(h http.Header) {
	webSocket := isWebSocket(h)
	if connection := h["Connection"]; len(connection) > 0 {
		for name := range listed(connection) {
			switch name = textproto.CanonicalMIMEHeaderKey(name); name {
			case "Te", "Close", "Keep-Alive", "Upgrade":
			default:
				delete(h, name)
				if webSocket {
					h["Connection"] = []string{"Upgrade"} // it no longer names anything else
				}
			}
		}
	}
	for _, name := range hopByHop {
		if !webSocket || name != "Connection" && name != "Upgrade" {
			delete(h, name)
		}
	}
	if te, ok := h["Te"]; ok {
		reduceTE(h, te)
	}
}

// reduceTE removes the transfer codings from TE, which concern a single connection, and
// keeps "trailers": the proxy forwards trailers.
func reduceTE(h http.Header, te []string) {
	delete(h, "Te")
	for coding := range listed(te) {
		name, _, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "trailers") {
			h["Te"] = []string{"trailers"}
		}
	}
}

// isWebSocket reports whether a head is part of the handshake of a WebSocket (RFC 6455, 4).
// No other upgrade is forwarded: it is the choice of each hop (RFC 9110, 7.8).
func isWebSocket(h http.Header) bool {
	return h["Upgrade"] != nil && lists(h["Upgrade"], "websocket") && lists(h["Connection"], "upgrade")
}

// lists reports whether a comma-separated field contains a token, in any case.
func lists(values []string, token string) bool {
	for t := range listed(values) {
		if strings.EqualFold(t, token) {
			return true
		}
	}
	return false
}

// listed returns the elements of a comma-separated field (RFC 9110, 5.6.1).
func listed(values []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, v := range values {
			for t := range strings.SplitSeq(v, ",") {
				if t = strings.TrimSpace(t); t != "" && !yield(t) {
					return
				}
			}
		}
	}
}

// errUnaskedUpgrade is the error of a response that switches protocols without a request
// for it.
var errUnaskedUpgrade = errors.New("the server switched protocols, but the request didn't ask for it")
