package resolve

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"detour/internal/flow"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A nameserver answers on one loopback address over UDP and TCP.
func nameserver(tb testing.TB, answer func(w dns.ResponseWriter, q *dns.Msg)) netip.AddrPort {
	tb.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	l, err := net.Listen("tcp", pc.LocalAddr().String())
	if err != nil {
		tb.Fatal(err)
	}
	for _, s := range []*dns.Server{
		{PacketConn: pc, Handler: dns.HandlerFunc(answer)}, {Listener: l, Handler: dns.HandlerFunc(answer)},
	} {
		ready, done := make(chan struct{}), make(chan struct{})
		s.NotifyStartedFunc = func() { close(ready) }
		go func() { defer close(done); _ = s.ActivateAndServe() }()
		<-ready
		tb.Cleanup(func() { _ = s.Shutdown(); <-done })
	}
	return netip.MustParseAddrPort(pc.LocalAddr().String())
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

// zone answers from lines, NODATA for other types of known names, NXDOMAIN else.
func zone(tb testing.TB, lines ...string) func(dns.ResponseWriter, *dns.Msg) {
	tb.Helper()
	records := rrs(tb, lines...)
	return func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		name, known := q.Question[0].Name, false
		for range 4 { // follow aliases as a resolver does
			for _, rr := range records {
				if !strings.EqualFold(rr.Header().Name, name) {
					continue
				}
				known = true
				if c, ok := rr.(*dns.CNAME); ok {
					m.Answer = append(m.Answer, rr)
					name = c.Target
				} else if rr.Header().Rrtype == q.Question[0].Qtype {
					m.Answer = append(m.Answer, rr)
				}
			}
			if len(m.Answer) == 0 || m.Answer[len(m.Answer)-1].Header().Rrtype != dns.TypeCNAME {
				break
			}
		}
		if !known {
			m.Rcode = dns.RcodeNameError
		}
		_ = w.WriteMsg(m)
	}
}

func rcode(code int) func(dns.ResponseWriter, *dns.Msg) {
	return func(w dns.ResponseWriter, q *dns.Msg) { _ = w.WriteMsg(new(dns.Msg).SetRcode(q, code)) }
}

func silent(dns.ResponseWriter, *dns.Msg) {}

const name = "logs.ap-northeast-1.amazonaws.com"

func TestResolve_recordsTheLookupThatIsDialed(t *testing.T) {
	ns := nameserver(t, zone(t,
		name+". 300 IN CNAME a.vpce.example.", "a.vpce.example. 60 IN CNAME b.vpce.example.",
		"b.vpce.example. 120 IN A 10.0.1.24", "b.vpce.example. 120 IN A 10.0.2.24"))
	got := New(Config{Nameservers: []netip.AddrPort{ns}}).Resolve(t.Context(), "Logs.AP-northeast-1.amazonaws.com.")
	if got.Outcome != flow.DNSOK || got.Source != flow.SourceDNS || got.Name != name || got.Nameserver != ns {
		t.Errorf("%+v", got)
	}
	if d := cmp.Diff([]string{"a.vpce.example", "b.vpce.example"}, got.CNAMEs); d != "" {
		t.Error(d)
	}
	if !got.AllInVPC() || len(got.Addrs) != 2 || got.TTL != time.Minute || got.Took <= 0 {
		t.Errorf("addresses %v TTL %v took %v", got.Addrs, got.TTL, got.Took)
	}
	types := map[string]bool{}
	for _, q := range got.Queries {
		types[q.Type] = true
		if q.Server != ns || q.RCode != "NOERROR" || q.Name != name || q.Took <= 0 || q.Proto != "udp" {
			t.Errorf("query %+v", q)
		}
	}
	if !types["A"] || !types["AAAA"] {
		t.Errorf("asked for %v", types)
	}
}

func TestResolve_outcomes(t *testing.T) {
	for want, answer := range map[flow.DNSOutcome]func(dns.ResponseWriter, *dns.Msg){
		flow.DNSNXDomain: zone(t),
		flow.DNSNoData:   zone(t, name+". 60 IN TXT x"),
		flow.DNSServFail: rcode(dns.RcodeServerFailure),
		flow.DNSRefused:  rcode(dns.RcodeRefused),
	} {
		ns := nameserver(t, answer)
		got := New(Config{Nameservers: []netip.AddrPort{ns}}).Resolve(t.Context(), name)
		if got.Outcome != want || got.Nameserver != ns || got.Err == "" || len(got.Addrs) != 0 {
			t.Errorf("%s: %+v", want, got)
		}
	}
}

func TestResolve_aSilentNameserverEndsWithTheContext(t *testing.T) {
	ns := nameserver(t, silent)
	r := New(Config{Nameservers: []netip.AddrPort{ns}})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	got := r.Resolve(ctx, name)
	if got.Outcome != flow.DNSTimeout || len(got.Queries) == 0 || got.Queries[0].RCode != "" || got.Took > 2*time.Second {
		t.Errorf("deadline: %+v", got)
	}
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if got := r.Resolve(ctx, name); got.Outcome != flow.DNSError || got.Took > 2*time.Second {
		t.Errorf("cancel: %+v", got)
	}
}

func TestResolve_goesOnToTheNextNameserver(t *testing.T) {
	bad, good := nameserver(t, rcode(dns.RcodeServerFailure)), nameserver(t, zone(t, name+". 60 IN A 10.0.1.24"))
	got := New(Config{Nameservers: []netip.AddrPort{bad, good}}).Resolve(t.Context(), name)
	if got.Outcome != flow.DNSOK || got.Nameserver != good {
		t.Errorf("%+v", got)
	}
}

func TestResolve_truncatedAnswersAreAskedForAgainOverTCP(t *testing.T) {
	full := zone(t, name+". 60 IN A 10.0.1.24")
	ns := nameserver(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if w.RemoteAddr().Network() == "udp" {
			m := new(dns.Msg).SetReply(q)
			m.Truncated = true
			_ = w.WriteMsg(m)
			return
		}
		full(w, q)
	})
	got := New(Config{Nameservers: []netip.AddrPort{ns}}).Resolve(t.Context(), name)
	if got.Outcome != flow.DNSOK || len(got.Addrs) != 1 {
		t.Fatalf("%+v", got)
	}
	var udp, tcp bool
	for _, q := range got.Queries {
		udp = udp || q.Proto == "udp" && q.Truncated
		tcp = tcp || q.Proto == "tcp" && !q.Truncated
	}
	if !udp || !tcp {
		t.Errorf("queries %+v", got.Queries)
	}
}

func TestResolve_withoutANameserver(t *testing.T) {
	r := New(Config{
		Map: map[string][]netip.Addr{name: {netip.MustParseAddr("10.9.9.9")}},
		Dial: func(context.Context, string, string) (net.Conn, error) {
			t.Error("somebody was asked")
			return nil, net.ErrClosed
		},
	})
	for host, want := range map[string]flow.DNSSource{
		"10.0.1.24": flow.SourceLiteral, "[fd00::1]": flow.SourceLiteral, "::ffff:10.0.0.1": flow.SourceLiteral,
		name: flow.SourceMap, "LOGS.ap-northeast-1.amazonaws.com.": flow.SourceMap,
	} {
		if got := r.Resolve(t.Context(), host); got.Source != want || got.Outcome != flow.DNSOK || len(got.Addrs) != 1 || got.Addrs[0].Is4In6() {
			t.Errorf("%s: %+v", host, got)
		}
	}
}

func TestResolve_theHostsFileIsNamed(t *testing.T) {
	if asksSystem(runtime.GOOS) {
		t.Skip("the system's resolver doesn't say")
	}
	if got := New(Config{}).Resolve(t.Context(), "localhost"); got.Source != flow.SourceHosts || len(got.Queries) != 0 || len(got.Addrs) == 0 {
		t.Errorf("%+v", got)
	}
}

func TestResolve_concurrentLookupsKeepTheirOwnPackets(t *testing.T) {
	ns := nameserver(t, func(w dns.ResponseWriter, q *dns.Msg) {
		zone(t, q.Question[0].Name+" 60 IN A 10.0.1.24")(w, q)
	})
	r := New(Config{Nameservers: []netip.AddrPort{ns}})
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			host := []string{name, "monitoring.ap-northeast-1.amazonaws.com"}[i%2]
			got := r.Resolve(t.Context(), host)
			if got.Outcome != flow.DNSOK || len(got.Queries) < 2 {
				t.Errorf("%+v", got)
			}
			for _, q := range got.Queries {
				if q.Name != host {
					t.Errorf("the trace of %s has a query for %s", host, q.Name)
				}
			}
		})
	}
	wg.Wait()
}

func TestCNAMEs_aLoopEnds(t *testing.T) {
	m := new(dns.Msg).SetQuestion("a.example.", dns.TypeA)
	m.Answer = rrs(t, "a.example. 1 IN CNAME b.example.", "b.example. 1 IN CNAME a.example.")
	if got := cnames(m); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

// FuzzTap feeds a tap with foreign bytes in arbitrary pieces.
func FuzzTap(f *testing.F) {
	q, _ := new(dns.Msg).SetQuestion(name+".", dns.TypeA).Pack()
	f.Add(q, uint8(3), true)
	f.Add([]byte{0, 1, 2}, uint8(1), false)
	f.Fuzz(func(t *testing.T, b []byte, piece uint8, stream bool) {
		tr := &trace{}
		p := &tap{t: tr, q: &query{start: time.Now()}, stream: stream, detach: func() bool { return true }}
		p.question(append([]byte{0, 0}, q...)[map[bool]int{true: 0, false: 2}[stream]:])
		for len(b) > 0 {
			n := min(len(b), int(piece)+1)
			p.answer(b[:n])
			b = b[n:]
		}
		tr.describe(&flow.Resolution{})
		tr.outcome(name)
	})
}

func BenchmarkResolve(b *testing.B) {
	ns := nameserver(b, zone(b, name+". 60 IN A 10.0.1.24"))
	r := New(Config{Nameservers: []netip.AddrPort{ns}})
	b.Run("recorded", func(b *testing.B) {
		for b.Loop() {
			r.Resolve(b.Context(), name)
		}
	})
	b.Run("net.Resolver", func(b *testing.B) {
		plain := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, ns.String())
		}}
		for b.Loop() {
			_, _ = plain.LookupNetIP(b.Context(), "ip", name)
		}
	})
}
