package redact

import "detour/internal/flow"

// conn redacts what an upstream proxy answered; without an answer that says more
// than yes it is the connection itself, which many flows share. Strictly, names and
// private addresses are others.
func (p *pass) conn(c *flow.Conn) *flow.Conn {
	if c == nil {
		return nil
	}
	refused := c.Via != nil && c.Via.Err != ""
	if !refused && !p.opt.Strict {
		return c
	}
	out := *c
	if refused {
		via := *c.Via
		via.Headers, via.Body, via.Err = p.fields(via.Headers), p.message(via.Body), p.message(via.Err)
		out.Via = &via
	}
	if p.opt.Strict {
		p.rename(&out)
	}
	return &out
}

// rename makes pseudonyms of what identifies somebody in a connection.
func (p *pass) rename(c *flow.Conn) {
	c.Attempts, c.Elsewhere = p.attempts(c.Attempts), p.attempts(c.Elsewhere)
	c.Authority, c.UpstreamProxy = p.identities(c.Authority), p.identities(c.UpstreamProxy)
	c.Resolution = p.resolution(c.Resolution)
	if c.Via != nil && c.Via.Resolution != nil {
		via := *c.Via
		via.Resolution = p.resolution(via.Resolution)
		c.Via = &via
	}
	if c.TLS == nil {
		return
	}
	t := *c.TLS
	t.ServerName, t.Err = p.identities(t.ServerName), p.identities(t.Err)
	t.Chain = make([]flow.Cert, len(c.TLS.Chain))
	for i, cert := range c.TLS.Chain {
		cert.Subject, cert.Names = p.identities(cert.Subject), p.each(cert.Names)
		t.Chain[i] = cert
	}
	c.TLS = &t
}

func (p *pass) resolution(r *flow.Resolution) *flow.Resolution {
	if r == nil {
		return nil
	}
	out := *r
	out.Name, out.Zone, out.Err = p.identities(r.Name), p.identities(r.Zone), p.identities(r.Err)
	out.CNAMEs, out.HTTPS = p.each(r.CNAMEs), p.each(r.HTTPS)
	out.Queries = make([]flow.DNSQuery, len(r.Queries))
	for i, q := range r.Queries {
		q.Name, q.Server = p.identities(q.Name), p.port(q.Server)
		out.Queries[i] = q
	}
	out.Nameserver, out.Addrs, out.Reference, out.Wire = p.port(r.Nameserver), p.list(r.Addrs), p.reference(r.Reference), p.reference(r.Wire)
	out.Each = nil
	for _, ref := range r.Each {
		out.Each = append(out.Each, p.reference(ref))
	}
	if r.Before != nil {
		before := *r.Before
		before.Addrs = p.list(before.Addrs)
		out.Before = &before
	}
	return &out
}

// each is a copy of names with pseudonyms.
func (p *pass) each(names []string) []string {
	if names == nil {
		return nil
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = p.identities(n)
	}
	return out
}
