// Package resolve looks up the addresses of a host and records how it got them:
// [Resolver.Resolve] does it, [Cache] caches answers, [Reference] queries another resolver
// to compare with, and [SecondOpinion] does so for every lookup of a run.
//
// On Linux and other Unix systems, and wherever nameservers are given, Go's resolver reads
// the system's configuration. Its packets are decoded on the way, so nameserver, RCODE,
// CNAME chain and TTL are those of the very lookup whose addresses are dialed. On macOS and
// Windows the system's resolver answers, which returns addresses only.
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

// Config configures a Resolver. The zero value asks as the system does.
type Config struct {
	// Nameservers are asked instead of the system's: the first one, and the next one if
	// one fails. Hosts file, search list and timeouts are still the system's.
	Nameservers []netip.AddrPort
	Map         map[string][]netip.Addr // the user's answers, by host
	// Dial opens the connection to a nameserver; nil: net.Dialer. A connection that isn't a
	// net.PacketConn is used like TCP (RFC 1035, 4.2.2).
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// A NameResolver looks up names: a [Resolver], or a [Cache] or a [SecondOpinion] in front
// of one. It may be used concurrently.
type NameResolver interface {
	// Resolve never returns nil: a failure, or the end of ctx, is an outcome. It doesn't
	// modify the result after it has returned it.
	Resolve(ctx context.Context, host string) *flow.Resolution
}

// A Resolver looks up names. It may be used concurrently. It has no cache; see Cache.
type Resolver struct {
	cfg     Config
	system  lookup                                                                     // nil: answers are read from the packets
	records func(ctx context.Context, name string, six bool) (a systemAnswer, ok bool) // of the system's resolver; nil: it isn't asked
	plain   plainServers
}

// maxAddresses is how many addresses of a name are used. AWS's names have at most eight in
// an answer.
const maxAddresses = 64

// errOtherNames is the error of a lookup whose answer has addresses of other names only.
var errOtherNames = errors.New("the answer has no address of this name")

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
		r.system, r.records = net.DefaultResolver.LookupNetIP, systemRecords
	}
	return r
}

// asksSystem reports whether only the system knows how to resolve: macOS has resolvers by
// domain and VPN, Windows a policy table, and neither is in resolv.conf.
func asksSystem(goos string) bool {
	return goos == "darwin" || goos == "ios" || goos == "windows"
}

// AsksSystem reports whether the system's resolver answers, which doesn't say how it got
// its answer.
func (r *Resolver) AsksSystem() bool { return r.system != nil }

// normal returns a host as it is recorded: in lower case, without the final dot.
func normal(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

// Resolve looks up host. It never returns nil; Outcome and Err have the error. It returns
// as soon as ctx is done. As usual, a final dot disables the search list; it isn't part of
// Name.
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
	res.Took = max(1, time.Since(res.Start)) // 0 would mean pending
	return res
}

// askSystem looks up a name with the system's resolver.
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
	r.askRecords(ctx, name, res)
}

// askRecords asks the system for the records behind an answer, or for why there is none.
func (r *Resolver) askRecords(ctx context.Context, name string, res *flow.Resolution) {
	if r.records == nil || res.Outcome != flow.DNSOK && res.Outcome != flow.DNSNXDomain {
		return
	}
	six := len(res.Addrs) > 0 && !slices.ContainsFunc(res.Addrs, netip.Addr.Is4)
	if a, ok := r.records(ctx, name, six); ok {
		a.refine(res)
	}
}

// askWire looks up a name with Go's resolver and decodes its packets. The net.Resolver
// serves this lookup only: a shared one would merge lookups of the same name. It isn't
// strict about errors: as with getaddrinfo(3), IPv4 addresses are valid even if the query
// for IPv6 fails.
func (r *Resolver) askWire(ctx context.Context, name string, res *flow.Resolution) {
	t := &trace{
		nameservers: r.cfg.Nameservers, dial: r.cfg.Dial, plain: &r.plain,
		name: res.Name, start: res.Start, progress: progressOf(ctx),
	}
	defer t.finish()
	lookup := (&net.Resolver{PreferGo: true, Dial: t.open}).LookupNetIP
	addrs, err := lookup(ctx, "ip", name)
	// The number of its attempts depends on resolv.conf, which may have fewer servers.
	for range r.cfg.Nameservers {
		if err == nil || ctx.Err() != nil || !t.worthMore(res.Name) {
			break
		}
		addrs, err = lookup(ctx, "ip", name)
	}
	res.Addrs = t.own(unmap(addrs))
	if more := len(res.Addrs) - maxAddresses; more > 0 {
		res.Addrs, res.AddrsMore = res.Addrs[:maxAddresses:maxAddresses], more
	}
	if err == nil && len(res.Addrs) == 0 {
		err = errOtherNames
	}
	t.describe(res, err)
	if err != nil && ctx.Err() != nil {
		o, why := calledOff(ctx)
		if o == flow.DNSTimeout && len(res.Queries) > 0 {
			return // the packets say more: which server didn't answer, or what another answered
		}
		res.Outcome, res.Err = o, why
	}
}

// calledOff returns the outcome of a lookup that ctx ended.
func calledOff(ctx context.Context) (flow.DNSOutcome, string) {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return flow.DNSTimeout, "no response before the timeout"
	}
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return flow.DNSError, "canceled: " + cause.Error()
	}
	return flow.DNSError, "canceled"
}

// systemOutcome classifies an error of the system's resolver, which doesn't distinguish a
// name that doesn't exist from one without addresses.
func systemOutcome(err error) (flow.DNSOutcome, string) {
	var de *net.DNSError
	switch {
	case !errors.As(err, &de):
		return flow.DNSError, err.Error()
	case de.IsNotFound:
		return flow.DNSNXDomain, "no such host, or a host without an address; the system doesn't say which"
	case de.IsTimeout:
		return flow.DNSTimeout, de.Err
	}
	return flow.DNSError, de.Err
}

// unmap returns addrs, each once, without IPv4-mapped IPv6 addresses, which net returns for
// hosts files.
func unmap(addrs []netip.Addr) []netip.Addr {
	out := make([]netip.Addr, 0, len(addrs))
	seen := make(map[netip.Addr]bool, len(addrs))
	for _, a := range addrs {
		if a = a.Unmap(); !seen[a] {
			seen[a] = true
			out = append(out, a)
		}
	}
	return out
}
