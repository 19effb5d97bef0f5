package resolve

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"detour/internal/flow"
)

// outside answers as the rest of the world hears it; over UDP it is truncated.
func outside(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	switch {
	case strings.HasPrefix(q.Question[0].Name, "nowhere."):
		m.Rcode = dns.RcodeNameError
	case strings.HasPrefix(q.Question[0].Name, "silent."):
		return
	case strings.HasPrefix(q.Question[0].Name, "large.") && q.Question[0].Qtype == dns.TypeA: // too large for UDP, and sent all the same
		for i := range 200 {
			rr, _ := dns.NewRR(fmt.Sprintf("%s 60 IN A 203.0.113.%d", q.Question[0].Name, i))
			m.Answer = append(m.Answer, rr)
		}
	case w.LocalAddr().Network() == "udp":
		m.Truncated = true
	case q.Question[0].Qtype == dns.TypeA:
		rr, _ := dns.NewRR(q.Question[0].Name + " 60 IN A 203.0.113.7")
		m.Answer = append(m.Answer, rr)
	}
	_ = w.WriteMsg(m)
}

func TestReference_overEachTransport(t *testing.T) {
	ns := nameserver(t, outside)
	doh := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		q := new(dns.Msg)
		if r.Header.Get("Content-Type") != "application/dns-message" || q.Unpack(b) != nil || q.Id != 0 {
			http.Error(w, "no question", http.StatusBadRequest)
			return
		}
		rec := &recorder{}
		outside(rec, q)
		out, _ := rec.m.Pack()
		_, _ = w.Write(out)
	}))
	doh.Config.ErrorLog = log.New(io.Discard, "", 0)
	doh.StartTLS()
	defer doh.Close()
	roots := x509.NewCertPool()
	roots.AddCert(doh.Certificate())
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: doh.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	serve(t, &dns.Server{Listener: l, Handler: dns.HandlerFunc(outside)})
	for _, where := range []string{ns.String(), "tcp://" + ns.String(), "tls://" + l.Addr().String(), doh.URL + "/dns-query"} {
		r, err := NewReference(where)
		if err != nil {
			t.Fatal(err)
		}
		if r.http != nil {
			r.http.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots}
		} else if r.dns.TLSConfig != nil {
			r.dns.TLSConfig.RootCAs = roots
		}
		got := r.Ask(t.Context(), "Logs.eu-west-1.amazonaws.com.")
		if got.Outcome != flow.DNSOK || len(got.Addrs) != 1 || got.Addrs[0].String() != "203.0.113.7" || got.Nameserver != where || got.Took <= 0 {
			t.Errorf("%s: %+v", where, got)
		}
		if got := r.Ask(t.Context(), "nowhere.example"); got.Outcome != flow.DNSNXDomain {
			t.Errorf("%s: %+v, want nxdomain", where, got)
		}
		if r.http != nil {
			r.http.CloseIdleConnections()
		}
	}
}

// recorder keeps what a handler answers.
type recorder struct {
	dns.ResponseWriter
	m *dns.Msg
}

func (r *recorder) WriteMsg(m *dns.Msg) error { r.m = m; return nil }
func (r *recorder) LocalAddr() net.Addr       { return &net.TCPAddr{} }

func TestReference_asksOverTCPIfAReplyOverUDPIsCutOff(t *testing.T) {
	r, err := NewReference("udp://" + nameserver(t, outside).String())
	if err != nil {
		t.Fatal(err)
	}
	q := new(dns.Msg).SetQuestion("large.example.", dns.TypeA)
	m, err := r.exchange(context.Background(), q)
	if err != nil || len(m.Answer) != 200 {
		t.Errorf("%v, %v, want 200 addresses", m, err)
	}
}

func TestReference_asksTheServerThatSplitDNSHasForAName(t *testing.T) {
	usual, err := NewReference(nameserver(t, silent).String())
	if err != nil {
		t.Fatal(err)
	}
	inside := nameserver(t, outside)
	r := usual.Split(func(host string) []netip.AddrPort {
		if host == "large.example" {
			return []netip.AddrPort{inside}
		}
		return nil
	}).HTTPSOnly()
	if got := r.Ask(t.Context(), "large.example"); got.Nameserver != inside.String() {
		t.Errorf("asked %+v", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if got := r.Ask(ctx, "other.example"); got.Nameserver != usual.String() {
		t.Errorf("asked %+v", got)
	}
}

func TestReference_aSilentOneIsATimeout(t *testing.T) {
	r, err := NewReference(nameserver(t, outside).String())
	if err != nil {
		t.Fatal(err)
	}
	r.dns.Timeout = 50 * time.Millisecond
	if got := r.Ask(t.Context(), "silent.example"); got.Outcome != flow.DNSTimeout || got.Err == "" {
		t.Errorf("got %+v", got)
	}
}

func TestNewReference_mistakes(t *testing.T) {
	for _, bad := range []string{"dns.example", "ftp://1.1.1.1", "https://", "1.1.1.1:x", "tls://dns.example"} {
		if _, err := NewReference(bad); err == nil {
			t.Errorf("%s passed", bad)
		}
	}
	for _, good := range []string{"1.1.1.1", "[2606:4700:4700::1111]:53", "2606:4700:4700::1111", "tls://9.9.9.9#dns.quad9.net", "https://dns.google/dns-query"} {
		if _, err := NewReference(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}
