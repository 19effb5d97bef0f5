package resolve

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// A tap is a connection to a nameserver whose packets are decoded. Go's resolver sends one
// question over it, waits for the answer, and closes it.
type tap struct {
	net.Conn
	t      *trace
	q      *query
	stream bool   // messages are prefixed with their length and may be split
	in     []byte // of a stream: the message so far
	done   bool   // the answer was read
	detach func() bool

	mu    sync.Mutex
	plain bool        // the question was sent without EDNS
	again *time.Timer // sends it without EDNS
}

// newTap returns a tap on conn, which is a net.PacketConn if conn is one: that is how Go's
// resolver distinguishes datagrams from streams.
func newTap(ctx context.Context, conn net.Conn, t *trace, q *query) net.Conn {
	p := &tap{Conn: conn, t: t, q: q}
	q.hangUp = func() { _ = conn.Close() }
	// While it reads, the resolver honours its deadline, but not a cancellation.
	p.detach = context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.Canceled) {
			t.settle(q, ending{err: os.ErrDeadlineExceeded}) // no response until the cancellation
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
	if !p.question(b) {
		return 0, errEnough
	}
	var err error
	if p.t.asksPlainly(p.q) {
		err = p.askPlainly()
	} else {
		_, err = p.Conn.Write(b)
		if err == nil && !p.stream {
			p.mu.Lock()
			p.again = time.AfterFunc(plainAfter, func() { _ = p.askPlainly() })
			p.mu.Unlock()
		}
	}
	if err != nil {
		p.t.settle(p.q, ending{err: err})
		return 0, err
	}
	return len(b), nil
}

// askPlainly sends the question without EDNS, unless it was sent so before.
func (p *tap) askPlainly() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.plain || p.q.asked == nil {
		return nil
	}
	p.plain = true
	b, err := withoutEDNS(p.q.asked).Pack()
	if err != nil {
		return err
	}
	if p.stream {
		b = append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...) //nolint:gosec // a question is short
	}
	_, err = p.Conn.Write(b)
	return err
}

// askedPlainly reports whether the question was sent without EDNS.
func (p *tap) askedPlainly() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.plain
}

func (p *tap) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	for n > 0 && !p.stream && p.refused(b[:n]) { // the answer is still to come
		n, err = p.Conn.Read(b)
	}
	if n > 0 {
		if !p.stream {
			n = p.complete(b, n)
		}
		p.answer(b[:n])
	}
	if err != nil {
		p.t.settle(p.q, ending{err: err})
	}
	return n, err
}

// refused reports whether a datagram says that the nameserver doesn't take EDNS. If so, it
// sends the question without.
func (p *tap) refused(b []byte) bool {
	m := new(dns.Msg)
	if p.askedPlainly() || m.Unpack(b) != nil || !refusesEDNS(p.q.asked, m) {
		return false
	}
	p.t.plain.add(p.q.server)
	return p.askPlainly() == nil
}

// complete adds the question to an error that lacks it, in the first n bytes of b, and
// returns their new number. The resolver would ignore the error and wait.
func (p *tap) complete(b []byte, n int) int {
	m := new(dns.Msg)
	if p.q.asked == nil || m.Unpack(b[:n]) != nil || !m.Response || m.Id != p.q.asked.Id {
		return n
	}
	if len(m.Question) > 0 || m.Rcode == dns.RcodeSuccess {
		return n
	}
	m.Question = p.q.asked.Question
	if whole, err := m.Pack(); err == nil && len(whole) <= len(b) {
		return copy(b, whole)
	}
	return n
}

func (p *tap) Close() error {
	p.detach()
	p.mu.Lock()
	if p.again != nil {
		p.again.Stop()
	}
	p.plain = true // sends nothing more
	p.mu.Unlock()
	p.t.settle(p.q, ending{err: errUnrelated})
	return p.Conn.Close()
}

// question decodes the question, and reports whether to send it. The resolver writes a
// message at once.
func (p *tap) question(b []byte) bool {
	if p.stream {
		b = b[min(2, len(b)):]
	}
	m := new(dns.Msg)
	if m.Unpack(b) == nil && len(m.Question) == 1 {
		if p.t.refuses(m) {
			return false
		}
		p.t.sent(p.q, m, time.Now())
	}
	return true
}

// answer decodes a reply, and keeps it if it matches the question. Like the resolver, it
// compares header and question only.
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
		plain := p.askedPlainly() && m.IsEdns0() == nil
		if plain || p.stream && refusesEDNS(p.q.asked, m) {
			p.t.plain.add(p.q.server)
		}
		p.t.settle(p.q, ending{reply: m, plain: plain, torn: err != nil})
	}
}

// message adds a part of the stream, and returns the first message as soon as it is
// complete. A message has at most 65,535 bytes.
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
