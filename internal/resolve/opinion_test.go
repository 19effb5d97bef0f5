package resolve

import (
	"bytes"
	"context"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"

	"detour/internal/fault"
	"detour/internal/flow"
)

type askGate struct {
	asked atomic.Int32
	free  chan struct{}
}

func (a *askGate) Ask(_ context.Context, host string) *flow.Reference {
	a.asked.Add(1)
	<-a.free
	return &flow.Reference{Nameserver: "outside", Outcome: flow.DNSOK, Addrs: []netip.Addr{netip.MustParseAddr("203.0.113.7")}}
}

type oneAnswer struct{}

func (oneAnswer) Resolve(_ context.Context, host string) *flow.Resolution {
	return &flow.Resolution{Name: host, Outcome: flow.DNSOK, Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.23")}}
}

const awsHost = "logs.eu-west-1.amazonaws.com"

func isAWS(host string) bool { return strings.HasSuffix(host, ".amazonaws.com") }

func TestSecondOpinion_isAskedOnceAndForItsNamesOnly(t *testing.T) {
	a := &askGate{free: make(chan struct{})}
	r := NewSecondOpinion(oneAnswer{}, a, isAWS, AsReference, nil)
	for range 3 {
		if res := r.Resolve(t.Context(), awsHost); res.Reference != nil || len(res.Addrs) != 1 {
			t.Errorf("the lookup has %+v", res)
		}
	}
	secret := r.Resolve(t.Context(), "payroll.corp.example")
	c := &flow.Conn{ID: 1, Resolution: r.Resolve(t.Context(), awsHost)}
	if r.Annotate(c) != c {
		t.Error("something was added before the reference answered")
	}
	close(a.free)
	r.pending.Wait()
	got := r.Annotate(c)
	if got.Resolution.Verdict() != flow.VerdictPrivate || c.Resolution.Reference != nil {
		t.Errorf("added %+v; the connection itself has %+v", got.Resolution, c.Resolution.Reference)
	}
	if n := a.asked.Load(); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
	if other := (&flow.Conn{Resolution: secret}); r.Annotate(other) != other {
		t.Error("a name that isn't AWS's was told to the reference")
	}
	r.Close()
}

func TestLimit_asksForItsNamesOnly(t *testing.T) {
	a := &askGate{free: make(chan struct{})}
	close(a.free)
	r := Limit(a, isAWS)
	if answer := r.Ask(t.Context(), "payroll.corp.example"); answer != nil || a.asked.Load() != 0 {
		t.Errorf("it oneAnswer %+v, asked %d times", answer, a.asked.Load())
	}
	if answer := r.Ask(t.Context(), awsHost); answer == nil || a.asked.Load() != 1 {
		t.Errorf("for an AWS name it oneAnswer %+v, asked %d times", answer, a.asked.Load())
	}
}

func TestAnnotation_theWireExplainsTheSystemsAnswerAndAddsHTTPSRecords(t *testing.T) {
	answer := &flow.Reference{Outcome: flow.DNSOK, Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.23"), netip.MustParseAddr("10.0.2.23")}, HTTPS: []string{"1 . alpn=h2"}}
	for name, v := range map[string]struct {
		r     flow.Resolution
		as    Annotation
		added bool
		want  flow.Explanation
	}{
		"the system's, a part": {flow.Resolution{Outcome: flow.DNSOK, Source: flow.SourceSystem, Addrs: answer.Addrs[:1]}, AsWire, true, flow.ExplainedSubset},
		"the system's, all":    {flow.Resolution{Outcome: flow.DNSOK, Source: flow.SourceSystem, Addrs: answer.Addrs}, AsWire, true, flow.ExplainedSame},
		"the system's, others": {flow.Resolution{Outcome: flow.DNSOK, Source: flow.SourceSystem, Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}, AsWire, true, flow.ExplainedDifferent},
		"the system has none":  {flow.Resolution{Outcome: flow.DNSNXDomain, Source: flow.SourceSystem}, AsWire, true, flow.ExplainedDifferent},
		"the wire's own":       {flow.Resolution{Outcome: flow.DNSOK, Source: flow.SourceDNS, Addrs: answer.Addrs}, AsWire, false, ""},
		"HTTPS records":        {flow.Resolution{Outcome: flow.DNSOK, Source: flow.SourceDNS, Addrs: answer.Addrs}, AsHTTPS, true, ""},
	} {
		r, added := v.as(v.r, answer)
		if !added {
			r = v.r // as it was
		}
		if added != v.added || r.Explained() != v.want || added != (r.HTTPS != nil) {
			t.Errorf("%s: added %v, %q, HTTPS %q; want %v, %q", name, added, r.Explained(), r.HTTPS, v.added, v.want)
		}
		if _, again := v.as(r, answer); again {
			t.Errorf("%s: the same answer is added again", name)
		}
	}
}

// TestSecondOpinion_isReplaced: what the one before answers later isn't used.
func TestSecondOpinion_isReplaced(t *testing.T) {
	r := NewSecondOpinion(oneAnswer{}, nil, isAWS, AsReference, nil)
	defer r.Close()
	conn := func() *flow.Conn { return &flow.Conn{ID: 1, Resolution: r.Resolve(t.Context(), awsHost)} }
	if c := conn(); r.Annotate(c) != c {
		t.Error("nobody is asked, and somebody answered")
	}
	slow, quick := &askGate{free: make(chan struct{})}, &askGate{free: make(chan struct{})}
	close(quick.free)
	r.Replace(slow)
	conn()
	r.Replace(quick)
	conn()
	close(slow.free)
	r.pending.Wait()
	if got := r.Annotate(conn()); got.Resolution.Reference == nil || slow.asked.Load() != 1 || quick.asked.Load() != 1 {
		t.Errorf("%+v, asked %d and %d times", got.Resolution, slow.asked.Load(), quick.asked.Load())
	}
	r.Replace(nil)
	if c := conn(); r.Annotate(c) != c {
		t.Error("the answer of one who isn't asked any more is added")
	}
}

func TestSecondOpinion_ignoresTheAnswerOfOneWhoWasReplaced(t *testing.T) {
	slow := &askGate{free: make(chan struct{})}
	r := NewSecondOpinion(oneAnswer{}, slow, isAWS, AsReference, nil)
	defer r.Close()
	c := &flow.Conn{ID: 1, Resolution: r.Resolve(t.Context(), awsHost)}
	r.Replace(nil)
	close(slow.free)
	r.pending.Wait()
	if r.Annotate(c) != c {
		t.Error("it is added")
	}
}

func TestSecondOpinion_asksNobodyOnceItIsClosed(t *testing.T) {
	asker := &askGate{free: make(chan struct{})}
	close(asker.free)
	r := NewSecondOpinion(oneAnswer{}, asker, isAWS, AsReference, nil)
	r.Close()
	if res := r.Resolve(t.Context(), awsHost); res == nil {
		t.Error("no lookup")
	}
	r.pending.Wait()
	if n := asker.asked.Load(); n != 0 {
		t.Errorf("asked %d times", n)
	}
}

// A panic of an asker, which reads what a stranger has sent, is reported, and ends nothing but the opinion.
func TestSecondOpinion_aPanicIsReported(t *testing.T) {
	var log bytes.Buffer
	r := NewSecondOpinion(oneAnswer{}, askFunc(func(ctx context.Context, host string) *flow.Reference {
		x := &Reference{kinds: []uint16{dns.TypeA, dns.TypeAAAA}, exchange: func(_ context.Context, q *dns.Msg) (*dns.Msg, error) {
			if q.Question[0].Qtype == dns.TypeAAAA {
				panic("a fault")
			}
			return new(dns.Msg).SetReply(q), nil
		}}
		return x.Ask(ctx, host)
	}), isAWS, AsReference, fault.NewGuard(slog.New(slog.NewTextHandler(&log, nil)), nil))
	c := &flow.Conn{ID: 1, Resolution: r.Resolve(t.Context(), awsHost)}
	r.pending.Wait()
	if r.Annotate(c) != c || !strings.Contains(log.String(), "a fault") {
		t.Errorf("log %q", log.String())
	}
	r.Close()
}

type askFunc func(ctx context.Context, host string) *flow.Reference

func (f askFunc) Ask(ctx context.Context, host string) *flow.Reference { return f(ctx, host) }
