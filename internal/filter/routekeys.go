package filter

import (
	"net/netip"
	"strings"

	"detour/internal/flow"
)

func routeKeys() []key {
	return []key{
		{
			name: "dns", doc: "the result of the DNS lookup", example: "nxdomain", words: lookups(),
			texts: func(f *flow.Flow, yield yielder) bool {
				if f.Reused {
					return yield("reused")
				}
				r := resolution(f)
				return r != nil && yield(pending(string(r.Outcome)))
			},
		},
		{
			name: "answered", also: []string{"dns-source"}, doc: "where the addresses come from", example: "hosts", words: answers(),
			texts: func(f *flow.Flow, yield yielder) bool { r := resolution(f); return r != nil && yield(string(r.Source)) },
		},
		{
			name: "nameserver", also: []string{"ns"}, doc: "the server whose answer was used", example: "10.0.0.2",
			texts: func(f *flow.Flow, yield yielder) bool {
				r := resolution(f)
				return r != nil && r.Nameserver.IsValid() && yield(r.Nameserver.String())
			},
		},
		{
			name: "cname", doc: "any name of the CNAME chain", example: "vpce",
			texts: func(f *flow.Flow, yield yielder) bool {
				r := resolution(f)
				if r == nil {
					return false
				}
				for _, s := range r.CNAMEs {
					if yield(s) {
						return true
					}
				}
				return false
			},
		},
		{
			name: "ip", also: []string{"addr", "address"}, example: "10.0.0.0/8",
			doc: "any address that the name has or that was tried: an address, a network, or a scope (" +
				strings.Join(words(scopes()), " ") + ")",
			addrs: func(f *flow.Flow, yield func(netip.Addr) bool) bool {
				if f.Conn == nil {
					return false
				}
				for i := range f.Conn.Attempts {
					if yield(f.Conn.Attempts[i].Addr.Addr()) {
						return true
					}
				}
				if r := f.Conn.Resolution; r != nil {
					for _, a := range r.Addrs {
						if yield(a) {
							return true
						}
					}
				}
				return false
			},
		},
		{
			name: "tcp", doc: "the result of any connection attempt", example: "timeout", words: dials(),
			texts: func(f *flow.Flow, yield yielder) bool {
				if f.Reused {
					return yield("reused")
				}
				if f.Conn == nil {
					return false
				}
				for i := range f.Conn.Attempts {
					if yield(pending(string(f.Conn.Attempts[i].Outcome))) {
						return true
					}
				}
				return false
			},
		},
		{
			name: "tls", doc: "the result of the TLS handshake with the server", example: "name-mismatch", words: handshakes(),
			texts: func(f *flow.Flow, yield yielder) bool {
				if f.Reused {
					return yield("reused")
				}
				return f.Conn != nil && f.Conn.TLS != nil && yield(pending(string(f.Conn.TLS.Outcome)))
			},
		},
		{
			name: "issuer", doc: "the issuer of any certificate in the server's chain", example: "Zscaler",
			texts: func(f *flow.Flow, yield yielder) bool {
				if f.Conn == nil || f.Conn.TLS == nil {
					return false
				}
				for i := range f.Conn.TLS.Chain {
					if yield(f.Conn.TLS.Chain[i].Issuer) {
						return true
					}
				}
				return false
			},
		},
		{
			name: "interface", also: []string{"if"}, doc: "the network interface of any connection attempt", example: "tun0",
			texts: func(f *flow.Flow, yield yielder) bool {
				if f.Conn == nil {
					return false
				}
				for i := range f.Conn.Attempts {
					if s := f.Conn.Attempts[i].Interface; s != "" && yield(s) {
						return true
					}
				}
				return false
			},
		},
		{
			name: "proxy", doc: "the upstream proxy", example: "proxy.corp.example",
			texts: func(f *flow.Flow, yield yielder) bool {
				return f.Conn != nil && f.Conn.UpstreamProxy != "" && yield(f.Conn.UpstreamProxy)
			},
		},
		{
			name: "proto", doc: "the HTTP version between detour and the server", example: "HTTP/2",
			texts: func(f *flow.Flow, yield yielder) bool { return f.Response != nil && yield(f.Response.Proto) },
		},
	}
}

// resolution returns the lookup of the flow's connection, which another flow may have
// caused.
func resolution(f *flow.Flow) *flow.Resolution {
	if f.Conn == nil {
		return nil
	}
	return f.Conn.Resolution
}

// pending returns an outcome, or the word for one that isn't known yet.
func pending(outcome string) string {
	if outcome == "" {
		return "pending"
	}
	return outcome
}
