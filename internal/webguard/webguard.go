// Package webguard tells a request that a person or a program means to send to a server on
// loopback from one that a page on the web makes a browser send there.
package webguard

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Host is the host of an authority, as in a request's Host, without brackets and final dot.
func Host(authority string) string {
	host, _, err := net.SplitHostPort(authority)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(authority, "["), "]")
	}
	return strings.TrimSuffix(host, ".")
}

// IsLoopback reports whether a host is this machine, whatever the network says of it. Another
// name may be an attacker's that leads here (DNS rebinding).
func IsLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

// ForeignOrigin reports whether a request has an Origin (RFC 6454) that isn't the server that it
// is sent to.
func ForeignOrigin(r *http.Request) bool {
	values := r.Header["Origin"]
	if len(values) == 0 {
		return false
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	u, err := url.Parse(values[0])
	return err != nil || len(values) > 1 || u.Scheme != scheme || !strings.EqualFold(u.Host, r.Host) || u.Path != "" || u.User != nil
}

// ForeignSite reports whether a browser says that another site's page has made a request (Fetch
// Metadata, Sec-Fetch-Site), whether by a script, a frame or a link. Another port of localhost is
// another page's, too.
func ForeignSite(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "cross-site" || site == "same-site"
}

// Navigates reports whether a request is for a tab's document, as when a link is followed. A
// browser that doesn't say so is believed.
func Navigates(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "" || dest == "document"
}
