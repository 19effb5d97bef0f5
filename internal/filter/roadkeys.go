package filter

import (
	"net/netip"
	"strings"

	"detour/internal/flow"
)

func roadKeys() []key {
	return []key{
		{
			name: "dns", doc: "what the lookup came to", example: "nxdomain", words: lookups(),
			texts: func(f *flow.Flow, yield yielder) bool {
				if f.Reused {
					return yield("reused")
				}
				r := resolution(f)
				return r != nil && yield(pending(string(r.Outcome)))
			},
		},
		{
			name: "answered", also: []string{"dns-source"}, doc: "what the addresses rest on", example: "hosts", words: answers(),
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
			name: "cname", doc: "each name of the chain", example: "vpce",
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
			name: "ip", also: []string{"addr", "address"}, doc: "each address that the name has or that was tried: one, a network, or a scope (" + strings.Join(words(scopes()), " ") + ")",
			example: "10.0.0.0/8",
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
			name: "tcp", doc: "what became of a connect, of each one that was tried", example: "timeout", words: dials(),
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
			name: "tls", doc: "how the handshake with the server ended", example: "name-mismatch", words: handshakes(),
			texts: func(f *flow.Flow, yield yielder) bool {
				if f.Reused {
					return yield("reused")
				}
				return f.Conn != nil && f.Conn.TLS != nil && yield(pending(string(f.Conn.TLS.Outcome)))
			},
		},
		{
			name: "issuer", doc: "who issued a certificate of the server's chain", example: "Zscaler",
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
			name: "interface", also: []string{"if"}, doc: "the network interface that a connect left by", example: "tun0",
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
			name: "proto", doc: "the HTTP version towards the server", example: "HTTP/2",
			texts: func(f *flow.Flow, yield yielder) bool { return f.Response != nil && yield(f.Response.Proto) },
		},
	}
}

// resolution is the lookup of the flow's connection, which may be another flow's doing.
func resolution(f *flow.Flow) *flow.Resolution {
	if f.Conn == nil {
		return nil
	}
	return f.Conn.Resolution
}

// pending names the outcome of what isn't over.
func pending(outcome string) string {
	if outcome == "" {
		return "pending"
	}
	return outcome
}
