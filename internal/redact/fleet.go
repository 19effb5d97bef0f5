package redact

import (
	"net/netip"
	"strings"
	"sync"

	"detour/internal/flow"
	"detour/internal/lazyregexp"
)

// What stays of an address of the machine, in bits: the network of an office.
const (
	networkBits4 = 24
	networkBits6 = 48
)

// network returns the network of an address, as its first address.
func network(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	bits := networkBits6
	if a.Is4() {
		bits = networkBits4
	}
	return netip.PrefixFrom(a, bits).Masked().Addr()
}

// A role says whose an address is.
type role uint8

const (
	roleNone    role = iota // nobody's who is known
	roleServer              // a server's or a nameserver's
	roleNetwork             // what network returns for one of the machine's
	roleOwn                 // the machine's, even if a server of the machine has it, too
)

// roles remembers whose the addresses in connections are, for texts that quote them.
type roles struct {
	mu sync.RWMutex
	of map[netip.Addr]role
}

func (r *roles) get(a netip.Addr) role {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.of[a.Unmap().WithZone("")]
}

// set gives an address a role, unless it has a higher one. If there are too many addresses, it
// forgets all others: what isn't known isn't shown.
func (r *roles) set(a netip.Addr, to role) {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || r.get(a) >= to {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == nil || len(r.of) >= maxAddresses {
		r.of = make(map[netip.Addr]role)
	}
	r.of[a] = to
}

// learn remembers whose the addresses are that visit shows, for the profile fleet.
func learn(p *pass, visit func(visitor)) {
	if !p.opt.Fleet {
		return
	}
	visit(visitor{
		text:    func(*string) {},
		body:    func(*string) {},
		headers: func(*[]flow.Header) {},
		nameserver: func(s *string) { // as the user wrote it, maybe in a URL
			x := identityScan{s: *s}
			for m := x.next(0); m.kind != ""; m = x.next(m.to) {
				if a, err := netip.ParseAddr((*s)[m.from:m.to]); err == nil {
					p.roles.set(a, roleServer)
				}
			}
		},
		address: func(a *netip.Addr) { p.roles.set(*a, roleServer) },
		own: func(a *netip.Addr) {
			p.roles.set(*a, roleOwn)
			if a.IsValid() {
				p.roles.set(network(*a), roleNetwork)
			}
		},
		certName: func(flow.Issuer, bool, *string) {},
	})
}

// server returns the address of a server, or its network if it is the machine's, or has a MAC
// address in it.
func server(p *pass, a netip.Addr) netip.Addr {
	if p.roles.get(a) == roleOwn || flow.ScopeOf(a) == flow.ScopeLinkLocal && a.Unmap().Is6() {
		return p.own(a)
	}
	return a
}

// quoted returns an address of a text as connections have it. One that isn't in any isn't kept.
func quoted(p *pass, v string) string {
	a, err := netip.ParseAddr(v)
	if err == nil && (p.roles.get(a) != roleNone || flow.ScopeOf(a) == flow.ScopeLinkLocal) {
		if out := server(p, a); out != a {
			return out.String()
		}
		return v
	}
	if p.terse {
		return mark
	}
	*p.tally.of("address")++
	out := p.digests.append("redacted-address-", v)
	p.opt.tell(out, v)
	return out
}

// quotedSource matches the machine's address in an error of Go's net package, which has both
// ends: read tcp 10.0.0.5:50312->10.0.1.23:443: i/o timeout.
var quotedSource = lazyregexp.New(`()((?:[0-9]{1,3}\.){3}[0-9]{1,3}` +
	`|[0-9a-fA-F]*:[0-9a-fA-F:.]*:[0-9a-fA-F.]*)(?:%[^\]\s]*)?\]?:[0-9]{1,5}->`)

// sources redacts the addresses of the machine that a text has by their place, if redaction is
// strict.
func sources(p *pass, s string) string {
	if !strings.Contains(s, "->") {
		return s
	}
	return replaceSecond(quotedSource, s, func(_, v string) string {
		a, err := netip.ParseAddr(v)
		if err != nil {
			return v
		}
		return p.own(a).String()
	})
}

// withoutValues returns a URL with '*' for the values in its query and its fragment.
func withoutValues(url string) string {
	at := strings.IndexAny(url, "?#")
	if at < 0 {
		return url
	}
	var b strings.Builder
	b.WriteString(url[:at])
	for rest := url[at:]; rest != ""; {
		b.WriteByte(rest[0])
		part := rest[1:]
		if end := strings.IndexAny(part, "?#&;"); end >= 0 {
			part = part[:end]
		}
		rest = rest[1+len(part):]
		name, value, _ := strings.Cut(part, "=")
		if strings.Trim(value, "=") != "" { // Base64 without a name may end with '='
			b.WriteString(name + "=*")
		} else if part != "" {
			b.WriteByte('*')
		}
	}
	return b.String()
}

// parameters matches a query or a fragment with values, in any text.
var parameters = lazyregexp.New(`[?#][^\s"'<>]*=[^\s"'<>]*`)
