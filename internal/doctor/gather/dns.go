package gather

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"detour/internal/doctor"
	"detour/internal/flow"
	"detour/internal/resolve"
)

// resolverTime is how long a nameserver may take. A run waits for five seconds.
const resolverTime = 2 * time.Second

// resolvers asks each nameserver separately. Where only the system knows which there
// are, it is asked; where none is configured, the one on this machine is, as the system
// does (resolv.conf(5)).
func (cfg Config) resolvers(ctx context.Context) []doctor.Resolver {
	if len(cfg.Nameservers) == 0 {
		if r := resolve.New(resolve.Config{}); r.AsksSystem() {
			return []doctor.Resolver{cfg.askSystem(ctx, r)}
		}
		r := cfg.ask(ctx, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 53))
		r.Default = true
		return []doctor.Resolver{r}
	}
	out := make([]doctor.Resolver, len(cfg.Nameservers))
	var all sync.WaitGroup
	for i, s := range cfg.Nameservers {
		all.Go(func() { out[i] = cfg.ask(ctx, s) })
	}
	all.Wait()
	return out
}

// ask asks a nameserver itself, without the hosts file.
func (cfg Config) ask(ctx context.Context, server netip.AddrPort) doctor.Resolver {
	ctx, cancel := context.WithTimeout(ctx, resolverTime)
	defer cancel()
	out := doctor.Resolver{Server: server.String(), Name: cfg.Host}
	r, err := resolve.NewReference(server.String())
	if err != nil {
		out.Outcome, out.Err = flow.DNSError, err.Error()
		return out
	}
	got := r.Ask(ctx, cfg.Host)
	out.Outcome, out.Addrs, out.Took, out.Err = got.Outcome, got.Addrs, got.Took, got.Err
	return out
}

func (cfg Config) askSystem(ctx context.Context, r *resolve.Resolver) doctor.Resolver {
	ctx, cancel := context.WithTimeout(ctx, resolverTime)
	defer cancel()
	res := r.Resolve(ctx, cfg.Host)
	return doctor.Resolver{
		Server: "the system's resolver", Name: cfg.Host,
		Outcome: res.Outcome, Addrs: res.Addrs, Took: res.Took, Err: res.Err,
	}
}

// hosts are the lines of the hosts file with names of AWS.
func (cfg Config) hosts() (out []doctor.HostsLine) {
	for _, l := range resolve.HostsLines(resolve.HostsFile(), cfg.IsAWS) {
		out = append(out, doctor.HostsLine(l))
	}
	return out
}
