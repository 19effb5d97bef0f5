// Package gather collects the facts for [doctor.Judge]: about this machine, and from its
// nameservers, its upstream proxies and one AWS server. [Facts] collects them
// concurrently, within the deadline of its context, and changes nothing.
//
// [CheckNew] and [CheckAppend] say whether a run could write a file that a flag names.
package gather

import (
	"context"
	"net/netip"
	"sync"

	"detour/internal/decrypt"
	"detour/internal/dial"
	"detour/internal/doctor"
	"detour/internal/systemproxy"
	"detour/internal/wsl"
)

// Config says what a run would use. Host, IsAWS, Env, System and Dial.Resolver are required.
type Config struct {
	Host     string                           // the server of AWS to ask
	IsAWS    func(host string) bool           // whether a name is AWS's
	Suffixes []string                         // AWS's domains
	Env      func(name string) (string, bool) // the environment, as os.LookupEnv
	System   func() systemproxy.Settings      // the system's proxy settings
	Running  func() []string                  // the proxies of running detours, as host:port; called only if it matters
	Dial     dial.Config                      // how a run connects; Via is set from UpstreamProxy

	Listen        string          // host:port of the proxy
	DefaultListen bool            // nobody chose Listen
	Refused       *doctor.Mistake // why no run would take Listen; nil: it would

	Browser     string                 // --browser
	FindBrowser func() (string, error) // its program; no path, and why, if none would be started

	StateDir    string // "": there is no place for one
	NoState     string // why there is no StateDir
	CapturesDir string // "": as StateDir
	ProfileDir  string // "": the profile would be temporary

	Chains        []decrypt.Chain  // the signing chains
	UpstreamProxy string           // --upstream-proxy
	Nameservers   []netip.AddrPort // none: the system's, which only the system knows
	Terminal      doctor.Terminal  // Is, Width and Height of stdout; the rest comes from Env
}

// Facts collects all facts except the settings. A fact that isn't known before ctx ends
// has an error.
func Facts(ctx context.Context, cfg Config) (f doctor.Facts) {
	f.Port = cfg.port()
	up := cfg.upstream(f.Port)
	env, policy := cfg.environment(up)
	cfg.Dial.Via, cfg.Dial.Then = policy.Via, policy.Then
	defer policy.Close()
	var all sync.WaitGroup
	all.Go(func() { f.Browser = cfg.browser() })
	all.Go(func() { f.State = cfg.state() })
	all.Go(func() { f.Captures = cfg.captures() })
	all.Go(func() { f.Env = reach(ctx, env, policy, cfg.Host) })
	all.Go(func() { f.PAC = cfg.pac(len(env.Proxies) > 0, up.IsDetour) })
	all.Go(func() { f.Resolvers = cfg.resolvers(ctx) })
	all.Go(func() { f.Hosts = cfg.hosts() })
	all.Go(func() { f.Network = routes(ctx) })
	all.Go(func() { f.Server = cfg.server(ctx) })
	all.Go(func() { f.CA = cfg.chains(ctx) })
	f.Terminal, f.WSL = cfg.terminal(), wsl.Read()
	all.Wait()
	return f
}

// env is a variable of the environment; "" if it isn't set.
func (cfg Config) env(name string) string {
	v, _ := cfg.Env(name)
	return v
}
