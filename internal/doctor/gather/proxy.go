package gather

import (
	"context"
	"net"
	"time"

	"detour/internal/doctor"
	"detour/internal/shellenv"
	"detour/internal/upstream"
)

// environment reads the proxy variables as a run does that listens at this port, if it
// can have it. The policy is nil if they can't be read.
func (cfg Config) environment(port doctor.Port) (e doctor.Environment, policy *upstream.Policy) {
	self := &net.TCPAddr{}
	if at, err := net.ResolveTCPAddr("tcp", cfg.Listen); err == nil && port.Err == "" && port.Wrong == nil {
		self = at
	}
	policy, err := upstream.Read(upstream.Config{Proxy: cfg.UpstreamProxy, Self: self, Running: cfg.Running, Env: cfg.env})
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
	e.Past = shellenv.Proxy{Direct: upstream.NoProxy(cfg.env), Domains: cfg.Suffixes}.LeftOut()
	return e, policy
}

// reachTime is how long an upstream proxy may take to accept a connection.
const reachTime = 2 * time.Second

// reach connects to each upstream proxy, and adds what became of it.
func reach(ctx context.Context, e doctor.Environment, policy *upstream.Policy) doctor.Environment {
	if policy == nil {
		return e
	}
	seen := make(map[string]bool)
	for _, p := range policy.Proxies {
		if seen[p.Authority()] {
			continue
		}
		seen[p.Authority()] = true
		r := doctor.Reach{Name: p.String(), Here: upstream.OnThisMachine(p)}
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
