package packed

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"time"

	"detour/internal/flow"
)

// An encoder writes what a flow has, and takes it out of the rest.
type encoder struct {
	out   []byte
	words *words
	conns *conns
	start time.Time // of the flow
	last  previous
	rest  *rest
	odd   bool // something can't be written
}

func (e *encoder) flow() {
	f := &e.rest.flow
	if f.ID <= e.last.id || !exact(f.Times.Start) {
		e.odd = true
		return
	}
	e.number(uint64(f.ID - e.last.id))
	e.signed(f.Times.Start.UnixNano() - e.last.start)
	e.number(uint64(f.Rev))
	word(e, &f.Source)
	word(e, &f.Exporter)
	word(e, &f.State)
	word(e, &f.Origin)
	list(e, &f.Why)
	word(e, &f.Page)
	word(e, &f.Note)
	list(e, &f.Findings)
	word(e, &f.Request.Method)
	e.url(&f.Request.URL)
	word(e, &f.Request.Proto)
	e.signed(f.Request.BodySize)
	e.flags(&f.Reused, &f.CredentialVend, &f.Request.BodyTruncated)
	t := &f.Times
	for _, at := range []*time.Time{&t.GotConn, &t.WroteRequest, &t.FirstByte, &t.Done} {
		e.instant(at)
	}
	f.ID, f.Rev, t.Start, f.Request.BodySize = 0, 0, time.Time{}, 0
	if e.has(f.Phases != nil) {
		x := f.Phases
		for _, d := range []time.Duration{x.Blocked, x.DNS, x.Connect, x.SSL, x.Send, x.Wait, x.Receive} {
			e.signed(int64(d))
		}
		f.Phases = nil
	}
	if e.has(f.Response != nil) {
		e.rest.response, f.Response = *f.Response, nil
		e.response(&e.rest.response)
	}
	if e.has(f.AWS != nil) {
		e.rest.aws, f.AWS = *f.AWS, nil
		e.call(&e.rest.aws)
	}
	if e.odd { // it isn't packed: its connection needs no place
		return
	}
	c := f.Conn
	f.Conn = nil
	e.conn(c)
}

func (e *encoder) response(r *flow.Response) {
	e.signed(int64(r.Status))
	word(e, &r.Proto)
	e.signed(r.BodySize)
	e.flags(&r.BodyTruncated)
	list(e, &r.Traits)
	r.Status, r.BodySize = 0, 0
}

func (e *encoder) call(a *flow.AWS) {
	for _, s := range []*string{&a.Partition, &a.Region, &a.Service, &a.ServiceName, &a.Operation, &a.DecodedBy, &a.EndpointService} {
		word(e, s)
	}
	e.text(&a.RequestID)
	e.text(&a.ExtendedRequestID)
	list(e, &a.Also)
	list(e, &a.Batch)
	e.signed(int64(a.ClockSkew))
	a.ClockSkew = 0
}

func (e *encoder) number(n uint64) { e.out = binary.AppendUvarint(e.out, n) }

func (e *encoder) signed(n int64) { e.out = binary.AppendVarint(e.out, n) }

func (e *encoder) has(something bool) bool {
	if something {
		e.number(1)
	} else {
		e.number(0)
	}
	return something
}

func (e *encoder) flags(all ...*bool) {
	for _, b := range all {
		e.has(*b)
		*b = false
	}
}

// instant writes an instant as the time since the flow's start.
func (e *encoder) instant(at *time.Time) {
	switch {
	case e.has(!at.IsZero()):
		e.odd = e.odd || !exact(*at)
		e.signed(at.UnixNano() - e.start.UnixNano())
	case *at != time.Time{}: // zero, but in another zone
		e.odd = true
	}
	*at = time.Time{}
}

// exact reports whether an instant is the same after it was a number of nanoseconds.
func exact(at time.Time) bool { return instant(at.UnixNano()) == at } //nolint:staticcheck // in UTC, too

func instant(ns int64) time.Time { return time.Unix(0, ns).UTC() }

func (e *encoder) address(a netip.AddrPort) {
	length := len(e.out)
	e.out = append(e.out, 0)
	e.out, _ = a.AppendBinary(e.out) // it never fails
	n := len(e.out) - length - 1
	if e.odd = e.odd || n > maxAddress; !e.odd { // a zone may be longer
		e.out[length] = byte(n)
	}
}

// maxAddress is the most that an address takes, so that its length takes one byte.
const maxAddress = 127

// text writes a text that hardly occurs twice.
func (e *encoder) text(s *string) {
	e.out = appendText(e.out, *s)
	*s = ""
}

// url writes a URL. Many flows have the same scheme and host.
func (e *encoder) url(s *string) {
	const slashes = "://"
	n := max(0, strings.Index(*s, slashes))
	if n > 0 {
		n += len(slashes)
		n += max(0, strings.IndexByte((*s)[n:], '/'))
	}
	host, path := (*s)[:n], (*s)[n:]
	word(e, &host)
	e.text(&path)
	*s = ""
}

func appendText(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

// word writes a text that many flows have.
func word[T ~string](e *encoder, s *T) {
	n := e.words.of(string(*s))
	if e.number(n); n == 0 {
		e.out = appendText(e.out, string(*s))
	}
	*s = ""
}

// list writes texts that many flows have; nil isn't an empty list.
func list[T ~string](e *encoder, all *[]T) {
	if e.has(*all != nil) {
		e.number(uint64(len(*all)))
		for _, s := range *all {
			word(e, &s)
		}
	}
	*all = nil
}
