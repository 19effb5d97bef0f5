package proxy

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"detour/internal/flow"
)

// hangingLookup answers when its context ends, as a resolver whose nameserver is silent does.
type hangingLookup struct{}

func (hangingLookup) Resolve(ctx context.Context, host string) *flow.Resolution {
	r := &flow.Resolution{Name: host, Source: flow.SourceDNS, Start: time.Now()}
	<-ctx.Done()
	r.Outcome, r.Took, r.Err = flow.DNSError, time.Since(r.Start), "canceled"
	return r
}

// deafLookup doesn't even notice that its context ends.
type deafLookup struct{ end <-chan struct{} }

func (d deafLookup) Resolve(_ context.Context, host string) *flow.Resolution {
	<-d.end
	return &flow.Resolution{Name: host, Outcome: flow.DNSTimeout, Source: flow.SourceDNS, Start: time.Now(), Took: 1}
}

func hang(ctx context.Context, _ netip.AddrPort, _ func(netip.AddrPort, *flow.KernelTCP)) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func resolveTwo(host string) *flow.Resolution {
	r := resolveFixed(host)
	r.Addrs = append(r.Addrs, netip.MustParseAddr("203.0.113.2"))
	return r
}

// connectSilent connects to somebody who never says anything.
func connectSilent(context.Context, netip.AddrPort, func(netip.AddrPort, *flow.KernelTCP)) (net.Conn, error) {
	near, far := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, far) }()
	return near, nil
}

// A stage is where an exchange is when it ends.
type stage struct {
	setup   setup
	handler http.HandlerFunc
	reached func(f *flow.Flow) bool
	tunnels bool // a tunnel has this stage, too
}

func waitForClient(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func stages(deaf <-chan struct{}) map[string]stage {
	two := func(f *flow.Flow) bool { return f.Conn != nil && len(f.Conn.Attempts) == 2 }
	state := func(s flow.State) func(*flow.Flow) bool { return func(f *flow.Flow) bool { return f.State == s } }
	return map[string]stage{
		"resolving":                {setup{lookup: hangingLookup{}}, nil, state(flow.StateResolving), true},
		"resolving, and deaf":      {setup{lookup: deafLookup{deaf}}, nil, state(flow.StateResolving), false},
		"connecting":               {setup{connect: hang}, nil, state(flow.StateConnecting), true},
		"connecting to two":        {setup{connect: hang, resolver: resolveTwo}, nil, two, true},
		"handshaking":              {setup{connect: connectSilent}, nil, state(flow.StateHandshaking), false},
		"waiting for the response": {setup{}, waitForClient, state(flow.StateWaiting), false},
		"receiving": {setup{}, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "0123456789")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
			panic(http.ErrAbortHandler) // or the end of the body may come before that of the connection
		}, func(f *flow.Flow) bool { return f.Response != nil && f.Response.BodySize == 10 }, false},
	}
}

// However an exchange ends, its final revision has no pending outcome and no duration of 0,
// and no revision follows.
func TestSettle_aFinalFlowHasNoPendingOutcome(t *testing.T) {
	const lasted = 100 * time.Millisecond
	deaf := make(chan struct{})
	t.Cleanup(func() { close(deaf) })
	for name, s := range stages(deaf) {
		for ending, wants := range map[string]string{
			"the client leaves": "the client canceled the request", "the run ends": errStopped.Error(),
		} {
			for _, kind := range []string{"h1", "h2", "tunnel"} {
				if kind == "tunnel" && !s.tunnels {
					continue
				}
				t.Run(name+", "+kind+", "+ending, func(t *testing.T) {
					t.Parallel()
					b := newFixture(t, s.setup, s.handler)
					ctx, leave := context.WithCancel(t.Context())
					defer leave()
					go b.request(ctx, t, kind)
					reached := b.sink.wait(t, 1, func(f flow.Flow) bool { return s.reached(&f) })[0]
					time.Sleep(time.Until(reached.Times.Start.Add(lasted))) // a duration to be recorded
					if ending == "the run ends" {
						at, cancel := context.WithTimeout(t.Context(), time.Millisecond)
						defer cancel()
						_ = b.proxy.Shutdown(at)
					} else {
						leave()
					}
					f := b.sink.finals(t, 1)[0]
					checkSettled(t, &f)
					if f.Failure == nil || f.Failure.Stage != flow.StageClient || f.Failure.Message != wants {
						t.Fatalf("failure %+v, want %q", f.Failure, wants)
					}
					if stopped := ending == "the run ends"; stopped != (f.Failure.Kind == flow.KindPending) {
						t.Errorf("kind %q", f.Failure.Kind)
					}
					if f.Elapsed(f.Times.Done) < lasted/2 {
						t.Errorf("lasted %v", f.Elapsed(f.Times.Done))
					}
				})
			}
		}
	}
}

// request sends a request that nobody answers, and leaves when ctx ends.
func (b *fixture) request(ctx context.Context, t *testing.T, kind string) {
	if kind == "tunnel" {
		c, err := net.Dial("tcp", b.addr)
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.WriteString(c, "CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n")
		<-ctx.Done()
		return
	}
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://example.com/", nil)
	if resp, err := b.client(t, kind == "h2").Do(req); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}

func checkSettled(t *testing.T, f *flow.Flow) {
	t.Helper()
	for _, c := range append([]*flow.Conn{f.Conn}, f.Unused...) {
		if c == nil {
			t.Error("no connection")
			continue
		}
		if r := c.Resolution; r == nil || r.Outcome == flow.DNSPending || r.Took <= 0 {
			t.Errorf("resolution %+v", r)
		}
		for _, a := range c.Attempts {
			if a.Outcome == flow.DialPending || a.Took <= 0 || a.Outcome == flow.DialCanceled && a.Err == "" {
				t.Errorf("attempt %+v", a)
			}
		}
		if i := c.TLS; i != nil && (i.Outcome == flow.TLSPending || i.Took <= 0) {
			t.Errorf("handshake %+v", i)
		}
	}
}
