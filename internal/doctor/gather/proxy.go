package gather

import (
	"context"
	"maps"
	"net"
	"net/netip"
	"slices"
	"time"

	"detour/internal/dial"
	"detour/internal/doctor"
	"detour/internal/shellenv"
	"detour/internal/upstream"
)

// upstream is what a run reads its policy from that listens at this port, if it can have it.
func (cfg Config) upstream(port doctor.Port) upstream.Config {
	self := &net.TCPAddr{}
	if at, err := net.ResolveTCPAddr("tcp", cfg.Listen); err == nil && port.Err == "" && port.Wrong == nil {
		self = at
	}
	return upstream.Config{
		Proxy: cfg.UpstreamProxy, Self: self, Running: cfg.Running, Env: cfg.env, System: cfg.System,
		Lookup: func(ctx context.Context, host string) []netip.Addr { return cfg.Dial.Resolver.Resolve(ctx, host).Addrs },
	}
}

// environment reads the proxy variables as a run does. The policy is nil if they can't be read.
func (cfg Config) environment(up upstream.Config) (e doctor.Environment, policy *upstream.Policy) {
	policy, err := upstream.Read(up)
	if err != nil {
		e.Err = err.Error()
		return e, nil
	}
	e.Own, e.OwnAt, e.Self, e.SelfAt = policy.Running.Names, policy.Running.Proxy, policy.Self.Names, policy.Self.Proxy
	for _, scheme := range []string{"https", "http"} {
		if p := policy.Proxies[scheme]; p != nil {
			e.Proxies = append(e.Proxies, p.String()+" for "+scheme)
		}
	}
	for _, p := range viaPAC(policy, cfg.Host) {
		e.Proxies = append(e.Proxies, p.String()+" for "+cfg.Host+" (PAC)")
	}
	e.Past = shellenv.Proxy{Direct: upstream.NoProxy(cfg.env), Domains: cfg.Suffixes}.LeftOut()
	return e, policy
}

// reachTime is how long an upstream proxy may take to accept a connection.
const reachTime = 2 * time.Second

// reach connects to each upstream proxy, and adds what became of it.
func reach(ctx context.Context, e doctor.Environment, policy *upstream.Policy, host string) doctor.Environment {
	if policy == nil {
		return e
	}
	seen := make(map[string]bool)
	for _, p := range slices.AppendSeq(viaPAC(policy, host), maps.Values(policy.Proxies)) {
		if seen[p.Authority()] {
			continue
		}
		seen[p.Authority()] = true
		r := doctor.Reach{Name: p.String(), Here: upstream.OnThisMachine(p), Next: len(policy.Then("https", host+":443")) > 0}
		c, err := (&net.Dialer{Timeout: reachTime}).DialContext(ctx, "tcp", p.Authority())
		if err != nil {
			r.Err = err.Error()
		} else {
			c.Close()
		}
		e.Upstream = append(e.Upstream, r)
	}
	return e
}

// viaPAC returns the proxies that a PAC file names for a host; nil if there is no such file.
func viaPAC(policy *upstream.Policy, host string) []*dial.Proxy {
	if len(policy.Proxies) > 0 {
		return nil
	}
	all := append([]*dial.Proxy{policy.Via("https", host+":443")}, policy.Then("https", host+":443")...)
	return slices.DeleteFunc(all, func(p *dial.Proxy) bool { return p == nil })
}
