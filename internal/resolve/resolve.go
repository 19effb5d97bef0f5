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
	"strings"
	"time"

	"detour/internal/flow"
)

// Config says whom to ask. The zero value asks as the system does.
type Config struct {
	Nameservers []netip.AddrPort        // asked instead of the system's, in this order
	Map         map[string][]netip.Addr // answers of the user's own, by lower-case host
	// Dial opens the connection to a nameserver; nil: net.Dialer. A connection
	// that is no net.PacketConn is spoken to as TCP is (RFC 1035, 4.2.2).
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// A Resolver looks names up. It may be used concurrently. It keeps no cache: a
// machine without a caching stub has none either.
type Resolver struct {
	cfg    Config
	system bool // the system's resolver decides, and doesn't say how
}

// New returns a Resolver.
func New(cfg Config) *Resolver {
	if cfg.Dial == nil {
		cfg.Dial = (&net.Dialer{}).DialContext
	}
	return &Resolver{cfg: cfg, system: len(cfg.Nameservers) == 0 && asksSystem(runtime.GOOS)}
}

// asksSystem reports whether only the system knows how to resolve: macOS has
// resolvers by domain and VPN, Windows a policy table, and neither keeps them in
// resolv.conf.
func asksSystem(goos string) bool {
	return goos == "darwin" || goos == "ios" || goos == "windows"
}

// Resolve looks host up. It never returns nil; what went wrong is in Outcome and
// Err. The end of ctx ends it at once.
func (r *Resolver) Resolve(ctx context.Context, host string) *flow.Resolution {
	name := strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	res := &flow.Resolution{Name: name, Outcome: flow.DNSOK, Start: time.Now()}
	if addr, err := netip.ParseAddr(name); err == nil {
		res.Source, res.Addrs = flow.SourceLiteral, []netip.Addr{addr.Unmap()}
		return res
	}
	if addrs, ok := r.cfg.Map[name]; ok {
		res.Source, res.Addrs = flow.SourceMap, addrs
		return res
	}
	if r.system {
		r.askSystem(ctx, res)
	} else {
		r.askWire(ctx, res)
	}
	res.Took = time.Since(res.Start)
	return res
}

// askSystem takes the system's word.
func (r *Resolver) askSystem(ctx context.Context, res *flow.Resolution) {
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", res.Name)
	res.Source, res.Addrs = flow.SourceSystem, unmap(addrs)
	if err != nil {
		res.Outcome, res.Err = outcomeOf(err), err.Error()
	}
}

// askWire lets Go's resolver ask and reads along. The net.Resolver is made for
// this one lookup: a shared one would merge lookups of the same name, and the
// packets of one would answer for both.
func (r *Resolver) askWire(ctx context.Context, res *flow.Resolution) {
	t := &trace{nameservers: r.cfg.Nameservers, dial: r.cfg.Dial}
	resolver := &net.Resolver{PreferGo: true, Dial: t.open}
	addrs, err := resolver.LookupNetIP(ctx, "ip", res.Name)
	res.Addrs = unmap(addrs)
	res.Source = flow.SourceDNS
	t.describe(res)
	if err == nil {
		if len(res.Queries) == 0 {
			res.Source = flow.SourceHosts // found without asking anyone
		}
		return
	}
	res.Err = err.Error()
	switch {
	case ctx.Err() != nil:
		res.Outcome, res.Err = flow.DNSError, context.Cause(ctx).Error()
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			res.Outcome = flow.DNSTimeout
		}
	case len(res.Queries) == 0:
		res.Outcome = outcomeOf(err)
	default:
		res.Outcome = t.outcome(res.Name)
	}
}

// outcomeOf classifies an error of net's when there are no packets to read. The
// system's resolvers don't tell NXDOMAIN from NODATA.
func outcomeOf(err error) flow.DNSOutcome {
	var de *net.DNSError
	switch {
	case !errors.As(err, &de):
		return flow.DNSError
	case de.IsNotFound:
		return flow.DNSNXDomain
	case de.IsTimeout:
		return flow.DNSTimeout
	}
	return flow.DNSError
}

func unmap(addrs []netip.Addr) []netip.Addr {
	for i, a := range addrs {
		addrs[i] = a.Unmap()
	}
	return addrs
}
