package resolve

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"detour/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// name is what most tests look up.
const name = "logs.ap-northeast-1.amazonaws.com"

// An answer is a nameserver's behaviour.
type answer func(w dns.ResponseWriter, q *dns.Msg)

// nameserver answers on one loopback address over UDP and TCP.
func nameserver(tb testing.TB, a answer) netip.AddrPort {
	tb.Helper()
	return nameserverAt(tb, "127.0.0.1:0", a)
}

func nameserverAt(tb testing.TB, addr string, a answer) netip.AddrPort {
	tb.Helper()
	pc, l := listenBoth(tb, addr)
	serve(tb, &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(a)})
	serve(tb, &dns.Server{Listener: l, Handler: dns.HandlerFunc(a)})
	return netip.MustParseAddrPort(pc.LocalAddr().String())
}

// listenBoth opens one port for TCP and for UDP. A port that is free for the one
// may be taken for the other, so it tries a few.
func listenBoth(tb testing.TB, addr string) (net.PacketConn, net.Listener) {
	tb.Helper()
	var last error
	for range 20 {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			tb.Fatal(err)
		}
		pc, err := net.ListenPacket("udp", l.Addr().String())
		if err == nil {
			return pc, l
		}
		l.Close()
		last = err
	}
	tb.Fatal(last)
	return nil, nil
}

func serve(tb testing.TB, s *dns.Server) {
	tb.Helper()
	ready, done := make(chan struct{}), make(chan struct{})
	s.NotifyStartedFunc = func() { close(ready) }
	go func() { defer close(done); _ = s.ActivateAndServe() }()
	<-ready
	tb.Cleanup(func() { _ = s.Shutdown(); <-done })
}

func rrs(tb testing.TB, lines ...string) []dns.RR {
	tb.Helper()
	var out []dns.RR
	for _, l := range lines {
		rr, err := dns.NewRR(l)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, rr)
	}
	return out
}

// records answers from lines: NODATA for other types of known names, else
// NXDOMAIN, and with the SOA among the lines if there is one.
func records(tb testing.TB, lines ...string) answer {
	tb.Helper()
	all := rrs(tb, lines...)
	return func(w dns.ResponseWriter, q *dns.Msg) { _ = w.WriteMsg(lookupIn(all, q)) }
}

func lookupIn(all []dns.RR, q *dns.Msg) *dns.Msg {
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable = true
	owner, known := q.Question[0].Name, false
	for range all { // follow aliases as a resolver does
		next := ""
		for _, rr := range all {
			if !strings.EqualFold(rr.Header().Name, owner) {
				continue
			}
			known = true
			if c, ok := rr.(*dns.CNAME); ok {
				m.Answer, next = append(m.Answer, rr), c.Target
			} else if rr.Header().Rrtype == q.Question[0].Qtype {
				m.Answer = append(m.Answer, rr)
			}
		}
		if next == "" {
			break
		}
		owner = next
	}
	if !known {
		m.Rcode = dns.RcodeNameError
	}
	if len(m.Answer) == 0 {
		for _, rr := range all {
			if _, ok := rr.(*dns.SOA); ok {
				m.Ns = append(m.Ns, rr)
			}
		}
	}
	return m
}

// coded answers with a code, and with an extended error if there is one.
func coded(code int, ede ...dns.EDNS0) answer {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetRcode(q, code)
		if len(ede) > 0 {
			m.SetEdns0(1232, false).IsEdns0().Option = ede
		}
		_ = w.WriteMsg(m)
	}
}

// silent never answers.
func silent(dns.ResponseWriter, *dns.Msg) {}

// byType answers A and AAAA differently.
func byType(a, aaaa answer) answer {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		if q.Question[0].Qtype == dns.TypeA {
			a(w, q)
		} else {
			aaaa(w, q)
		}
	}
}

// byProto answers over UDP and TCP differently.
func byProto(udp, tcp answer) answer {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		if w.RemoteAddr().Network() == "udp" {
			udp(w, q)
		} else {
			tcp(w, q)
		}
	}
}

// truncated has as much of an answer as fits: a wrong address, to be ignored.
func truncated(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	m.Truncated = true
	if q.Question[0].Qtype == dns.TypeA {
		m.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1}, A: net.IPv4(192, 0, 2, 1)}}
	}
	_ = w.WriteMsg(m)
}

// raw responds with arbitrary bytes.
func raw(b func(q *dns.Msg) []byte) answer {
	return func(w dns.ResponseWriter, q *dns.Msg) { _, _ = w.Write(b(q)) }
}

func packed(tb testing.TB, m *dns.Msg) []byte {
	tb.Helper()
	b, err := m.Pack()
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
