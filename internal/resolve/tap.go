package resolve

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"time"

	"github.com/miekg/dns"
)

// A tap is a connection to a nameserver that is read along. Go's resolver sends
// one question over it, waits for the answer, and closes it.
type tap struct {
	net.Conn
	t      *trace
	q      *query
	stream bool   // messages have their length in front and may come in pieces
	in     []byte // of a stream: what has come of the message so far
	done   bool   // the answer is there
	detach func() bool
}

// newTap returns a tap on conn that also is a net.PacketConn if conn is one: Go's
// resolver tells datagrams from streams by that.
func newTap(ctx context.Context, conn net.Conn, t *trace, q *query) net.Conn {
	p := &tap{Conn: conn, t: t, q: q}
	// While it reads, the resolver minds its deadline, but not a cancellation.
	p.detach = context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.Canceled) {
			t.settle(q, ending{err: os.ErrDeadlineExceeded}) // no answer until we gave up
			_ = conn.Close()
		}
	})
	if pc, ok := conn.(net.PacketConn); ok {
		return &packetTap{tap: p, pc: pc}
	}
	p.stream = true
	return p
}

// packetTap is a tap on datagrams. Go's resolver uses it through Read and Write.
type packetTap struct {
	*tap
	pc net.PacketConn
}

func (p *packetTap) ReadFrom(b []byte) (int, net.Addr, error)  { return p.pc.ReadFrom(b) }
func (p *packetTap) WriteTo(b []byte, a net.Addr) (int, error) { return p.pc.WriteTo(b, a) }

func (p *tap) Write(b []byte) (int, error) {
	p.question(b)
	n, err := p.Conn.Write(b)
	if err != nil {
		p.t.settle(p.q, ending{err: err})
	}
	return n, err
}

func (p *tap) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if n > 0 {
		p.answer(b[:n])
	}
	if err != nil {
		p.t.settle(p.q, ending{err: err})
	}
	return n, err
}

func (p *tap) Close() error {
	p.detach()
	p.t.settle(p.q, ending{err: errUnrelated})
	return p.Conn.Close()
}

// question decodes what is asked. The resolver writes a message in one piece.
func (p *tap) question(b []byte) {
	if p.stream {
		b = b[min(2, len(b)):]
	}
	m := new(dns.Msg)
	if m.Unpack(b) == nil && len(m.Question) == 1 {
		p.t.sent(p.q, m, time.Now())
	}
}

// answer decodes what came back, and keeps it if it answers the question. The
// resolver goes by header and question alone, and so must the record; what it
// ignores has no part in the lookup.
func (p *tap) answer(b []byte) {
	if p.done {
		return
	}
	if p.stream {
		if b = p.message(b); b == nil {
			return
		}
	}
	m := new(dns.Msg)
	err := m.Unpack(b)
	if p.q.answeredBy(m) {
		p.done = true
		p.t.settle(p.q, ending{reply: m, torn: err != nil})
	}
}

// message adds a piece of the stream, and returns the first message as soon as
// it is whole. A message has at most 65,535 bytes, and so has what is kept.
func (p *tap) message(piece []byte) []byte {
	const length = 2
	want := length
	for range 2 { // the length first, then the rest
		if len(p.in) >= length {
			want = length + int(binary.BigEndian.Uint16(p.in))
		}
		n := min(len(piece), max(0, want-len(p.in)))
		p.in, piece = append(p.in, piece[:n]...), piece[n:]
	}
	if len(p.in) < length || len(p.in) < length+int(binary.BigEndian.Uint16(p.in)) {
		return nil
	}
	return p.in[length:]
}
