// Package resolve turns a host into addresses and says how it came by them.
//
// Where Go's resolver reads the system's configuration itself (Linux and other
// Unix systems, and wherever nameservers are given), the resolution that is
// recorded is the one that is dialed: the packets of that very lookup are
// decoded on their way, so nameserver, RCODE, CNAME chain and TTL are facts, not
// a second opinion. Elsewhere the system's resolver answers and says no more
// than the addresses.
package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
)

// Config says whom to ask. The zero value asks as the system does.
type Config struct {
	// Nameservers are asked instead of the system's: the first, and the others in
	// turn when one fails. Hosts file, search list and timeouts stay the system's.
	Nameservers []netip.AddrPort
	Map         map[string][]netip.Addr // answers of the user's own, by host
	// Dial opens the connection to a nameserver; nil: net.Dialer. A connection
	// that is no net.PacketConn is spoken to as TCP is (RFC 1035, 4.2.2).
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// A Resolver looks names up. It may be used concurrently. It keeps no cache; a
// Memory does.
type Resolver struct {
	cfg    Config
	system lookup // nil: the answer is read from the wire
}

// lookup is (*net.Resolver).LookupNetIP.
type lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

// New returns a Resolver.
func New(cfg Config) *Resolver {
	own := make(map[string][]netip.Addr, len(cfg.Map))
	for host, addrs := range cfg.Map {
		own[normal(host)] = unmap(addrs)
	}
	cfg.Map = own
	if cfg.Dial == nil {
		cfg.Dial = (&net.Dialer{}).DialContext
	}
	r := &Resolver{cfg: cfg}
	if len(cfg.Nameservers) == 0 && asksSystem(runtime.GOOS) {
		r.system = net.DefaultResolver.LookupNetIP
	}
	return r
}

// asksSystem reports whether only the system knows how to resolve: macOS has
// resolvers by domain and VPN, Windows a policy table, and neither keeps them in
// resolv.conf.
func asksSystem(goos string) bool {
	return goos == "darwin" || goos == "ios" || goos == "windows"
}

// AsksSystem reports whether the system's resolver answers, which doesn't say how
// it came by its answer.
func (r *Resolver) AsksSystem() bool { return r.system != nil }

// normal is a host as it is recorded: lower case, no final dot.
func normal(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

// Resolve looks host up. It never returns nil; what went wrong is in Outcome and
// Err. The end of ctx ends it at once. A final dot keeps the search list out, as
// it does everywhere; it isn't part of the Name.
func (r *Resolver) Resolve(ctx context.Context, host string) *flow.Resolution {
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	res := &flow.Resolution{Name: normal(host), Outcome: flow.DNSOK, Start: time.Now()}
	if addr, err := netip.ParseAddr(strings.TrimSuffix(host, ".")); err == nil {
		res.Source, res.Addrs = flow.SourceLiteral, []netip.Addr{addr.Unmap()}
		return res
	}
	if addrs := r.cfg.Map[res.Name]; len(addrs) > 0 {
		res.Source, res.Addrs = flow.SourceMap, slices.Clone(addrs)
		return res
	}
	asked := res.Name
	if strings.HasSuffix(host, ".") {
		asked += "."
	}
	if r.system != nil {
		r.askSystem(ctx, asked, res)
	} else {
		r.askWire(ctx, asked, res)
	}
	res.Took = max(1, time.Since(res.Start)) // 0 would say pending
	return res
}

// askSystem takes the system's word.
func (r *Resolver) askSystem(ctx context.Context, name string, res *flow.Resolution) {
	addrs, err := r.system(ctx, "ip", name)
	res.Source, res.Addrs = flow.SourceSystem, unmap(addrs)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		res.Outcome, res.Err = calledOff(ctx)
	default:
		res.Outcome, res.Err = systemOutcome(err)
	}
}

// askWire lets Go's resolver ask and reads along. The net.Resolver is made for
// this one lookup: a shared one would merge lookups of the same name, and the
// packets of one would answer for both. It isn't strict about errors: as with
// getaddrinfo(3), IPv4 addresses are good even if the question for IPv6 fails.
func (r *Resolver) askWire(ctx context.Context, name string, res *flow.Resolution) {
	t := &trace{nameservers: r.cfg.Nameservers, dial: r.cfg.Dial}
	lookup := (&net.Resolver{PreferGo: true, Dial: t.open}).LookupNetIP
	addrs, err := lookup(ctx, "ip", name)
	// How often it tries depends on resolv.conf, which may have fewer servers.
	for range r.cfg.Nameservers {
		if err == nil || ctx.Err() != nil || !t.worthMore(res.Name) {
			break
		}
		addrs, err = lookup(ctx, "ip", name)
	}
	res.Addrs = unmap(addrs)
	t.describe(res, err)
	if err != nil && ctx.Err() != nil {
		o, why := calledOff(ctx)
		if o == flow.DNSTimeout && len(res.Queries) > 0 {
			return // the packets so far say more: who was silent, or what another answered
		}
		res.Outcome, res.Err = o, why
	}
}

// calledOff is the outcome of a lookup that ctx ended.
func calledOff(ctx context.Context) (flow.DNSOutcome, string) {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return flow.DNSTimeout, "no answer within the time given"
	}
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return flow.DNSError, "canceled: " + cause.Error()
	}
	return flow.DNSError, "canceled"
}

// systemOutcome classifies an error of the system's resolver, which doesn't tell
// a name that doesn't exist from one without addresses.
func systemOutcome(err error) (flow.DNSOutcome, string) {
	var de *net.DNSError
	switch {
	case !errors.As(err, &de):
		return flow.DNSError, err.Error()
	case de.IsNotFound:
		return flow.DNSNXDomain, "no such host, or none with an address: the system doesn't say which"
	case de.IsTimeout:
		return flow.DNSTimeout, de.Err
	}
	return flow.DNSError, de.Err
}

// unmap is a copy of addrs without IPv4 in IPv6, which net makes of hosts files.
func unmap(addrs []netip.Addr) []netip.Addr {
	out := slices.Clone(addrs)
	for i, a := range out {
		out[i] = a.Unmap()
	}
	return out
}
