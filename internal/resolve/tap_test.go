package resolve

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"testing/iotest"
	"time"

	"github.com/miekg/dns"

	"detour/internal/flow"
)

// byteByByte is a stream of which each Read gets one byte.
type byteByByte struct{ net.Conn }

func (c byteByByte) Read(b []byte) (int, error) { return iotest.OneByteReader(c.Conn).Read(b) }

func TestTap_aStreamMayComeInPieces(t *testing.T) {
	dial := inMemory(records(t, name+". 60 IN A 10.0.1.24"))
	ownClock(t, func(t *testing.T) {
		r := New(Config{Nameservers: []netip.AddrPort{inMemoryServer}, Dial: func(ctx context.Context, _, address string) (net.Conn, error) {
			c, err := dial(ctx, "tcp", address)
			return byteByByte{c}, err
		}})
		got := r.Resolve(t.Context(), name)
		if got.Outcome != flow.DNSOK || got.Nameserver != inMemoryServer || len(got.Queries) != 2 {
			t.Errorf("got %+v", got)
		}
		for _, q := range got.Queries {
			if q.RCode != "NOERROR" {
				t.Errorf("query %+v", q)
			}
		}
	})
}

func TestTap_aLookupThatIsCalledOffLeavesItsQuestionUnanswered(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	tr, q := &trace{}, &query{start: time.Now()}
	ctx, cancel := context.WithCancel(t.Context())
	p := newTap(ctx, near, tr, q)
	cancel()
	if _, err := p.Read(make([]byte, 2)); err == nil {
		t.Error("the read didn't end")
	}
	if q.outcome() != flow.DNSTimeout { // and not an error of the connection's
		t.Errorf("got %s: %v", q.outcome(), q.err)
	}
	p.Close()
}

func TestTrace_choosesWhoeverFailedLeastButKeepsToATruncatedAnswer(t *testing.T) {
	first, second := netip.MustParseAddrPort("10.0.0.2:53"), netip.MustParseAddrPort("10.0.0.3:53")
	cut := &dns.Msg{MsgHdr: dns.MsgHdr{Truncated: true}}
	servfail := &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: dns.RcodeServerFailure}}
	tr := &trace{nameservers: []netip.AddrPort{first, second}}
	if got := tr.choose("udp"); got != first {
		t.Errorf("begins with %v", got)
	}
	tr.queries = []*query{
		{server: first, proto: "udp", took: 1, ending: ending{reply: cut}},
		{server: first, proto: "udp", took: 1, ending: ending{reply: servfail}},
	}
	for i, want := range []netip.AddrPort{first, second} { // the second has no truncated answer to follow
		if got := tr.choose("tcp"); got != want {
			t.Errorf("tcp %d: %v, want %v", i, got, want)
		}
	}
	if got := tr.choose("udp"); got != second {
		t.Errorf("after a failure %v", got)
	}
}

func TestQuery_aLoopOfAliasesEnds(t *testing.T) {
	m := new(dns.Msg).SetQuestion("a.example.", dns.TypeA)
	m.Answer = rrs(t, "a.example. 1 IN CNAME b.example.", "b.example. 1 IN CNAME a.example.")
	if got := (&query{ending: ending{reply: m}}).cnames(); len(got) != 2 {
		t.Errorf("got %v, want each record once", got)
	}
}

// FuzzTap feeds a tap with foreign bytes in arbitrary pieces. Whatever comes, a
// piece more or less must not matter for what is understood of a stream.
func FuzzTap(f *testing.F) {
	asked := new(dns.Msg).SetQuestion(name+".", dns.TypeA)
	asked.Id = 7
	question := packed(f, asked)
	reply := new(dns.Msg).SetReply(asked)
	reply.Answer = rrs(f, name+". 60 IN CNAME x.example.", "x.example. 60 IN A 10.0.1.24")
	whole := packed(f, reply)
	framed := append(binary.BigEndian.AppendUint16(nil, uint16(len(whole))), whole...)
	f.Add(question, uint8(3), true)
	f.Add(whole, uint8(255), false)
	f.Add(framed, uint8(0), true)
	f.Add(append(framed, framed...), uint8(100), true)
	f.Add(whole[:len(whole)-3], uint8(255), false)
	f.Add([]byte{0, 1, 2}, uint8(1), true)
	f.Add([]byte{255}, uint8(0), true)
	read := func(b []byte, piece int, stream bool) (*trace, *query) {
		tr := &trace{}
		p := &tap{t: tr, q: &query{server: netip.MustParseAddrPort("127.0.0.1:53"), proto: "tcp", start: time.Now()}, stream: stream}
		if stream {
			p.question(append([]byte{0, byte(len(question))}, question...))
		} else {
			p.question(question)
		}
		for len(b) > 0 {
			n := min(len(b), piece)
			p.answer(b[:n])
			b = b[n:]
		}
		return tr, p.q
	}
	f.Fuzz(func(t *testing.T, b []byte, piece uint8, stream bool) {
		tr, q := read(b, int(piece)+1, stream)
		if len(tr.queries) != 1 {
			t.Fatalf("%d queries", len(tr.queries))
		}
		if q.reply != nil && !q.answeredBy(q.reply) {
			t.Errorf("kept what doesn't answer: %v", q.reply)
		}
		for _, err := range []error{nil, net.ErrClosed} {
			var res flow.Resolution
			res.Name = name
			tr.describe(&res, err)
			if err != nil && (res.Outcome == flow.DNSOK || res.Outcome == flow.DNSPending || res.Err == "") {
				t.Errorf("a failure without a reason: %+v", res)
			}
			if len(res.Queries) != 1 || res.Queries[0].Took <= 0 || len(res.CNAMEs) > len(b) {
				t.Errorf("got %+v", res)
			}
		}
		if stream {
			if _, once := read(b, len(b)+1, true); (once.reply == nil) != (q.reply == nil) || once.torn != q.torn {
				t.Errorf("in pieces: %v, at once: %v", q.reply, once.reply)
			}
		}
	})
}
