package redact

import (
	"net/netip"
	"slices"

	"detour/internal/flow"
)

// A visitor is called for everything in a connection or a call that can hold foreign text or
// an address. If it writes, the value must not be shared: see cloneConn and cloneCall.
type visitor struct {
	text       func(*string)
	body       func(*string) // the beginning of one
	nameserver func(*string) // as the user wrote it
	address    func(*netip.Addr)
	own        func(*netip.Addr) // an address of the machine
	headers    func(*[]flow.Header)
	// of a certificate: a subject or an issuer
	certName func(issued flow.Issuer, leaf bool, name *string)
}

func (v visitor) texts(all ...*string) {
	for _, s := range all {
		v.text(s)
	}
}

func (v visitor) list(all []string) {
	for i := range all {
		v.text(&all[i])
	}
}

func (v visitor) addresses(all []netip.Addr) {
	for i := range all {
		v.address(&all[i])
	}
}

func (v visitor) port(a *netip.AddrPort) {
	ip := a.Addr()
	if v.address(&ip); ip != a.Addr() { // another goroutine may read it
		*a = netip.AddrPortFrom(ip, a.Port())
	}
}

// local is port for an address of the machine.
func (v visitor) local(a *netip.AddrPort) {
	ip := a.Addr()
	if v.own(&ip); ip != a.Addr() {
		*a = netip.AddrPortFrom(ip, a.Port())
	}
}

func (v visitor) conn(c *flow.Conn) {
	v.texts(&c.Authority, &c.UpstreamProxy, &c.PAC)
	if via := c.Via; via != nil {
		v.resolution(via.Resolution)
		v.headers(&via.Headers)
		v.body(&via.Body)
		v.text(&via.Err)
	}
	v.resolution(c.Resolution)
	v.attempts(c.Elsewhere)
	v.attempts(c.Attempts)
	if t := c.TLS; t != nil {
		v.texts(&t.ServerName, &t.Version, &t.ALPN, &t.Err)
		for i := range t.Chain {
			v.certName(t.Issued, i == 0, &t.Chain[i].Subject)
			v.certName(t.Issued, false, &t.Chain[i].Issuer)
			v.text(&t.Chain[i].SHA256)
			v.list(t.Chain[i].Names)
		}
	}
}

// outcome visits all connections of a flow, and what was learned later. It mustn't write.
func (v visitor) outcome(f *flow.Flow) {
	for _, c := range append([]*flow.Conn{f.Conn}, f.Unused...) {
		if c != nil {
			v.conn(c)
		}
	}
	for _, l := range f.Later {
		v.later(&l)
	}
}

// check visits the addresses of a check. It mustn't write.
func (v visitor) check(c *flow.Check) {
	for _, h := range c.Hosts {
		for _, d := range h.DNS {
			v.addresses(d.Addrs)
		}
		for _, a := range h.Addresses {
			v.later(&a.Last)
		}
	}
}

func (v visitor) attempts(all []flow.DialAttempt) {
	for i := range all {
		a := &all[i]
		v.port(&a.Addr)
		v.local(&a.Local)
		v.texts(&a.Interface, &a.Err)
		if a.Kernel != nil {
			v.text(&a.Kernel.State)
		}
	}
}

func (v visitor) later(l *flow.Later) {
	v.port(&l.Addr)
	v.texts(&l.Via, &l.Err)
}

func (v visitor) resolution(r *flow.Resolution) {
	if r == nil {
		return
	}
	v.texts(&r.Name, &r.Zone, &r.Hosts, &r.Err)
	v.port(&r.Nameserver)
	for _, list := range [][]string{r.CNAMEs, r.Ranges, r.HTTPS} {
		v.list(list)
	}
	v.addresses(r.Addrs)
	if r.Before != nil {
		v.addresses(r.Before.Addrs)
	}
	for i := range r.Queries {
		q := &r.Queries[i]
		v.port(&q.Server)
		v.texts(&q.Proto, &q.Name, &q.Type, &q.RCode, &q.EDE)
	}
	v.reference(r.Reference)
	v.reference(r.Wire)
	for _, ref := range r.Each {
		v.reference(ref)
	}
}

func (v visitor) reference(r *flow.Reference) {
	if r == nil {
		return
	}
	v.nameserver(&r.Nameserver)
	v.text(&r.Err)
	v.addresses(r.Addrs)
	v.list(r.HTTPS)
}

func (v visitor) call(a *flow.AWS) {
	v.texts(&a.Partition, &a.Region, &a.Service, &a.ServiceName, &a.Operation, &a.DecodedBy)
	v.texts(&a.EndpointService, &a.RequestID, &a.ExtendedRequestID)
	v.list(a.Also)
	v.list(a.Batch)
	for i := range a.Beacon {
		v.texts(&a.Beacon[i].Name)
	}
	if p := a.PreflightOf; p != nil {
		v.list(p.Operations)
	}
	if e := a.Error; e != nil {
		v.texts(&e.Code, &e.Message, &e.Type, &e.Deny, &e.PolicyARN, &e.Action)
	}
}

// cloneConn copies everything of a connection that a visitor may write to.
func cloneConn(c *flow.Conn) *flow.Conn {
	out := *c
	if c.Via != nil {
		via := *c.Via
		via.Resolution = cloneResolution(via.Resolution)
		out.Via = &via
	}
	out.Resolution = cloneResolution(c.Resolution)
	out.Elsewhere, out.Attempts = cloneAttempts(c.Elsewhere), cloneAttempts(c.Attempts)
	if c.TLS != nil {
		t := *c.TLS
		t.Chain = slices.Clone(t.Chain)
		for i := range t.Chain {
			t.Chain[i].Names = slices.Clone(t.Chain[i].Names)
		}
		out.TLS = &t
	}
	return &out
}

func cloneAttempts(all []flow.DialAttempt) []flow.DialAttempt {
	out := slices.Clone(all)
	for i := range out {
		if k := out[i].Kernel; k != nil {
			kernel := *k
			out[i].Kernel = &kernel
		}
	}
	return out
}

func cloneResolution(r *flow.Resolution) *flow.Resolution {
	if r == nil {
		return nil
	}
	out := *r
	out.CNAMEs, out.Ranges, out.HTTPS = slices.Clone(r.CNAMEs), slices.Clone(r.Ranges), slices.Clone(r.HTTPS)
	out.Addrs, out.Queries = slices.Clone(r.Addrs), slices.Clone(r.Queries)
	if r.Before != nil {
		before := *r.Before
		before.Addrs = slices.Clone(before.Addrs)
		out.Before = &before
	}
	out.Reference, out.Wire, out.Each = cloneReference(r.Reference), cloneReference(r.Wire), slices.Clone(r.Each)
	for i := range out.Each {
		out.Each[i] = cloneReference(out.Each[i])
	}
	return &out
}

func cloneReference(r *flow.Reference) *flow.Reference {
	if r == nil {
		return nil
	}
	out := *r
	out.Addrs, out.HTTPS = slices.Clone(r.Addrs), slices.Clone(r.HTTPS)
	return &out
}

func cloneCall(a *flow.AWS) *flow.AWS {
	out := *a
	out.Also, out.Batch, out.Beacon = slices.Clone(a.Also), slices.Clone(a.Batch), slices.Clone(a.Beacon)
	if a.PreflightOf != nil {
		out.PreflightOf = &flow.PreflightOf{Operations: slices.Clone(a.PreflightOf.Operations), By: a.PreflightOf.By}
	}
	if a.Error != nil {
		e := *a.Error
		out.Error = &e
	}
	return &out
}
