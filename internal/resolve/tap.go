package resolve

import (
	"context"
	"encoding/binary"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// maxMessage is the largest DNS message (RFC 1035, 4.2.2).
const maxMessage = 1<<16 - 1

// A tap is a connection to a nameserver that is read along. One question goes
// over it, as Go's resolver does it.
type tap struct {
	net.Conn
	t      *trace
	q      *query
	stream bool   // messages have a length in front and may come in pieces
	in     []byte // of a stream: what has come of the message so far
	detach func() bool
}

// newTap returns a tap on conn that also is a net.PacketConn if conn is one: Go's
// resolver tells datagrams from streams by that.
func newTap(ctx context.Context, conn net.Conn, t *trace, q *query) net.Conn {
	p := &tap{Conn: conn, t: t, q: q}
	// The resolver minds a deadline, but not a cancellation, while it reads.
	p.detach = context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	if pc, ok := conn.(net.PacketConn); ok {
		return &packetTap{tap: p, pc: pc}
	}
	p.stream = true
	return p
}

// packetTap is a tap on datagrams. The PacketConn methods are never called.
type packetTap struct {
	*tap
	pc net.PacketConn
}

func (p *packetTap) ReadFrom(b []byte) (int, net.Addr, error)  { return p.pc.ReadFrom(b) }
func (p *packetTap) WriteTo(b []byte, a net.Addr) (int, error) { return p.pc.WriteTo(b, a) }

func (p *tap) Write(b []byte) (int, error) {
	p.question(b)
	return p.Conn.Write(b)
}

func (p *tap) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if n > 0 {
		p.answer(b[:n])
	}
	if err != nil {
		p.t.settle(p.q, nil)
	}
	return n, err
}

func (p *tap) Close() error {
	p.detach()
	p.t.settle(p.q, nil)
	return p.Conn.Close()
}

// question decodes what is asked.
func (p *tap) question(b []byte) {
	if p.stream && len(b) >= 2 {
		b = b[2:]
	}
	m := new(dns.Msg)
	if m.Unpack(b) != nil || len(m.Question) != 1 {
		return
	}
	p.t.mu.Lock()
	defer p.t.mu.Unlock()
	if p.q.asked == nil {
		p.q.asked, p.q.start = m, time.Now()
		p.t.queries = append(p.t.queries, p.q)
	}
}

// answer decodes what came back, and keeps it if it answers the question. The
// resolver ignores what doesn't, and so must the record.
func (p *tap) answer(b []byte) {
	if p.stream {
		if len(p.in)+len(b) > maxMessage+2 {
			return
		}
		p.in = append(p.in, b...)
		if len(p.in) < 2 || len(p.in)-2 < int(binary.BigEndian.Uint16(p.in)) {
			return
		}
		b = p.in[2:]
	}
	m := new(dns.Msg)
	if m.Unpack(b) != nil || !m.Response || p.q.asked == nil || !answers(m, p.q.asked) {
		return
	}
	p.t.settle(p.q, m)
}

func answers(reply, asked *dns.Msg) bool {
	if reply.Id != asked.Id || len(reply.Question) != 1 {
		return false
	}
	r, a := reply.Question[0], asked.Question[0]
	return r.Qtype == a.Qtype && r.Qclass == a.Qclass && strings.EqualFold(r.Name, a.Name)
}
