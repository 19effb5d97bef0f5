package nextstep

import (
	"net/netip"
	"slices"
	"strings"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
)

// ThroughProxy adds to a finding about connections that failed that the machine's settings have
// a proxy, which no connection used, and how to use it.
func (g Group) ThroughProxy(f *flow.Finding) {
	p := g.System.unused
	if p == nil || g.Each(behindProxy) || g.privateOnly() {
		return
	}
	through := []flow.NextStep{
		shell("Test the hosts through the system's proxy", "detour probe --upstream-proxy "+p.Flag+" "+strings.Join(g.Hosts(), " ")),
		shell("If that works, run through the proxy", "detour run --upstream-proxy "+p.Flag),
	}
	switch p.Flag { // the only values that may stand in a command
	case "system":
		f.Because = append(f.Because, "no connection used "+flow.Printable(p.String())+
			": consistent with a network that reaches AWS through a proxy only")
		f.Try = append(through, f.Try...)
	case "wpad": // Windows searches for one unless somebody has turned that off
		f.Alternatives = append(f.Alternatives,
			"a network that reaches AWS only through a proxy that it announces (WPAD), for which detour doesn't search")
		f.Try = append(f.Try, through...)
	}
}

// privateOnly reports whether all addresses are of private networks, which are reached without the
// proxy to the internet.
func (g Group) privateOnly() bool {
	to := g.Addresses()
	return len(to) > 0 && !slices.ContainsFunc(to, func(s string) bool {
		a, err := netip.ParseAddr(s)
		return err != nil || !flow.ScopeOf(a).InVPC()
	})
}

// behindProxy reports whether a flow went through a proxy, as far as a file says.
func behindProxy(f *flow.Flow) bool {
	return ending.FromHAR(f) || f.Conn != nil && f.Conn.UpstreamProxy != ""
}
