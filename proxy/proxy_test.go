package proxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"detour/internal/dial"
	"detour/internal/errno"
	"detour/internal/flow"
)

func TestExchange_isForwardedUnchangedAndRecorded(t *testing.T) {
	matrix(t, func(t *testing.T, client, server bool) {
		b := newFixture(t, setup{h2: server}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if ua, ok := r.Header["User-Agent"]; ok && ua[0] != "tester" {
				t.Errorf("User-Agent %q", ua)
			}
			for _, added := range []string{"X-Forwarded-For", "Via", "Accept-Encoding", "Proxy-Connection"} {
				if v := r.Header.Get(added); v != "" {
					t.Errorf("%s: %s was added", added, v)
				}
			}
			w.Header().Set("X-Uri", r.RequestURI)
			w.Header().Set("Content-Length", fmt.Sprint(len(body)+2))
			_, _ = w.Write(append([]byte("<>"), body...))
		}))
		const url = "https://example.com/a%2Fb//c%20d?x=1&&y=%zz"
		req, _ := http.NewRequestWithContext(t.Context(), "POST", url, strings.NewReader("hello"))
		req.Header.Set("User-Agent", "tester")
		resp, err := b.client(t, client).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(got) != "<>hello" || resp.ContentLength != 7 || (resp.ProtoMajor == 2) != client {
			t.Errorf("got %q, length %d, %s", got, resp.ContentLength, resp.Proto)
		}
		if uri := resp.Header.Get("X-Uri"); uri != "/a%2Fb//c%20d?x=1&&y=%zz" {
			t.Errorf("the server saw %s", uri)
		}
		f := b.sink.finals(t, 1)[0]
		if f.Failure != nil || f.Response == nil || f.Response.Status != 200 {
			t.Fatalf("failure %v response %v", f.Failure, f.Response)
		}
		if f.Request.BodySize != 5 || f.Response.BodySize != 7 {
			t.Errorf("sizes %d and %d, want 5 and 7", f.Request.BodySize, f.Response.BodySize)
		}
		if f.Request.URL != url {
			t.Errorf("URL %s", f.Request.URL)
		}
		if (f.Response.Proto == "HTTP/2.0") != server || f.Conn.TLS.Outcome != flow.TLSOK || f.Conn.Winner() == nil {
			t.Errorf("proto %s, TLS %+v, winner %v", f.Response.Proto, f.Conn.TLS, f.Conn.Winner())
		}
		if tm := f.Timings(); tm.Connect <= 0 || tm.SSL <= 0 || tm.SSL > tm.Connect || tm.DNS != time.Millisecond || tm.Wait < 0 {
			t.Errorf("timings %+v", tm)
		}
	})
}

func TestExchange_connectionCloseConcernsTheClientOnly(t *testing.T) {
	b := newFixture(t, setup{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Close {
			t.Error("the server was asked to close")
		}
	}))
	c := b.client(t, false)
	c.Transport.(*http.Transport).DisableKeepAlives = true
	for range 2 {
		get(t, c, "https://example.com/")
	}
	if fs := b.sink.finals(t, 2); !fs[1].Reused {
		t.Error("the second request made a new connection")
	}
}

func TestExchange_aReusedConnectionHasNoDialTimes(t *testing.T) {
	b := newFixture(t, setup{h2: true}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	c := b.client(t, true)
	for range 2 {
		get(t, c, "https://example.com/")
	}
	fs := b.sink.finals(t, 2)
	if fs[0].Reused || !fs[1].Reused || fs[0].Conn.ID != fs[1].Conn.ID {
		t.Errorf("reused %v %v on connections %d %d", fs[0].Reused, fs[1].Reused, fs[0].Conn.ID, fs[1].Conn.ID)
	}
	if tm := fs[1].Timings(); tm.DNS != flow.NotApplicable || tm.Connect != flow.NotApplicable || tm.SSL != flow.NotApplicable {
		t.Errorf("the second flow claims a dial: %+v", tm)
	}
}

func get(tb testing.TB, c *http.Client, url string) *http.Response {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), "GET", url, nil)
	if err != nil {
		tb.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		tb.Fatal(err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(b))
	return resp
}

// dropSYNs is a Connect on a network that drops every SYN.
func dropSYNs(ctx context.Context, _ netip.AddrPort, observe dial.Observe) (net.Conn, error) {
	observe(netip.MustParseAddrPort("172.16.8.5:50000"), &flow.KernelTCP{SYNRetransmits: 2})
	<-ctx.Done()
	return nil, context.Cause(ctx)
}

func TestExchange_aDroppedSYNIsANetworkFailureToThePageAndRecorded(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		const timeout = 150 * time.Millisecond
		b := newFixture(t, setup{connect: dropSYNs, timeout: timeout}, http.NotFoundHandler())
		begin := time.Now()
		resp := get(t, b.client(t, h2), "https://example.com/")
		if took := time.Since(begin); took < timeout {
			t.Errorf("the page saw the failure after %v, before the connect timeout", took)
		}
		if resp.StatusCode != http.StatusGatewayTimeout || resp.Header.Get("Proxy-Status") != "detour; error=connection_timeout" {
			t.Errorf("status %d, Proxy-Status %q", resp.StatusCode, resp.Header.Get("Proxy-Status"))
		}
		for name := range resp.Header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s makes our response readable to the page", name)
			}
		}
		f := b.sink.finals(t, 1)[0]
		if f.Response != nil || f.Failure == nil || f.Failure.Stage != flow.StageDial {
			t.Fatalf("response %v failure %+v", f.Response, f.Failure)
		}
		a := f.Conn.Attempts[0]
		if a.Outcome != flow.DialTimeout || a.Took < timeout || a.Local.Port() != 50000 || a.Kernel.SYNRetransmits != 2 {
			t.Errorf("attempt %+v", a)
		}
	}
}

func TestExchange_isPublishedWhileItConnects(t *testing.T) {
	b := newFixture(t, setup{connect: dropSYNs}, http.NotFoundHandler())
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		req, _ := http.NewRequestWithContext(ctx, "GET", "https://example.com/", nil)
		if resp, err := b.client(t, true).Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	f := b.sink.wait(t, 1, func(f flow.Flow) bool { return f.State == flow.StateConnecting && len(f.Conn.Attempts) == 1 })[0]
	if f.Final() || f.Conn.Attempts[0].Outcome != flow.DialPending {
		t.Errorf("state %s attempt %+v", f.State, f.Conn.Attempts[0])
	}
	cancel() // the tab is closed
	<-done
	f = b.sink.finals(t, 1)[0]
	if f.Failure == nil || f.Failure.Stage != flow.StageClient {
		t.Errorf("failure %+v, want the client's", f.Failure)
	}
}

func TestExchange_failuresHaveTheirStage(t *testing.T) {
	refuse := func(context.Context, netip.AddrPort, dial.Observe) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: errno.ConnRefused}
	}
	nxdomain := func(host string) *flow.Resolution {
		return &flow.Resolution{Name: host, Outcome: flow.DNSNXDomain, Source: flow.SourceDNS}
	}
	for name, tc := range map[string]struct {
		setup  setup
		url    string
		stage  flow.Stage
		status string
	}{
		"refused":           {setup{connect: refuse}, "https://example.com/", flow.StageDial, "connection_refused"},
		"nxdomain":          {setup{resolver: nxdomain}, "https://example.com/", flow.StageDNS, "dns_error"},
		"other certificate": {setup{}, "https://deep.sub.example.com/", flow.StageTLS, "tls_certificate_error"},
		"no TLS":            {setup{plain: true}, "https://example.com/", flow.StageTLS, "tls_protocol_error"},
		"plain, refused":    {setup{connect: refuse}, "http://example.com/", flow.StageDial, "connection_refused"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newFixture(t, tc.setup, http.NotFoundHandler())
			resp := get(t, b.client(t, true), tc.url)
			if got := resp.Header.Get("Proxy-Status"); got != "detour; error="+tc.status {
				t.Errorf("Proxy-Status %q, want %s", got, tc.status)
			}
			f := b.sink.finals(t, 1)[0]
			if f.Failure == nil || f.Failure.Stage != tc.stage || f.Response != nil || f.Conn == nil {
				t.Errorf("failure %+v response %v conn %v, want stage %s", f.Failure, f.Response, f.Conn, tc.stage)
			}
			if plain := name == "no TLS"; f.Failure.Plaintext != plain {
				t.Errorf("plaintext %t, want %t", f.Failure.Plaintext, plain)
			}
		})
	}
}

func TestExchange_aTruncatedBodyIsNotACleanEnd(t *testing.T) {
	matrix(t, func(t *testing.T, client, server bool) {
		b := newFixture(t, setup{h2: server}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("x", 100))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}))
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://example.com/", nil)
		resp, err := b.client(t, client).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if got, err := io.ReadAll(resp.Body); err == nil {
			t.Errorf("a clean end after %d bytes", len(got))
		}
		f := b.sink.finals(t, 1)[0]
		if f.Failure == nil || f.Failure.Stage != flow.StageReceive || f.Response.BodySize != 100 {
			t.Errorf("failure %+v, %d bytes", f.Failure, f.Response.BodySize)
		}
	})
}

func TestExchange_aClientThatCancelsEndsTheServersRequest(t *testing.T) {
	matrix(t, func(t *testing.T, client, server bool) {
		arrived, ended := make(chan struct{}), make(chan struct{})
		b := newFixture(t, setup{h2: server}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).Flush()
			close(arrived)
			<-r.Context().Done()
			close(ended)
			panic(http.ErrAbortHandler) // a regular end could come before the cancellation
		}))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, "GET", "https://example.com/", nil)
		resp, err := b.client(t, client).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		<-arrived
		cancel()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Fatal("the server still works for a client that has canceled")
		}
		if f := b.sink.finals(t, 1)[0]; f.Failure == nil || f.Failure.Stage != flow.StageClient {
			t.Errorf("failure %+v, want the client's", f.Failure)
		}
	})
}

func TestExchange_streamsEveryContentType(t *testing.T) {
	matrix(t, func(t *testing.T, client, server bool) {
		release := make(chan struct{})
		b := newFixture(t, setup{h2: server}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
			_, _ = io.WriteString(w, "first")
			_ = http.NewResponseController(w).Flush()
			<-release
			_, _ = io.WriteString(w, "last")
		}))
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://example.com/", nil)
		resp, err := b.client(t, client).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		first := make([]byte, 5)
		if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "first" {
			t.Errorf("%q %v before the stream went on", first, err)
		}
		close(release)
		if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != "last" {
			t.Errorf("%q %v", rest, err)
		}
	})
}

func TestExchange_largeUploadsWithAnEarlyResponse(t *testing.T) {
	matrix(t, func(t *testing.T, client, server bool) {
		b := newFixture(t, setup{h2: server}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).EnableFullDuplex()
			_, _ = io.Copy(w, r.Body) // responds while it reads
		}))
		c, body := b.client(t, client), bytes.Repeat([]byte("0123456789abcdef"), 100<<10/16)
		for range 20 {
			req, _ := http.NewRequestWithContext(t.Context(), "POST", "https://example.com/", bytes.NewReader(body))
			resp, err := c.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || !bytes.Equal(got, body) {
				t.Fatalf("%d bytes back of %d: %v", len(got), len(body), err)
			}
		}
	})
}

func TestExchange_forwardsTrailersAndEarlyHints(t *testing.T) {
	matrix(t, func(t *testing.T, client, server bool) {
		b := newFixture(t, setup{h2: server}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "</style.css>")
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Set("Trailer", "X-Sum")
			_, _ = io.WriteString(w, "body")
			w.Header().Set("X-Sum", "42")
		}))
		hinted := ""
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
				hinted = fmt.Sprint(code, " ", h.Get("Link"))
				return nil
			},
		})
		req, _ := http.NewRequestWithContext(ctx, "GET", "https://example.com/", nil)
		resp, err := b.client(t, client).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.ReadAll(resp.Body)
		resp.Body.Close()
		if hinted != "103 </style.css>" || resp.Trailer.Get("X-Sum") != "42" {
			t.Errorf("hint %q, trailer %v", hinted, resp.Trailer)
		}
	})
}

func TestExchange_addsNoHeader(t *testing.T) {
	b := newFixture(t, setup{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		w.Header()["Content-Type"] = nil
		w.Header().Set("Keep-Alive", "timeout=5")
		_, _ = io.WriteString(w, "<html>")
	}))
	resp := get(t, b.client(t, true), "https://example.com/")
	for _, name := range []string{"Date", "Content-Type", "Keep-Alive", "Via"} {
		if v, ok := resp.Header[name]; ok {
			t.Errorf("%s: %v, want nothing", name, v)
		}
	}
}

func TestExchange_headAnd204HaveNoBody(t *testing.T) {
	b := newFixture(t, setup{h2: true}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.Header().Set("Content-Length", "1234")
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	for _, h2 := range []bool{false, true} {
		req, _ := http.NewRequestWithContext(t.Context(), "HEAD", "https://example.com/", nil)
		resp, err := b.client(t, h2).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.ContentLength != 1234 {
			t.Errorf("HEAD: length %d, want 1234", resp.ContentLength)
		}
		if resp := get(t, b.client(t, h2), "https://example.com/"); resp.StatusCode != http.StatusNoContent {
			t.Errorf("status %d", resp.StatusCode)
		}
	}
}

func TestProxy_rejectsARequestToItself(t *testing.T) {
	b := newFixture(t, setup{}, http.NotFoundHandler())
	resp := get(t, b.client(t, false), "http://"+b.addr+"/")
	if resp.StatusCode != http.StatusLoopDetected {
		t.Errorf("status %d, want 508", resp.StatusCode)
	}
	if f := b.sink.finals(t, 1)[0]; f.Failure == nil || f.Failure.Stage != flow.StageProxy {
		t.Errorf("failure %+v", f.Failure)
	}
}

func TestProxy_shutdownCancelsExchangesInProgress(t *testing.T) {
	b := newFixture(t, setup{connect: dropSYNs}, http.NotFoundHandler())
	c := b.client(t, true)
	done := make(chan error, 1)
	go func() {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://example.com/", nil)
		resp, err := c.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		done <- err
	}()
	b.sink.wait(t, 1, func(f flow.Flow) bool { return f.State == flow.StateConnecting })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_ = b.proxy.Shutdown(ctx)
	if took := time.Since(begin); took > atOnce {
		t.Errorf("took %v", took)
	}
	<-done
	if f := b.sink.finals(t, 1)[0]; f.Failure == nil || !strings.Contains(f.Failure.Message, "stopped") {
		t.Errorf("failure %+v", f.Failure)
	}
}

// Programs that end at once do it: the goroutine of Serve may not have begun.
func TestShutdown_mayComeWhileServeBegins(t *testing.T) {
	for range 20 {
		p := New(Config{Dialer: dial.New(dial.Config{}), Sink: newSink(), Intercept: func(string) bool { return false }})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- p.Serve(l) }()
		if err := p.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Fatalf("the port stays open: %v", err)
		}
	}
}

func TestFailureMessage_namesAClosedConnection(t *testing.T) {
	if got := failureMessage(fmt.Errorf("x: %w", io.ErrUnexpectedEOF)); !strings.Contains(got, "closed the connection") {
		t.Error(got)
	}
	if got := failureMessage(errors.New("plain")); got != "plain" {
		t.Error(got)
	}
}

func TestExchange_recordsADialThatAReusedConnectionSuperseded(t *testing.T) {
	busy, free := make(chan struct{}), make(chan struct{})
	var dials atomic.Int32
	var b *fixture
	b = newFixture(t, setup{
		connect: func(ctx context.Context, a netip.AddrPort, o dial.Observe) (net.Conn, error) {
			if dials.Add(1) > 1 {
				return dropSYNs(ctx, a, o)
			}
			return (&net.Dialer{}).DialContext(ctx, "tcp", b.server.Listener.Addr().String())
		},
	}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/busy" {
			close(busy)
			<-free
		}
	}))
	c := b.client(t, false)
	var both sync.WaitGroup
	both.Go(func() { get(t, c, "https://example.com/busy") })
	<-busy
	both.Go(func() { get(t, c, "https://example.com/second") })
	b.sink.wait(t, 1, func(f flow.Flow) bool { return f.State == flow.StateConnecting && dials.Load() == 2 })
	close(free) // the first connection is free before the second is up
	both.Wait()
	for _, f := range b.sink.finals(t, 2) {
		first := strings.HasSuffix(f.Request.URL, "busy")
		if f.Reused == first || first != (len(f.Unused) == 0) {
			t.Fatalf("%s: reused %v, unused %v", f.Request.URL, f.Reused, f.Unused)
		}
		if !first {
			u := f.Unused[0]
			if u.ID == f.Conn.ID || len(u.Attempts) != 1 || u.Attempts[0].Outcome != flow.DialLost ||
				u.Attempts[0].Addr.String() != "203.0.113.1:443" {
				t.Errorf("unused %+v", u)
			}
			if tm := f.Timings(); tm.Connect != flow.NotApplicable || tm.Blocked <= 0 {
				t.Errorf("timings %+v, want the wait for a connection as blocked time", tm)
			}
		}
	}
}
