package flow

import "time"

// NotApplicable is the duration of a phase that didn't happen (HAR 1.2 uses -1 ms).
const NotApplicable time.Duration = -1

// Timings are the phases of a flow as HAR 1.2 defines them. Connect includes
// SSL. A phase that didn't happen, or belongs to another flow because the
// connection was reused, is NotApplicable.
type Timings struct {
	Blocked, DNS, Connect, SSL, Send, Wait, Receive time.Duration
}

// Timings returns the phases that the flow was read with, or derives them from its instants
// and its connection.
func (f *Flow) Timings() Timings {
	if f.Phases != nil {
		return *f.Phases
	}
	t := Timings{
		NotApplicable, NotApplicable, NotApplicable, NotApplicable,
		NotApplicable, NotApplicable, NotApplicable,
	}
	at := f.Times
	own := time.Duration(0) // time that this flow's own dial explains
	if f.Conn != nil && !f.Reused {
		t.DNS, t.Connect, t.SSL = f.Conn.phases()
		own = max(0, t.DNS) + max(0, t.Connect)
	}
	if !at.GotConn.IsZero() {
		t.Blocked = max(0, at.GotConn.Sub(at.Start)-own)
	}
	t.Send = span(at.GotConn, at.WroteRequest)
	t.Wait = span(at.WroteRequest, at.FirstByte)
	t.Receive = span(at.FirstByte, at.Done)
	return t
}

// phases are the DNS, connect (with TLS) and TLS times of making c.
func (c *Conn) phases() (dns, connect, ssl time.Duration) {
	dns, connect, ssl = NotApplicable, NotApplicable, NotApplicable
	r := c.Resolution
	if c.Via != nil && (r == nil || r.Source == SourceProxied) {
		r = c.Via.Resolution
	}
	if r != nil && r.Source != SourceLiteral && r.Outcome != DNSPending {
		dns = r.Took
	}
	var first, last time.Time
	for _, a := range c.Attempts {
		if first.IsZero() || a.Start.Before(first) {
			first = a.Start
		}
		if end := a.Start.Add(a.Took); end.After(last) {
			last = end
		}
	}
	if w := c.Winner(); w != nil { // a loser may have been closed after it
		last = w.Start.Add(w.Took)
	}
	if !first.IsZero() {
		connect = last.Sub(first)
	}
	if c.Via != nil {
		connect = max(0, connect) + c.Via.Took
	}
	if c.TLS != nil && c.TLS.Outcome != TLSPending {
		ssl = c.TLS.Took
		connect = max(0, connect) + ssl
	}
	return dns, connect, ssl
}

// span is the time from a to b, or NotApplicable if either is missing.
// It is never negative: an early response may beat the end of the request.
func span(a, b time.Time) time.Duration {
	if a.IsZero() || b.IsZero() {
		return NotApplicable
	}
	return max(0, b.Sub(a))
}
