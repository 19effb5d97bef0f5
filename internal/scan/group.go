package scan

import "detour/internal/flow"

// A Group says how a host can be reached.
type Group string

// The groups of a scan, in the order in which they are written.
const (
	PrivateStuck Group = "private-stuck"
	PublicStuck  Group = "public-stuck"
	Unresolved   Group = "unresolved" // DNS failed, which says nothing about the name
	Private      Group = "private-reachable"
	Public       Group = "public-reachable"
	Proxied      Group = "by-proxy"
	NoSuchName   Group = "no-such-name"
)

// GroupOf returns the group of a host that was probed. A host is stuck unless each of its addresses accepts
// a connection.
func GroupOf(f *flow.Flow) Group {
	c := f.Conn
	if c == nil || c.Resolution == nil || c.UpstreamProxy != "" {
		if c != nil && c.UpstreamProxy != "" {
			return Proxied
		}
		return Unresolved
	}
	switch c.Resolution.Outcome {
	case flow.DNSOK:
	case flow.DNSNXDomain, flow.DNSNoData:
		return NoSuchName
	case flow.DNSPending, flow.DNSServFail, flow.DNSRefused, flow.DNSTimeout, flow.DNSError:
		return Unresolved
	}
	stuck := false
	for _, a := range c.Attempts {
		stuck = stuck || a.Outcome != flow.DialConnected
	}
	switch private := c.Resolution.AllInVPC(); {
	case private && stuck:
		return PrivateStuck
	case private:
		return Private
	case stuck:
		return PublicStuck
	}
	return Public
}
