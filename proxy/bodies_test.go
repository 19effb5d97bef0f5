package proxy

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/internal/dial"
	"detour/internal/errno"
	"detour/internal/flow"
)

// do sends one request and returns the response, which may be the proxy's error page.
func (b *fixture) do(tb testing.TB, h2 bool, method string, body io.Reader, length int64) *http.Response {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), method, "https://example.com/", body)
	if err != nil {
		tb.Fatal(err)
	}
	req.ContentLength = length
	resp, err := b.client(tb, h2).Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return resp
}

func TestBodies_theFlowHasDecodedPrefixes(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", maxBodyPrefix/16)
	for name, v := range map[string]struct {
		request, response         string
		zip                       bool
		wantRequest, wantResponse int // bytes of the flow's bodies
	}{
		"short":        {"Action=DescribeInstances", `{"__type":"AccessDenied"}`, false, 24, 25},
		"coded":        {"a=b", strings.Repeat(`{"Code":"Denied"}`, 9), true, 3, 9 * 17},
		"none":         {"", "", false, 0, 0},
		"just fits":    {long, long, false, maxBodyPrefix, maxBodyPrefix},
		"too long":     {long + "x", long + "x", false, maxBodyPrefix, maxBodyPrefix},
		"coded, grows": {"a", long + long, true, 1, maxBodyPrefix},
	} {
		for _, h2 := range []bool{false, true} {
			t.Run(name+map[bool]string{false: ", h1", true: ", h2"}[h2], func(t *testing.T) {
				b := newFixture(t, setup{h2: h2}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					if !v.zip {
						_, _ = io.WriteString(w, v.response)
						return
					}
					w.Header().Set("Content-Encoding", "gzip")
					z := gzip.NewWriter(w)
					_, _ = io.WriteString(z, v.response)
					_ = z.Close()
				}))
				b.do(t, h2, "POST", strings.NewReader(v.request), int64(len(v.request)))
				f := b.sink.finals(t, 1)[0]
				if got := string(f.Request.Body); got != v.request[:v.wantRequest] || f.Request.BodyTruncated != (v.wantRequest < len(v.request)) {
					t.Errorf("request: %d bytes, truncated %v", len(got), f.Request.BodyTruncated)
				}
				got := string(f.Response.Body)
				if got != v.response[:v.wantResponse] || f.Response.BodyTruncated != (v.wantResponse < len(v.response)) {
					t.Errorf("response: %d bytes, truncated %v", len(got), f.Response.BodyTruncated)
				}
				if f.Request.BodySize != int64(len(v.request)) {
					t.Errorf("%d bytes passed, want %d", f.Request.BodySize, len(v.request))
				}
			})
		}
	}
}

// In many AWS protocols only the body names the operation, and for requests that get no
// connection the operation matters most.
func TestBodies_aRequestWhoseDialFailsHasItsBody(t *testing.T) {
	const form = "Action=DescribeInstances&Version=2016-11-15"
	refused := func(context.Context, netip.AddrPort, dial.Observe) (net.Conn, error) {
		return nil, errno.ConnRefused
	}
	for _, h2 := range []bool{false, true} {
		b := newFixture(t, setup{connect: refused, patient: true}, http.NotFoundHandler())
		if resp := b.do(t, h2, "POST", strings.NewReader(form), int64(len(form))); resp.StatusCode != http.StatusBadGateway {
			t.Errorf("h2 %v: status %d", h2, resp.StatusCode)
		}
		f := b.sink.finals(t, 1)[0]
		if string(f.Request.Body) != form || f.Request.BodySize != 0 || f.Failure == nil || f.Failure.Stage != flow.StageDial {
			t.Errorf("h2 %v: body %q, %d bytes passed, failure %+v", h2, f.Request.Body, f.Request.BodySize, f.Failure)
		}
	}
}

func TestBodies_aRequestWhoseDialHangsHasItsBody(t *testing.T) {
	const form = "Action=GetMetricData"
	release := make(chan struct{})
	var b *fixture
	hang := func(ctx context.Context, _ netip.AddrPort, _ dial.Observe) (net.Conn, error) {
		select {
		case <-release:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		var d net.Dialer
		return d.DialContext(ctx, "tcp", b.server.Listener.Addr().String())
	}
	for _, h2 := range []bool{false, true} {
		release = make(chan struct{})
		b = newFixture(t, setup{connect: hang}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(w, r.Body)
		}))
		done := make(chan string, 1)
		c := b.client(t, h2)
		go func() {
			resp, err := c.Post("https://example.com/", "text/plain", strings.NewReader(form))
			if err != nil {
				done <- err.Error()
				return
			}
			defer resp.Body.Close()
			echo, _ := io.ReadAll(resp.Body)
			done <- string(echo)
		}()
		// A revision of an earlier state may have the body as well.
		pending := b.sink.wait(t, 1, func(f flow.Flow) bool { return f.Request.Body != nil && f.State == flow.StateConnecting })[0]
		if string(pending.Request.Body) != form || pending.Final() {
			t.Errorf("h2 %v: body %q, final %v", h2, pending.Request.Body, pending.Final())
		}
		close(release)
		if echo := <-done; echo != form {
			t.Errorf("h2 %v: the server echoed %q", h2, echo)
		}
		if f := b.sink.finals(t, 1)[0]; f.Request.BodySize != int64(len(form)) || f.Failure != nil {
			t.Errorf("h2 %v: %d bytes passed, failure %+v", h2, f.Request.BodySize, f.Failure)
		}
	}
}

// A client that disconnects, or sends slowly, while its request has no connection must
// not delay the proxy.
func TestBodies_doesNotWaitForAClientThatNeverSendsItsBody(t *testing.T) {
	refused := func(context.Context, netip.AddrPort, dial.Observe) (net.Conn, error) {
		return nil, errno.ConnRefused
	}
	for _, h2 := range []bool{false, true} {
		b := newFixture(t, setup{connect: refused}, http.NotFoundHandler())
		ctx, leave := context.WithCancelCause(t.Context())
		body, more := io.Pipe()
		req, _ := http.NewRequestWithContext(ctx, "POST", "https://example.com/", body)
		req.ContentLength = 100
		begin := time.Now()
		resp, err := b.client(t, h2).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > atOnce || resp.StatusCode != http.StatusBadGateway {
			t.Errorf("h2 %v: status %d after %v", h2, resp.StatusCode, took)
		}
		leave(errors.New("test over"))
		more.Close()
		resp.Body.Close()
		if f := b.sink.finals(t, 1)[0]; len(f.Request.Body) != 0 {
			t.Errorf("h2 %v: body %q", h2, f.Request.Body)
		}
	}
}

func TestBodies_areRecordedOnlyAsConfigured(t *testing.T) {
	b := newFixture(t, setup{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
	b.proxy.cfg.Bodies = func(f *flow.Flow) int {
		if f.Response == nil {
			return 0
		}
		return 4
	}
	b.do(t, false, "POST", bytes.NewReader([]byte("secret")), 6)
	f := b.sink.finals(t, 1)[0]
	if f.Request.Body != nil || string(f.Response.Body) != "secr" || !f.Response.BodyTruncated {
		t.Errorf("request %q, response %q, truncated %v", f.Request.Body, f.Response.Body, f.Response.BodyTruncated)
	}
}
