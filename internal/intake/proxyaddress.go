package intake

import (
	"net/netip"
	"slices"
	"strings"

	"detour/internal/aws"
	"detour/internal/flow"
	"detour/internal/har"
)

// ThroughProxies finds addresses in the flows of a HAR that can't be the servers': those of a
// proxy, or of a gateway that answers for all names. It replaces the connections of these flows
// by ones through a proxy, and returns the addresses. Flows of other sources stay as they are.
func ThroughProxies(tables *aws.Tables, flows []*flow.Flow) []netip.Addr {
	var p peers
	for _, f := range flows {
		p.add(f)
	}
	proxies := p.proxies(tables)
	if len(proxies) == 0 {
		return nil
	}
	for _, f := range flows {
		if f.Source == flow.SourceHAR {
			f.Conn = har.ThroughProxy(f.Conn, proxies)
		}
	}
	return proxies
}

// peers are the hosts that each address stands for.
type peers map[netip.Addr]map[string]bool

// add notes the address that a response came from.
func (p *peers) add(f *flow.Flow) {
	w := f.Conn.Winner()
	if f.Source != flow.SourceHAR || f.Response == nil || w == nil || !w.Addr.IsValid() || f.Conn.UpstreamProxy != "" {
		return
	}
	at, host := w.Addr.Addr(), f.Request.Host()
	if *p == nil {
		*p = make(peers)
	}
	if (*p)[at] == nil {
		(*p)[at] = make(map[string]bool)
	}
	(*p)[at][host] = true
}

// proxies returns the addresses that stand for hosts which can't share one: all hosts of the
// file, of several services or domains, or, at an address that isn't public, a host that has
// no interface endpoint and another. A public address may be a content network's, which
// serves many domains, and the endpoints of several services may be behind one address of a
// company's network.
func (p peers) proxies(tables *aws.Tables) (out []netip.Addr) {
	const several = 3
	for at, hosts := range p {
		services, domains := make(map[string]bool), make(map[string]bool)
		for h := range hosts {
			service := tables.EndpointService(h)
			if service == "" {
				domains[domainOf(h)] = true
			} else {
				services[service] = true
			}
		}
		kinds := len(domains)
		if len(services) > 0 {
			kinds++
		}
		everything := len(p) == 1 && len(hosts) >= several && len(services)+len(domains) > 1
		if everything || kinds > 1 && flow.ScopeOf(at) != flow.ScopePublic {
			out = append(out, at)
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return out
}

// domainOf returns the last two labels of a host.
func domainOf(host string) string {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}
