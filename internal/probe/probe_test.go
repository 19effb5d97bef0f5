package probe

import (
	"context"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/connlistener"
	"detour/internal/dial"
	"detour/internal/errno"
	"detour/internal/flow"
	"detour/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// resolves gives every name the same addresses.
type resolves []string

func (r resolves) Resolve(_ context.Context, host string) *flow.Resolution {
	out := &flow.Resolution{
		Name: host, Outcome: flow.DNSOK, Source: flow.SourceDNS, Nameserver: netip.MustParseAddrPort("10.0.0.2:53"),
		CNAMEs: []string{"alias.example"}, TTL: time.Minute, Took: time.Millisecond,
	}
	for _, s := range r {
		out.Addrs = append(out.Addrs, netip.MustParseAddr(s))
	}
	if len(r) == 0 {
		out.Outcome, out.Err = flow.DNSNXDomain, "no such name in zone amazonaws.com"
	}
	return out
}

// probing is a Prober of a network in which 10.0.1.x is silent, 10.0.2.x refuses
// and all else is the server. Call it in a bubble (testing/synctest): the network is in memory.
func probing(t *testing.T, r resolves, h http.Handler, tries int) *Prober {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	_ = s.Listener.Close()
	l := connlistener.New()
	s.Listener = l
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return New(Config{Resolver: r, Tries: tries, Dial: dial.Config{
		RootCAs: roots, Timeout: 300 * time.Millisecond,
		Connect: func(ctx context.Context, a netip.AddrPort, observe dial.Observe) (net.Conn, error) {
			observe(netip.MustParseAddrPort("172.16.8.5:50000"), &flow.KernelTCP{SYNRetransmits: 2})
			switch {
			case strings.HasPrefix(a.String(), "10.0.1."):
				<-ctx.Done()
				return nil, ctx.Err()
			case strings.HasPrefix(a.String(), "10.0.2."):
				return nil, errno.ConnRefused
			}
			near, far := net.Pipe()
			if !l.Give(far) {
				return nil, net.ErrClosed
			}
			return near, nil
		},
	}})
}

func TestProbe_triesEveryAddressToTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := probing(t, resolves{"203.0.113.1", "10.0.1.1", "10.0.2.1", "203.0.113.2"},
			http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "" || r.Host != "example.com" {
					t.Errorf("asked %s with %v", r.Host, r.Header)
				}
				w.Header().Set("Server", "AmazonS3")
				w.Header().Set("X-Amzn-Requestid", "req-1")
				w.WriteHeader(http.StatusNotFound)
			}), 2)
		r := p.Probe(t.Context(), "example.com:443")
		if len(r.Tries) != 8 || len(r.Flow.Conn.Attempts) != 8 {
			t.Fatalf("%d tries, %d attempts, want two of each address", len(r.Tries), len(r.Flow.Conn.Attempts))
		}
		var got []string
		ids := make(map[flow.ID]bool)
		for _, x := range r.Tries {
			got = append(got, string(x.Conn.Attempts[0].Outcome))
			ids[x.Conn.ID] = true
		}
		if s := strings.Join(got, " "); s != "connected connected timeout timeout refused refused connected connected" || len(ids) != 8 {
			t.Errorf("outcomes %s over %d connections", s, len(ids))
		}
		f := r.Flow
		if f.Response == nil || f.Response.Status != 404 || f.Failure != nil || f.Conn.TLS == nil || !f.Final() {
			t.Errorf("flow %+v, failure %+v", f.Response, f.Failure)
		}
		text := Text(r)
		for _, want := range []string{
			"public 203.0.113.1 203.0.113.2, private 10.0.1.1 10.0.2.1 (TTL 60 s) from 10.0.0.2:53", "→ alias.example",
			"10.0.1.1:443 private TIMEOUT after", "3 SYNs, from 172.16.8.5", "10.0.2.1:443 private REFUSED", "404 in",
			"Server: AmazonS3, request ID req-1",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the text lacks %q:\n%s", want, text)
			}
		}
	})
}

func TestProbe_aNameWithoutAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := probing(t, nil, http.NotFoundHandler(), 1).Probe(t.Context(), "example.com:443")
		if r.Flow.Failure == nil || r.Flow.Failure.Stage != flow.StageDNS || len(r.Tries) != 0 {
			t.Errorf("failure %+v", r.Flow.Failure)
		}
		if text := Text(r); !strings.Contains(text, "nxdomain: no such name in zone amazonaws.com from 10.0.0.2:53") {
			t.Errorf("the text is\n%s", text)
		}
	})
}

func TestProbe_whatTheServerSaysCannotMoveTheCursor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := probing(t, resolves{"203.0.113.1"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Server", "x\u202e\u009b2J")
		}), 1)
		text := Text(p.Probe(t.Context(), "example.com:443"))
		if strings.ContainsAny(text, "\u202e\u009b\x1b") || !strings.Contains(text, "Server: x") {
			t.Errorf("got %q", text)
		}
	})
}

func TestProbe_aServerThatIsSilentAfterTheHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan struct{})
		p := probing(t, resolves{"203.0.113.1"}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }), 1)
		t.Cleanup(func() { close(done) })
		p.cfg.Answer = 50 * time.Millisecond
		r := p.Probe(t.Context(), "example.com:443")
		if r.Flow.Failure == nil || r.Flow.Failure.Stage != flow.StageWait || !strings.Contains(Text(r), "HTTP  no response") {
			t.Errorf("failure %+v\n%s", r.Flow.Failure, Text(r))
		}
	})
}

func TestProbe_endsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := probing(t, resolves{"10.0.1.1"}, http.NotFoundHandler(), 100)
		p.cfg.Dial.Timeout = time.Minute
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if r := p.Probe(ctx, "example.com:443"); len(r.Tries) != 1 {
			t.Errorf("%d tries", len(r.Tries))
		}
	})
}

// TestLater_saysWhatNoAttemptSays: a name without an address, and what follows a connect.
func TestLater_saysWhatNoAttemptSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		none := probing(t, nil, http.NotFoundHandler(), 1).Probe(t.Context(), "example.com:443")
		if l := none.Later(); len(l) != 1 || l[0].DNS != flow.DNSNXDomain || l[0].Stage != flow.StageDNS || l[0].Addr.IsValid() || l[0].Answered() {
			t.Errorf("without an address: %+v", l)
		}
		if h := none.HostCheck("example.com:443"); h.Works || len(h.Addresses) != 0 || len(h.DNS) != 1 || h.DNS[0].Outcome != flow.DNSNXDomain {
			t.Errorf("without an address: %+v", h)
		}
		p := probing(t, resolves{"203.0.113.1", "10.0.1.1"}, http.NotFoundHandler(), 2)
		some := p.Probe(t.Context(), "example.com:443")
		l := some.Later()
		if len(l) != 4 || !l[0].Answered() || l[0].Status != 404 || l[2].Stage != flow.StageDial || l[2].Outcome != flow.DialTimeout {
			t.Errorf("of two addresses: %+v", l)
		}
		h := some.HostCheck("example.com:443")
		if answer, all := h.Count(); answer != 1 || all != 2 || h.Works || h.Addresses[0].InRow != 2 || h.Addresses[1].Tries != 2 || h.Addresses[1].Failed.IsZero() {
			t.Errorf("of two addresses: %+v", h)
		}
		p.cfg.Dial.RootCAs = x509.NewCertPool()
		if l := p.Probe(t.Context(), "example.com:443").Later(); l[0].Outcome != flow.DialConnected || l[0].Stage != flow.StageTLS || l[0].Answered() {
			t.Errorf("with a certificate that isn't trusted: %+v", l[0])
		}
		r := p.Lookup(t.Context(), "example.com:443")
		if l := p.Test(t.Context(), "example.com:443", r, r.Addrs[1]); l.Addr.String() != "10.0.1.1:443" || l.Outcome != flow.DialTimeout {
			t.Errorf("one address: %+v", l)
		}
	})
}
