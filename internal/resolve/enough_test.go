package resolve

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"detour/internal/flow"
)

// ownClock runs a test with a clock of its own. The net package makes what all of its lookups use in
// the first one, which has to be outside.
func ownClock(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	first := net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errEnough }}
	_, _ = first.LookupHost(t.Context(), name)
	synctest.Test(t, test)
}

// inMemory dials a nameserver that is reached without the system's network: in a test with a clock of
// its own, an answer takes no time.
func inMemory(a answer) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		near, far := net.Pipe()
		if network == "udp" {
			near, far = datagrams{near}, datagrams{far}
		}
		go func() {
			defer far.Close()
			server := &dns.Conn{Conn: far}
			for {
				q, err := server.ReadMsg()
				if err != nil {
					return
				}
				a(inMemoryWriter{conn: server, network: network}, q)
			}
		}()
		return near, nil
	}
}

// datagrams is a pipe that counts as a net.PacketConn. A Read returns what a Write had, if it has
// room for it.
type datagrams struct{ net.Conn }

func (d datagrams) ReadFrom(b []byte) (int, net.Addr, error) {
	n, err := d.Read(b)
	return n, d.RemoteAddr(), err
}

func (d datagrams) WriteTo(b []byte, _ net.Addr) (int, error) { return d.Write(b) }

type inMemoryWriter struct {
	dns.ResponseWriter
	conn    *dns.Conn
	network string
}

func (w inMemoryWriter) RemoteAddr() net.Addr {
	if w.network == "udp" {
		return &net.UDPAddr{}
	}
	return &net.TCPAddr{}
}

func (w inMemoryWriter) Write(b []byte) (int, error) { return w.conn.Write(b) }

func (w inMemoryWriter) WriteMsg(m *dns.Msg) error { return w.conn.WriteMsg(m) }

var inMemoryServer = netip.MustParseAddrPort("10.0.0.2:53")

func askingInMemory(a answer) *Resolver {
	return New(Config{Nameservers: []netip.AddrPort{inMemoryServer}, Dial: inMemory(a)})
}

func resolveWith(ctx context.Context, a answer) *flow.Resolution {
	return askingInMemory(a).Resolve(ctx, name)
}

func TestResolve_usesIPv4AddressesWhenTheQueryForIPv6IsDropped(t *testing.T) {
	ownClock(t, func(t *testing.T) {
		res := resolveWith(t.Context(), byType(records(t, name+". 60 IN A 203.0.113.10"), silent))
		if res.Outcome != flow.DNSOK || len(res.Addrs) != 1 || res.Took != resolutionDelay {
			t.Errorf("%s %v after %v", res.Outcome, res.Addrs, res.Took)
		}
		var dropped []flow.DNSQuery
		for _, q := range res.Queries {
			if q.RCode == "" {
				dropped = append(dropped, q)
			}
		}
		if len(dropped) != 1 || dropped[0].Type != "AAAA" || dropped[0].Took != resolutionDelay {
			t.Errorf("unanswered: %+v", dropped)
		}
	})
}

func TestResolve_waitsForALateAnswerForIPv6(t *testing.T) {
	ownClock(t, func(t *testing.T) {
		const late = resolutionDelay - time.Millisecond
		v6 := records(t, name+". 60 IN AAAA 2001:db8::10")
		slow := func(w dns.ResponseWriter, q *dns.Msg) { time.Sleep(late); v6(w, q) }
		res := resolveWith(t.Context(), byType(records(t, name+". 60 IN A 203.0.113.10"), slow))
		if len(res.Addrs) != 2 || res.Took != late {
			t.Errorf("%v after %v", res.Addrs, res.Took)
		}
	})
}

func TestResolve_reportsAnAnswerWhileAnotherIsAwaited(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reports := make(chan *flow.Resolution, 10)
	ctx = WithProgress(ctx, func(r *flow.Resolution) { reports <- r; cancel() })
	resolveWith(ctx, byType(silent, records(t, name+". 60 IN A 203.0.113.10")))
	select {
	case r := <-reports:
		codes := make(map[string]string)
		for _, q := range r.Queries {
			codes[q.Type] = q.RCode
		}
		if r.Outcome != flow.DNSPending || r.Name != name || codes["AAAA"] != "NOERROR" || codes["A"] != "" {
			t.Errorf("%+v", r)
		}
	default:
		t.Error("nothing was reported")
	}
}

func TestResolve_reportsNothingWithoutAnAnswer(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	ctx = WithProgress(ctx, func(r *flow.Resolution) { t.Errorf("reported %+v", r) })
	resolveWith(ctx, silent)
}
