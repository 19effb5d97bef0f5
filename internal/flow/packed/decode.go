package packed

import (
	"encoding/binary"
	"net/netip"
	"time"

	"detour/internal/flow"
)

// A decoder reads what an encoder wrote.
type decoder struct {
	in    []byte
	words []string
	conns []*flow.Conn
	start time.Time
	last  previous
}

func (d *decoder) flow() *flow.Flow {
	d.last.id += flow.ID(d.number())
	d.last.start += d.signed()
	f := &flow.Flow{ID: d.last.id}
	d.start = instant(d.last.start)
	f.Times.Start = d.start
	f.Rev = uint32(d.number()) //nolint:gosec // as it was written
	readWord(d, &f.Source)
	readWord(d, &f.Exporter)
	readWord(d, &f.State)
	readWord(d, &f.Origin)
	readList(d, &f.Why)
	readWord(d, &f.Page)
	readWord(d, &f.Note)
	readList(d, &f.Findings)
	readWord(d, &f.Request.Method)
	f.Request.URL = d.word() + d.text()
	readWord(d, &f.Request.Proto)
	f.Request.BodySize = d.signed()
	f.Reused, f.CredentialVend, f.Request.BodyTruncated = d.has(), d.has(), d.has()
	t := &f.Times
	t.GotConn, t.WroteRequest, t.FirstByte, t.Done = d.instant(), d.instant(), d.instant(), d.instant()
	if d.has() {
		x := &flow.Timings{}
		for _, p := range []*time.Duration{&x.Blocked, &x.DNS, &x.Connect, &x.SSL, &x.Send, &x.Wait, &x.Receive} {
			*p = d.duration()
		}
		f.Phases = x
	}
	if d.has() {
		r := &flow.Response{Status: int(d.signed())}
		readWord(d, &r.Proto)
		r.BodySize, r.BodyTruncated = d.signed(), d.has()
		readList(d, &r.Traits)
		f.Response = r
	}
	if d.has() {
		f.AWS = d.call()
	}
	f.Conn = d.conn()
	return f
}

func (d *decoder) call() *flow.AWS {
	a := &flow.AWS{}
	for _, s := range []*string{&a.Partition, &a.Region, &a.Service, &a.ServiceName, &a.Operation, &a.DecodedBy, &a.EndpointService} {
		readWord(d, s)
	}
	a.RequestID, a.ExtendedRequestID = d.text(), d.text()
	readList(d, &a.Also)
	readList(d, &a.Batch)
	a.ClockSkew = d.duration()
	return a
}

func (d *decoder) number() uint64 {
	v, n := binary.Uvarint(d.in)
	d.in = d.in[n:]
	return v
}

func (d *decoder) signed() int64 {
	v, n := binary.Varint(d.in)
	d.in = d.in[n:]
	return v
}

func (d *decoder) duration() time.Duration { return time.Duration(d.signed()) }

func (d *decoder) has() bool { return d.number() != 0 }

func (d *decoder) instant() time.Time {
	if !d.has() {
		return time.Time{}
	}
	return instant(d.start.UnixNano() + d.signed())
}

func (d *decoder) bytes() []byte {
	n := d.number()
	b := d.in[:n:n]
	d.in = d.in[n:]
	return b
}

func (d *decoder) text() string { return string(d.bytes()) }

func (d *decoder) address() (a netip.AddrPort) {
	_ = a.UnmarshalBinary(d.bytes()) // as MarshalBinary wrote it
	return a
}

func readWord[T ~string](d *decoder, s *T) { *s = T(d.word()) }

func readList[T ~string](d *decoder, all *[]T) {
	if !d.has() {
		return
	}
	*all = make([]T, d.number())
	for i := range *all {
		readWord(d, &(*all)[i])
	}
}

// word reads a text, which has a number or follows.
func (d *decoder) word() string {
	if n := d.number(); n > 0 {
		return d.words[n-1]
	}
	return d.text()
}
