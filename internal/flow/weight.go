package flow

// The most that a part of a record takes in JSON, without its texts.
const (
	bytesOfByte       = 6    // "\u003c"
	bytesOfRecord     = 3072 // keys, numbers and words of the flow itself
	bytesOfConn       = 1024
	bytesOfResolution = 1024
	bytesOfElement    = 400 // of a list: an attempt, a query, a certificate, an address
	bytesOfText       = 16  // quotes and a comma
)

// weight returns an upper bound of the length of the record in JSON. It costs little.
func (f *Flow) weight() int {
	w := weight(bytesOfRecord)
	w.texts(f.Page, f.Note, f.Request.Method, f.Request.URL, f.Request.Proto)
	w.headers(f.Request.Headers)
	w.bytes(len(f.Request.Body))
	w.list(len(f.Why))
	w.list(len(f.Shortened))
	w.texts(f.Findings...)
	if r := f.Response; r != nil {
		w.texts(r.Proto)
		w.headers(r.Headers)
		w.bytes(len(r.Body))
		w.list(len(r.Traits))
	}
	if x := f.Failure; x != nil {
		w.texts(x.Message)
	}
	if t := f.Tunnel; t != nil {
		w.texts(t.ServerName)
		w.texts(t.Protocols...)
	}
	w.list(len(f.Later))
	for i := range f.Later {
		w.texts(f.Later[i].Err, f.Later[i].Via)
	}
	w.aws(f.AWS)
	w.conn(f.Conn)
	for _, c := range f.Unused {
		w.conn(c)
	}
	return int(w)
}

type weight int

func (w *weight) bytes(n int) { *w += weight(n * bytesOfByte) }

func (w *weight) list(n int) { *w += weight(n * bytesOfElement) }

func (w *weight) texts(all ...string) {
	for _, s := range all {
		w.bytes(len(s))
	}
	*w += weight(len(all) * bytesOfText)
}

func (w *weight) headers(hs []Header) {
	n := 0
	for i := range hs {
		n += len(hs[i].Name) + len(hs[i].Value)
	}
	w.bytes(n)
	*w += weight(2 * len(hs) * bytesOfText)
}

func (w *weight) aws(a *AWS) {
	if a == nil {
		return
	}
	w.list(2)
	w.texts(a.Partition, a.Region, a.Service, a.ServiceName, a.Operation, a.DecodedBy, a.EndpointService, a.RequestID, a.ExtendedRequestID)
	w.texts(a.Also...)
	w.texts(a.Batch...)
	w.list(len(a.Beacon))
	for _, m := range a.Beacon {
		w.texts(m.Name)
	}
	if p := a.PreflightOf; p != nil {
		w.list(1)
		w.texts(p.Operations...)
		w.texts(string(p.By))
	}
	if e := a.Error; e != nil {
		w.texts(e.Code, e.Message, e.Type, e.Deny, e.PolicyARN, e.Action)
	}
}

func (w *weight) conn(c *Conn) {
	if c == nil {
		return
	}
	*w += bytesOfConn
	w.texts(c.Authority, c.UpstreamProxy, c.PAC)
	w.attempts(c.Attempts)
	w.attempts(c.Elsewhere)
	w.resolution(c.Resolution)
	if v := c.Via; v != nil {
		w.list(1)
		w.texts(v.Body, v.Err)
		w.headers(v.Headers)
		w.resolution(v.Resolution)
	}
	if t := c.TLS; t != nil {
		w.list(2 + len(t.Chain))
		w.texts(t.ServerName, t.Version, t.ALPN, t.Err)
		for _, cert := range t.Chain {
			w.texts(cert.Subject, cert.Issuer, cert.SHA256)
			w.texts(cert.Names...)
		}
	}
}

func (w *weight) attempts(all []DialAttempt) {
	w.list(len(all))
	for i := range all {
		a := &all[i]
		w.texts(a.Interface, a.Err)
		if a.Kernel != nil {
			w.texts(a.Kernel.State)
		}
	}
}

func (w *weight) resolution(r *Resolution) {
	if r == nil {
		return
	}
	*w += bytesOfResolution
	w.texts(r.Name, r.Zone, r.Hosts, r.Err)
	w.texts(r.CNAMEs...)
	w.texts(r.DeadAlias())
	w.texts(r.HTTPS...)
	w.texts(r.Ranges...)
	w.list(len(r.Addrs) + len(r.Queries))
	for i := range r.Queries {
		q := &r.Queries[i]
		w.texts(q.Proto, q.Name, q.Type, q.RCode, q.EDE)
	}
	if r.Before != nil {
		w.list(1 + len(r.Before.Addrs))
	}
	w.reference(r.Reference)
	w.reference(r.Wire)
	for _, ref := range r.Each {
		w.reference(ref)
	}
}

func (w *weight) reference(r *Reference) {
	if r != nil {
		w.list(1 + len(r.Addrs))
		w.texts(r.Nameserver, r.Err)
		w.texts(r.HTTPS...)
	}
}
