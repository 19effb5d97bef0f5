package disk

import (
	"strings"

	"detour/internal/flow"
)

// row returns the columns of a flow in the table flows.
func row(f *flow.Flow) []any {
	var service, operation, code, failure, dns, tcp, tls, address, scope string
	var status, duration, conn any
	if a := f.AWS; a != nil {
		service, operation = a.Service, a.Operation
		if a.Error != nil {
			code = a.Error.Code
		}
	}
	var received int64
	if r := f.Response; r != nil {
		status, received = r.Status, r.BodySize
	}
	if f.Failure != nil {
		failure = string(f.Failure.Stage)
	}
	if !f.Times.Done.IsZero() {
		duration = flow.MS(f.Times.Done.Sub(f.Times.Start))
	}
	if c := f.Conn; c != nil {
		dns, tcp, tls, address, scope = outcomes(c)
		if c.ID != 0 {
			conn = int64(c.ID) //nolint:gosec // IDs count from 1
		}
	}
	return []any{
		int64(f.ID), f.Rev, f.Final(), stamp(f.Times.Start), //nolint:gosec // IDs count from 1
		string(f.Origin), service, operation, f.Request.Method,
		strings.ToLower(f.Request.Host()), f.Page, status, code, failure, dns, tcp, tls, address, scope, duration,
		f.Request.BodySize, received, conn, f.Marked, f.Note,
	}
}

// outcomes returns the columns that say how a connection ended.
func outcomes(c *flow.Conn) (dns, tcp, tls, address, scope string) {
	if c.Resolution != nil {
		dns = string(c.Resolution.Outcome)
	}
	a := c.Decisive()
	if a != nil {
		tcp = string(a.Outcome)
		if a.Addr.IsValid() {
			address, scope = a.Addr.String(), string(flow.ScopeOf(a.Addr.Addr()))
		}
	}
	if c.TLS != nil {
		tls = string(c.TLS.Outcome)
	}
	return dns, tcp, tls, address, scope
}

// bare returns a flow's record without what other tables have: the bodies, and everything
// of the connection that other flows share.
func bare(f *flow.Flow) flow.Record {
	r := f.Record()
	r.Request.RecordBody = flow.RecordBody{Truncated: r.Request.Truncated}
	if r.Response != nil {
		r.Response.RecordBody = flow.RecordBody{Truncated: r.Response.Truncated}
	}
	if c := r.Connection; c != nil && c.ID != 0 {
		r.Connection = &flow.RecordConnection{
			ID: c.ID, Reused: c.Reused, Tunnel: c.Tunnel, Sent: c.Sent, Received: c.Received,
			ServerName: c.ServerName, Protocols: c.Protocols, ClosedBy: c.ClosedBy, Attempts: []flow.RecordAttempt{},
		}
	}
	return r
}
