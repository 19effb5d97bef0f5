package otlp

import (
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
	"detour/internal/proxystatus"
)

// The kinds of spans.
const (
	kindInternal = 1
	kindClient   = 3
)

// A span is a span that is encoded.
type span struct {
	trace, id, parent []byte // parent is nil for the first one of a trace
	name              string
	kind              uint64
	from, to          time.Time
	attributes        message
	failed            bool
	link              *span // to the first one of another trace; nil: none
}

// encode returns the span.
func (s *span) encode() (m message) {
	const (
		spanTrace  = 1
		spanID     = 2
		spanParent = 4
		spanName   = 5
		spanKind   = 6
		spanStart  = 7
		spanEnd    = 8
		spanLink   = 13
		spanStatus = 15

		linkTrace   = 1
		linkSpan    = 2
		statusCode  = 3
		statusError = 2
	)
	m.bytes(spanTrace, s.trace)
	m.bytes(spanID, s.id)
	if s.parent != nil {
		m.bytes(spanParent, s.parent)
	}
	m.string(spanName, clip(s.name))
	m.varint(spanKind, s.kind)
	if s.to.Before(s.from) {
		s.to = s.from
	}
	m.fixed64(spanStart, nanoseconds(s.from))
	m.fixed64(spanEnd, nanoseconds(s.to))
	m = append(m, s.attributes.as(spanAttributes)...)
	if s.link != nil {
		var link message
		link.bytes(linkTrace, s.link.trace)
		link.bytes(linkSpan, s.link.id)
		m.bytes(spanLink, link)
	}
	if s.failed {
		var status message
		status.varint(statusCode, statusError)
		m.bytes(spanStatus, status)
	}
	return m
}

// Request returns the span of a flow that is final, with a link to the making of its connection. The flow has
// been redacted.
func (e *Encoder) Request(f *flow.Flow, step string) []byte {
	s := span{kind: kindClient, name: name(f), from: f.Times.Start, to: f.Times.Done, failed: errorType(f) != ""}
	s.trace, s.id = e.trace(f)
	s.attributes.request(f)
	s.attributes.text(attrStep, step)
	if f.Conn != nil {
		if a := f.Conn.Decisive(); a != nil {
			s.attributes.attempt(*a)
		}
		s.link = e.setup(f, f.Conn)
	}
	return s.encode()
}

// setup returns the first span of a connection's trace, without its times and attributes. A connection
// without an ID is that of a flow alone.
func (e *Encoder) setup(f *flow.Flow, c *flow.Conn) *span {
	id := e.connection(f, c)
	return &span{trace: id[:16], id: id[16:24], name: "HTTP connection_setup", kind: kindInternal}
}

func (e *Encoder) connection(f *flow.Flow, c *flow.Conn) [32]byte {
	if c.ID == 0 {
		return e.id("connection of flow", f.ID)
	}
	return e.id("connection", c.ID)
}

// Connection returns the spans of making a connection of a flow that is final: the whole of it, and in that
// the lookup, each connect, and the handshake. There are none if nothing of it is known.
func (e *Encoder) Connection(f *flow.Flow, c *flow.Conn) [][]byte {
	of := *f
	of.Conn = c.Settled(f.Times.Done, flow.DialCanceled, "")
	c = of.Conn
	all := e.setup(f, c)
	x := making{of: &of, conn: c, id: e.connection(f, c), trace: all.trace, parent: all.id}
	x.lookup()
	x.connects()
	x.handshake()
	if len(x.parts) == 0 {
		return nil
	}
	all.attributes.server(c.Authority)
	all.attributes.connection(c)
	all.from, all.failed = c.Start, !x.ok
	var parts [][]byte
	for _, s := range x.parts {
		if all.from.IsZero() || s.from.Before(all.from) {
			all.from = s.from
		}
		if s.to.After(all.to) {
			all.to = s.to
		}
		parts = append(parts, s.encode())
	}
	return append([][]byte{all.encode()}, parts...)
}

// A making collects the spans of what a connection consists of.
type making struct {
	of            *flow.Flow // with this connection
	conn          *flow.Conn
	id            [32]byte
	trace, parent []byte
	parts         []*span
	ok            bool // the last one succeeded
}

// part adds a span. failed is its error.type; "" if it succeeded.
func (x *making) part(name string, from time.Time, took time.Duration, failed string) *span {
	s := &span{
		trace: x.trace, parent: x.parent, id: child(x.id, len(x.parts)), name: name, kind: kindInternal,
		from: from, to: from.Add(took), failed: failed != "",
	}
	s.attributes.text(attrErrorType, failed)
	x.parts = append(x.parts, s)
	return s
}

// cut is the error.type of what ended with an error: if the client left, that was why, and not what an error
// of the network would be.
func (x *making) cut(failed string) string {
	if ending.ClientLeft(x.of) {
		return "aborted"
	}
	return failed
}

func (x *making) lookup() {
	r := lookup(x.conn)
	if r == nil || r.Start.IsZero() {
		return
	}
	outcome := ending.DNS(x.of, x.of.Times.Done)
	failed := proxystatus.Lookup(outcome)
	if outcome == flow.DNSError {
		failed = x.cut(failed)
	}
	x.ok = failed == ""
	x.part("DNS lookup", r.Start, r.Took, failed).attributes.resolution(r)
}

func (x *making) connects() {
	for _, a := range x.conn.Attempts {
		s := x.part("socket connect", a.Start, a.Took, connectError(a))
		s.attributes.attempt(a)
		s.attributes.retransmits([]flow.DialAttempt{a})
		x.ok = x.conn.Winner() != nil
	}
}

func (x *making) handshake() {
	t := x.conn.TLS
	if t == nil {
		return
	}
	outcome, _ := ending.TLS(x.of, x.of.Times.Done)
	failed := proxystatus.Handshake(outcome)
	if outcome == flow.TLSError {
		failed = x.cut(failed)
	}
	x.ok = failed == ""
	s := x.part("TLS handshake", t.Start, t.Took, failed)
	s.attributes.server(x.conn.Authority)
	s.attributes.handshake(t)
}
