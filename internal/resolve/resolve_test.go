package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"detour/internal/flow"
)

func asking(servers ...netip.AddrPort) *Resolver { return New(Config{Nameservers: servers}) }

func texts(addrs []netip.Addr) (out []string) {
	for _, a := range addrs {
		out = append(out, a.String())
	}
	return out
}

func TestResolve_recordsTheLookupThatIsDialed(t *testing.T) {
	all := records(t,
		name+". 300 IN CNAME a.vpce.example.", "a.vpce.example. 60 IN CNAME B.vpce.example.",
		"b.vpce.example. 120 IN A 10.0.1.24", "b.vpce.example. 120 IN A 10.0.2.24")
	const takes = time.Millisecond
	answer := func(w dns.ResponseWriter, q *dns.Msg) { time.Sleep(takes); all(w, q) }
	ownClock(t, func(t *testing.T) {
		got := askingInMemory(answer).Resolve(t.Context(), "Logs.AP-northeast-1.amazonaws.com.")
		if got.Outcome != flow.DNSOK || got.Source != flow.SourceDNS || got.Name != name || got.Nameserver != inMemoryServer || got.Err != "" {
			t.Errorf("got %+v", got)
		}
		if d := cmp.Diff([]string{"a.vpce.example", "b.vpce.example"}, got.CNAMEs); d != "" {
			t.Error(d)
		}
		if !got.AllInVPC() || len(got.Addrs) != 2 || got.TTL != time.Minute || got.Took != takes {
			t.Errorf("addresses %v TTL %v took %v", got.Addrs, got.TTL, got.Took)
		}
		want := map[string]int{"A": 4, "AAAA": 2}
		for _, q := range got.Queries {
			if q.Server != inMemoryServer || q.RCode != "NOERROR" || q.Name != name || q.Took != takes || q.Proto != "udp" ||
				q.Truncated || q.Answers != want[q.Type] {
				t.Errorf("query %+v", q)
			}
			delete(want, q.Type)
		}
		if len(want) != 0 {
			t.Errorf("not asked for: %v", want)
		}
	})
}

func TestResolve_bothFamiliesAreDialedInNetsOrder(t *testing.T) {
	answer := records(t, name+". 60 IN A 127.0.0.9", name+". 30 IN AAAA ::1")
	ownClock(t, func(t *testing.T) {
		got := askingInMemory(answer).Resolve(t.Context(), name)
		want, err := (&net.Resolver{PreferGo: true, Dial: inMemory(answer)}).LookupNetIP(t.Context(), "ip", name)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(texts(unmap(want)), texts(got.Addrs)); d != "" {
			t.Error(d)
		}
		if got.TTL != 30*time.Second || len(got.Addrs) != 2 {
			t.Errorf("TTL %v of %v, want the smallest: 30s", got.TTL, got.Addrs)
		}
	})
}

func TestResolve_aTTLOfZeroIsTheSmallest(t *testing.T) {
	ns := nameserver(t, records(t, name+". 0 IN CNAME x.example.", "x.example. 60 IN A 10.0.1.24"))
	if got := asking(ns).Resolve(t.Context(), name); got.Outcome != flow.DNSOK || got.TTL != 0 {
		t.Errorf("TTL %v, want 0", got.TTL)
	}
}

func TestResolve_ipv4IsGoodThoughIPv6Fails(t *testing.T) {
	ns := nameserver(t, byType(records(t, name+". 60 IN A 10.0.1.24"), coded(dns.RcodeServerFailure)))
	if got := asking(ns).Resolve(t.Context(), name); got.Outcome != flow.DNSOK || len(got.Addrs) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestResolve_failures(t *testing.T) {
	const soa = "amazonaws.com. 60 IN SOA ns.example. admin.example. 1 1 1 1 60"
	nodata := records(t, name+". 60 IN TXT x", soa)
	servfail := coded(dns.RcodeServerFailure)
	for _, tc := range []struct {
		of     string
		answer answer
		want   flow.DNSOutcome
		err    string
	}{
		{"a name that isn't there", records(t, soa), flow.DNSNXDomain, "no such name in zone amazonaws.com"},
		{"no SOA", records(t), flow.DNSNXDomain, "no such name"},
		{"no address", nodata, flow.DNSNoData, "no A or AAAA record in zone amazonaws.com"},
		{"servfail", servfail, flow.DNSServFail, "the nameserver failed to resolve the name"},
		{"refused", coded(dns.RcodeRefused), flow.DNSRefused, "the nameserver refused to answer"},
		{"another code", coded(dns.RcodeFormatError), flow.DNSError, "the nameserver answered FORMERR"},
		{"a code without a name", coded(12), flow.DNSError, "the nameserver answered RCODE12"},
		{
			"an explanation", coded(dns.RcodeRefused, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeBlocked, ExtraText: "by policy"}),
			flow.DNSRefused, "the nameserver refused to answer: Blocked by policy",
		},
		{"one family unknown", byType(nodata, servfail), flow.DNSServFail, "the nameserver failed to resolve the name"},
		{"one family refused", byType(coded(dns.RcodeRefused), nodata), flow.DNSRefused, "the nameserver refused to answer"},
		{"not there by one family's answer", byType(servfail, records(t)), flow.DNSNXDomain, "no such name"},
		{"a referral", raw(func(q *dns.Msg) []byte { return packed(t, new(dns.Msg).SetReply(q)) }), flow.DNSError, "the nameserver isn't authoritative and doesn't recurse"},
		{"truncated, over TCP as well", raw(func(q *dns.Msg) []byte {
			m := new(dns.Msg).SetReply(q)
			m.RecursionAvailable, m.Truncated = true, true
			return packed(t, m)
		}), flow.DNSError, "the answer was truncated, over TCP as well"},
		{"an alias of itself", records(t, name+". 60 IN CNAME "+name+"."), flow.DNSNoData, "its aliases form a loop"},
		{
			"aliases of each other", byType(aliasesOf(t, name+".", "b.example.", name+"."), aliasesOf(t, name+".", "b.example.", name+".")),
			flow.DNSNoData, "its aliases form a loop",
		},
		{"an alias without an address", aliasesOf(t, name+".", "b.example."), flow.DNSNoData, "it is an alias of b.example, which has no A or AAAA record"},
		{"many aliases", aliasesOf(t, append([]string{name + "."}, numbered(maxAliases+4)...)...), flow.DNSNoData, "it leads to 16 aliases or more, and no address"},
		{"an answer that breaks off", raw(func(q *dns.Msg) []byte {
			m := new(dns.Msg).SetReply(q)
			m.RecursionAvailable = true
			m.Answer = rrs(t, name+". 60 IN TXT abcdef")
			b := packed(t, m)
			return b[:len(b)-4]
		}), flow.DNSError, "malformed answer"},
	} {
		t.Run(tc.of, func(t *testing.T) {
			ns := nameserver(t, tc.answer)
			got := asking(ns).Resolve(t.Context(), name)
			if got.Outcome != tc.want || got.Err != tc.err || got.Nameserver != ns || len(got.Addrs) != 0 || got.Source != flow.SourceDNS {
				t.Errorf("got %s %q from %v, want %s %q from %v", got.Outcome, got.Err, got.Nameserver, tc.want, tc.err, ns)
			}
			if q := got.Queries[0]; (q.EDE == "Blocked by policy") != (tc.of == "an explanation") {
				t.Errorf("the question's record explains %q", q.EDE)
			}
		})
	}
}

// aliasesOf answers every question with a chain of aliases.
func aliasesOf(tb testing.TB, names ...string) answer {
	return raw(func(q *dns.Msg) []byte {
		m := new(dns.Msg).SetReply(q)
		m.RecursionAvailable = true
		for i, to := range names[1:] {
			m.Answer = append(m.Answer, rrs(tb, names[i]+" 60 IN CNAME "+to)...)
		}
		m.Compress = true
		return packed(tb, m)
	})
}

func numbered(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("n%d.example.", i))
	}
	return names
}

func TestResolve_eachAddressIsTakenOnce(t *testing.T) {
	ns := nameserver(t, raw(func(q *dns.Msg) []byte {
		m := new(dns.Msg).SetReply(q)
		if q.Question[0].Qtype == dns.TypeA {
			m.Answer = rrs(t, name+". 60 IN A 192.0.2.1", name+". 60 IN A 192.0.2.2", name+". 60 IN A 192.0.2.1")
		}
		return packed(t, m)
	}))
	if got := asking(ns).Resolve(t.Context(), name); len(got.Addrs) != 2 {
		t.Errorf("got %v", got.Addrs)
	}
}

func TestResolve_anAliasThatLeadsNowhereIsShown(t *testing.T) {
	ns := nameserver(t, records(t, name+". 60 IN CNAME gone.vpce.example."))
	got := asking(ns).Resolve(t.Context(), name)
	if d := cmp.Diff([]string{"gone.vpce.example"}, got.CNAMEs); d != "" || got.Outcome != flow.DNSNoData {
		t.Errorf("got %+v %s", got, d)
	}
}

func TestResolve_theEndOfTheContextEndsASilentLookup(t *testing.T) {
	ownClock(t, func(t *testing.T) {
		deadline, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		got := resolveWith(deadline, silent)
		if got.Outcome != flow.DNSTimeout || got.Err != "no response from "+inMemoryServer.String() || got.Nameserver.IsValid() {
			t.Errorf("deadline: got %s %q", got.Outcome, got.Err)
		}
		if len(got.Queries) != 2 || got.Queries[0].RCode != "" || got.Queries[0].Took != time.Second || got.Took != time.Second {
			t.Errorf("deadline: got %+v", got)
		}
	})
	ownClock(t, func(t *testing.T) {
		ctx, leave := context.WithCancelCause(t.Context())
		asked := make(chan struct{}, 9)
		dial := inMemory(silent)
		r := New(Config{Nameservers: []netip.AddrPort{inMemoryServer}, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			asked <- struct{}{}
			return dial(ctx, network, address)
		}})
		go func() { <-asked; <-asked; leave(nil) }()
		if got := r.Resolve(ctx, name); got.Outcome != flow.DNSError || got.Err != "canceled" || got.Took > time.Millisecond {
			t.Errorf("cancel: got %+v", got)
		}
		ctx, leave = context.WithCancelCause(t.Context())
		leave(errors.New("the client left"))
		if got := r.Resolve(ctx, name); got.Outcome != flow.DNSError || got.Err != "canceled: the client left" {
			t.Errorf("cancel for a reason: got %s %q", got.Outcome, got.Err)
		}
	})
}

func TestResolve_anUnreachableNameserverIsNotATimeout(t *testing.T) {
	host := "127.0.0.1"
	if runtime.GOOS == "linux" {
		host = "127.0.87.3" // not that of tests of other packages, which may run at the same time
	}
	pc, err := net.ListenPacket("udp", host+":0") // a port on which then nobody listens
	if err != nil {
		t.Fatal(err)
	}
	pc.Close()
	closed := netip.MustParseAddrPort(pc.LocalAddr().String())
	if runtime.GOOS == "windows" {
		t.Skip("net has Windows keep to itself that a port is closed (SIO_UDP_CONNRESET)")
	}
	got := asking(closed).Resolve(t.Context(), name)
	if got.Outcome != flow.DNSError || got.Err != closed.String()+": connection refused" || got.Nameserver.IsValid() || len(got.Queries) == 0 || got.Queries[0].RCode != "" {
		t.Errorf("closed port: got %+v", got)
	}
	r := New(Config{Nameservers: []netip.AddrPort{closed}, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no way there")
	}})
	if got := r.Resolve(t.Context(), name); got.Outcome != flow.DNSError || got.Err != closed.String()+": no way there" || len(got.Queries) != 0 {
		t.Errorf("no way: got %+v", got)
	}
}

func TestResolve_goesOnToTheNextNameserver(t *testing.T) {
	good := nameserver(t, records(t, name+". 60 IN A 10.0.1.24"))
	var all []netip.AddrPort
	for range 6 { // more than the system's configuration would try
		all = append(all, nameserver(t, coded(dns.RcodeServerFailure)))
	}
	got := asking(append(all, good)...).Resolve(t.Context(), name)
	if got.Outcome != flow.DNSOK || got.Nameserver != good || got.Queries[0].Server != all[0] {
		t.Errorf("got %+v", got)
	}
	none := nameserver(t, records(t))
	if got = asking(all[0], none).Resolve(t.Context(), name); got.Outcome != flow.DNSNXDomain || got.Nameserver != none {
		t.Errorf("got %s from %v, want nxdomain from the second, %v", got.Outcome, got.Nameserver, none)
	}
	asked := 0
	for _, q := range asking(none, good).Resolve(t.Context(), name).Queries {
		if asked++; q.Server != none {
			t.Errorf("NXDOMAIN is an answer, but %v was asked as well", q.Server)
		}
	}
	if asked != 2 {
		t.Errorf("%d queries, want 2", asked)
	}
}

func TestResolve_truncatedAnswersAreAskedForAgainOverTCP(t *testing.T) {
	first := nameserver(t, byProto(truncated, records(t, name+". 60 IN A 10.0.1.24")))
	second := nameserver(t, coded(dns.RcodeRefused))
	got := asking(first, second).Resolve(t.Context(), name)
	if got.Outcome != flow.DNSOK || got.Nameserver != first || len(got.Addrs) != 1 || got.TTL != time.Minute {
		t.Fatalf("got %+v", got)
	}
	count := map[string]int{}
	for _, q := range got.Queries {
		count[fmt.Sprintf("%s truncated=%t first=%t", q.Proto, q.Truncated, q.Server == first)]++
	}
	if d := cmp.Diff(map[string]int{"udp truncated=true first=true": 2, "tcp truncated=false first=true": 2}, count); d != "" {
		t.Error(d)
	}
}

func TestResolve_aTruncatedAnswerAloneIsNone(t *testing.T) {
	ns := nameserver(t, byProto(truncated, silent))
	r := New(Config{Nameservers: []netip.AddrPort{ns}, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		if network == "tcp" {
			return nil, errors.New("blocked")
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}})
	got := r.Resolve(t.Context(), name)
	if got.Outcome != flow.DNSError || got.Err != "the answer was truncated, and the query over TCP failed" {
		t.Errorf("TCP blocked: got %s %q", got.Outcome, got.Err)
	}
	ownClock(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		got := resolveWith(ctx, byProto(truncated, silent))
		if got.Outcome != flow.DNSTimeout || got.Err != "no response from "+inMemoryServer.String()+" over TCP" {
			t.Errorf("TCP silent: got %s %q", got.Outcome, got.Err)
		}
	})
}

func TestResolve_forgedAnswersAreIgnored(t *testing.T) {
	answer := func(w dns.ResponseWriter, q *dns.Msg) {
		forged := new(dns.Msg).SetRcode(q, dns.RcodeNameError)
		forged.Id++
		_ = w.WriteMsg(forged)
		other := new(dns.Msg).SetRcode(q, dns.RcodeNameError)
		other.Question[0].Name = "other.example."
		_ = w.WriteMsg(other)
		_, _ = w.Write([]byte("nonsense"))
		records(t, name+". 60 IN A 10.0.1.24")(w, q)
	}
	ownClock(t, func(t *testing.T) {
		got := resolveWith(t.Context(), answer)
		if got.Outcome != flow.DNSOK || len(got.Addrs) != 1 {
			t.Errorf("got %+v", got)
		}
		for _, q := range got.Queries {
			if q.RCode != "NOERROR" {
				t.Errorf("query %+v", q)
			}
		}
	})
}

func TestResolve_withoutANameserver(t *testing.T) {
	r := New(Config{
		Map: map[string][]netip.Addr{"Logs.AP-northeast-1.amazonaws.com": {netip.MustParseAddr("::ffff:10.9.9.9")}},
		Dial: func(context.Context, string, string) (net.Conn, error) {
			t.Error("somebody was asked")
			return nil, net.ErrClosed
		},
	})
	for _, tc := range []struct {
		host, name, addr string
		source           flow.DNSSource
	}{
		{"10.0.1.24", "10.0.1.24", "10.0.1.24", flow.SourceLiteral},
		{"10.0.1.24.", "10.0.1.24", "10.0.1.24", flow.SourceLiteral},
		{"[FD00::1]", "fd00::1", "fd00::1", flow.SourceLiteral},
		{"fe80::1%Eth0", "fe80::1%eth0", "fe80::1%Eth0", flow.SourceLiteral},
		{"::ffff:10.0.0.1", "::ffff:10.0.0.1", "10.0.0.1", flow.SourceLiteral},
		{name, name, "10.9.9.9", flow.SourceMap},
		{"LOGS.ap-northeast-1.amazonaws.com.", name, "10.9.9.9", flow.SourceMap},
	} {
		got := r.Resolve(t.Context(), tc.host)
		if got.Source != tc.source || got.Outcome != flow.DNSOK || got.Name != tc.name || got.Took != 0 ||
			cmp.Diff([]string{tc.addr}, texts(got.Addrs)) != "" {
			t.Errorf("%s: got %+v", tc.host, got)
		}
	}
	for _, host := range []string{"", "a..b", "white space", "hidden.onion"} {
		if got := r.Resolve(t.Context(), host); got.Outcome == flow.DNSOK || got.Err == "" || len(got.Queries) != 0 {
			t.Errorf("%q: got %+v", host, got)
		}
	}
}

func TestResolve_theHostsFileIsNamed(t *testing.T) {
	if asksSystem(runtime.GOOS) {
		t.Skip("the system's resolver doesn't say")
	}
	got := New(Config{}).Resolve(t.Context(), "localhost")
	if got.Source != flow.SourceHosts || len(got.Queries) != 0 || len(got.Addrs) == 0 || got.Nameserver.IsValid() || got.Addrs[0].Is4In6() {
		t.Errorf("got %+v", got)
	}
}

func TestResolve_concurrentLookupsKeepTheirOwnPackets(t *testing.T) {
	ns := nameserver(t, func(w dns.ResponseWriter, q *dns.Msg) {
		records(t, q.Question[0].Name+" 60 IN A 10.0.1.24")(w, q)
	})
	r := asking(ns)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			host := []string{name, "monitoring.ap-northeast-1.amazonaws.com"}[i%2]
			got := r.Resolve(t.Context(), host)
			if got.Outcome != flow.DNSOK || len(got.Queries) != 2 {
				t.Errorf("got %+v", got)
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

func TestResolve_theSystemsWordIsTakenWhereOnlyItKnows(t *testing.T) {
	for want, err := range map[flow.DNSOutcome]error{
		flow.DNSOK:       nil,
		flow.DNSNXDomain: &net.DNSError{Err: "no such host", IsNotFound: true},
		flow.DNSTimeout:  &net.DNSError{Err: "timed out", IsTimeout: true},
		flow.DNSError:    errors.New("broken"),
	} {
		asked := ""
		r := New(Config{})
		r.system = func(_ context.Context, _, host string) ([]netip.Addr, error) {
			asked = host
			if err != nil {
				return nil, err
			}
			return []netip.Addr{netip.MustParseAddr("::ffff:10.0.1.24")}, nil
		}
		got := r.Resolve(t.Context(), "Logs.example.")
		if got.Outcome != want || got.Source != flow.SourceSystem || (got.Err == "") != (err == nil) || asked != "logs.example." {
			t.Errorf("%s: got %+v, asked for %s", want, got, asked)
		}
		if err == nil && got.Addrs[0].String() != "10.0.1.24" {
			t.Errorf("addresses %v", got.Addrs)
		}
	}
	r := New(Config{})
	r.system = func(ctx context.Context, _, _ string) ([]netip.Addr, error) { return nil, ctx.Err() }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := r.Resolve(ctx, name); got.Outcome != flow.DNSError || got.Err != "canceled" {
		t.Errorf("got %+v", got)
	}
	for goos, want := range map[string]bool{"linux": false, "freebsd": false, "darwin": true, "windows": true} {
		if got := asksSystem(goos); got != want {
			t.Errorf("%s: %v", goos, got)
		}
	}
}

func BenchmarkResolve(b *testing.B) {
	ns := nameserver(b, records(b, name+". 60 IN A 10.0.1.24"))
	b.Run("recorded", func(b *testing.B) {
		r := asking(ns)
		for b.Loop() {
			if r.Resolve(b.Context(), name).Outcome != flow.DNSOK {
				b.Fatal("failed")
			}
		}
	})
	b.Run("net.Resolver", func(b *testing.B) {
		plain := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, ns.String())
		}}
		for b.Loop() {
			if _, err := plain.LookupNetIP(b.Context(), "ip", name); err != nil {
				b.Fatal(err)
			}
		}
	})
}
