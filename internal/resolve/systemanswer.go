package resolve

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
)

// A systemAnswer is what the system's resolver tells about an answer beyond the addresses, where
// it can be asked for records: on Windows, DnsQuery.
type systemAnswer struct {
	code    uint32 // of Windows; 0: there are records
	aliases []systemAlias
	addrs   []netip.Addr
	ttl     time.Duration // the smallest
}

// A systemAlias is a CNAME record.
type systemAlias struct{ name, target string }

// Codes of DnsQuery (windns.h, winerror.h).
const (
	dnsServerFailure = 9002
	dnsNameError     = 9003
	dnsRefused       = 9005
	dnsNoRecords     = 9501
	dnsNoServers     = 9852
	dnsTimeout       = 1460
)

// refine adds to a lookup what the records tell. If their addresses aren't those that the system
// gave, which may come from its hosts file or the local network, they tell nothing of these.
func (a systemAnswer) refine(res *flow.Resolution) {
	if res.Outcome != flow.DNSOK {
		a.explain(res)
		return
	}
	if len(a.addrs) == 0 || slices.ContainsFunc(a.addrs, func(ip netip.Addr) bool { return !slices.Contains(res.Addrs, ip) }) {
		return
	}
	res.TTL = a.ttl
	res.CNAMEs = a.chain(res.Name)
}

// explain says why there is no address: the system's own call doesn't tell a name that doesn't
// exist from one without addresses.
func (a systemAnswer) explain(res *flow.Resolution) {
	outcome, why := res.Outcome, res.Err
	switch a.code {
	case dnsNameError:
		outcome, why = flow.DNSNXDomain, "no such name"
	case dnsNoRecords:
		outcome, why = flow.DNSNoData, "no A or AAAA record"
	case dnsServerFailure:
		outcome, why = flow.DNSServFail, "the nameserver failed to resolve the name"
	case dnsRefused:
		outcome, why = flow.DNSRefused, "the nameserver refused to answer"
	case dnsTimeout:
		outcome, why = flow.DNSTimeout, "no response from a nameserver"
	case dnsNoServers:
		outcome, why = flow.DNSError, "no nameserver is configured"
	}
	res.Outcome, res.Err = outcome, why
}

// chain follows the aliases from name, each at most once.
func (a systemAnswer) chain(name string) (out []string) {
	for range min(maxAliases, len(a.aliases)) {
		at := slices.IndexFunc(a.aliases, func(c systemAlias) bool { return strings.EqualFold(normal(c.name), name) })
		if at < 0 || slices.Contains(out, normal(a.aliases[at].target)) {
			break
		}
		name = normal(a.aliases[at].target)
		out = append(out, name)
	}
	return out
}
