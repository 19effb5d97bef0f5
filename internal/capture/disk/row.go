package disk

import (
	"strings"

	"detour/internal/flow"
)

// setRow sets the columns of a flow in the table flows.
func (w *writer) setRow(s *statement, f *flow.Flow) {
	var service, operation, code, failure string
	var e end
	var conn flow.ID
	if a := f.AWS; a != nil {
		service, operation = a.Service, a.Operation
		if a.Error != nil {
			code = a.Error.Code
		}
	}
	if f.Failure != nil {
		failure = string(f.Failure.Stage)
	}
	if c := f.Conn; c != nil {
		e, conn = w.ends.of(c), c.ID
	}
	var received int64
	set(s, int64(f.ID)) //nolint:gosec // IDs count from 1
	set(s, int64(f.Rev))
	set(s, f.Final())
	setAll(s, stamp(f.Times.Start), string(f.Origin), service, operation, f.Request.Method, strings.ToLower(f.Request.Host()), f.Page)
	if r := f.Response; r != nil {
		received = r.BodySize
		set(s, int64(r.Status))
	} else {
		s.null()
	}
	setAll(s, code, failure, e.dns, e.tcp, e.tls, e.address, e.scope)
	if f.Times.Done.IsZero() {
		s.null()
	} else {
		set(s, flow.MS(f.Times.Done.Sub(f.Times.Start)))
	}
	setAll(s, f.Request.BodySize, received)
	if conn == 0 {
		s.null()
	} else {
		set(s, int64(conn)) //nolint:gosec // IDs count from 1
	}
	set(s, f.Marked)
	set(s, f.Note)
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
