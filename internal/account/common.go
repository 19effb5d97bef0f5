package account

import (
	"cmp"
	"net/netip"
	"strings"

	"detour/internal/flow"
)

// A common is what all flows of a Study show together. It keeps none of them.
type common struct {
	study   *Study
	vpcs    []string            // of the resolver endpoints
	locals  map[site]netip.Addr // of connects to addresses of these VPCs; invalid if they have several
	queries []packet            // to resolver endpoints, of lookups without connects; without their source
	asked   map[packet]bool     // these
	calls   map[call]bool       // that succeeded
	known   map[sent]bool       // whose endpoint was looked up
}

// A site is a VPC, for one family of addresses.
type site struct {
	vpc string
	v4  bool
}

// A call is an operation of a service, through an endpoint.
type call struct {
	service, operation string
	endpoint           *endpoint
}

// A sent is an operation, and a packet from any port.
type sent struct {
	operation, service string
	packet
}

func newCommon(s *Study) *common {
	c := &common{
		study: s, locals: make(map[site]netip.Addr), asked: make(map[packet]bool), calls: make(map[call]bool), known: make(map[sent]bool),
	}
	for _, e := range s.config.resolvers.all {
		c.vpcs = append(c.vpcs, e.VPC)
	}
	c.vpcs = sortedUnique(c.vpcs)
	return c
}

// ofAll is what all flows show together.
func (s *Study) ofAll() *common {
	if s.common == nil {
		s.common = newCommon(s)
		for _, f := range s.order {
			s.common.add(f)
		}
	}
	return s.common
}

func (c *common) add(f *flow.Flow) {
	c.succeeded(f)
	if len(c.vpcs) == 0 {
		return
	}
	for _, x := range conns(f) {
		if x.UpstreamProxy == "" {
			c.connects(x.Attempts)
		}
		if len(x.Attempts) > 0 {
			continue // its queries are among what is weighed
		}
		for _, p := range c.study.queries(x, true, func(netip.Addr) netip.Addr { return netip.Addr{} }) {
			if c.study.resolverAt(p.To.Addr()) != nil && !c.asked[p] && len(c.queries) < maxAnswered {
				c.asked[p] = true
				c.queries = append(c.queries, p)
			}
		}
	}
}

// connects notes the client's address of connects to a VPC with a resolver endpoint.
func (c *common) connects(all []flow.DialAttempt) {
	for _, a := range all {
		if !a.Local.IsValid() {
			continue
		}
		to, local := a.Addr.Addr().Unmap(), a.Local.Addr().Unmap()
		for _, vpc := range c.vpcs {
			if inside, known := c.study.config.inVPC(to, vpc); !inside || !known {
				continue
			}
			at := site{vpc, to.Is4()}
			if was, found := c.locals[at]; !found {
				c.locals[at] = local
			} else if was != local {
				c.locals[at] = netip.Addr{}
			}
		}
	}
}

// succeeded notes a call that was answered through an endpoint in the files.
func (c *common) succeeded(f *flow.Flow) {
	if f.AWS == nil || f.AWS.Operation == "" || f.Response == nil || f.Response.Status < 200 || f.Response.Status > 299 {
		return
	}
	w := f.Conn.Winner()
	if w == nil || len(c.study.config.byAddress[w.Addr.Addr().Unmap()]) == 0 {
		return
	}
	p := packetTo(f, w.Addr)
	p.From = netip.AddrPortFrom(cmp.Or(w.Local.Addr().Unmap(), c.study.client.From.Unmap()), 0)
	x := sent{f.AWS.Operation, f.AWS.Service, p}
	if c.known[x] {
		return
	}
	if len(c.known) >= maxAnswered {
		clear(c.known)
	}
	x.Host = strings.Clone(x.Host) // it is a part of a URL
	c.known[x] = true
	if _, e, _ := c.study.config.endpointOf(p); e != nil && len(c.calls) < maxAnswered {
		c.calls[call{f.AWS.Service, f.AWS.Operation, e}] = true
	}
}
