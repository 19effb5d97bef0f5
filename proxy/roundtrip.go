package proxy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"

	"github.com/elazarl/goproxy"

	"detour/internal/dial"
	"detour/internal/flow"
)

var errLoop = errors.New("proxy loop: the request is addressed to detour itself")

// errScheme is the error of a request for a URL of another scheme than http and https.
var errScheme = errors.New("an HTTP proxy can't fetch this URL: its scheme is neither http nor https")

// withTrace returns the context of a request to the server. It has the exchange as a
// value, and hooks by which the transport reports to it.
func (x *exchange) withTrace(ctx context.Context) context.Context {
	x.interim.w, x.interim.http10 = x.w, x.f.Request.Proto == "HTTP/1.0"
	return httptrace.WithClientTrace(context.WithValue(ctx, exchangeKey{}, x), &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			x.gotConn(dial.InfoOf(info.Conn))
			if c := dial.FromNetConn(info.Conn); c != nil && x.body != nil {
				x.body.bind(c)
			}
		},
		WroteRequest:   func(info httptrace.WroteRequestInfo) { x.wroteRequest(info.Err) },
		Got1xxResponse: x.interim.forward,
		Wait100Continue: func() {
			if x.body != nil {
				x.body.expect.headSent()
			}
		},
		Got100Continue: func() {
			if x.body != nil {
				x.body.expect.proceed()
			}
		},
	})
}

// roundTrip sends one request and reports each step to its exchange.
func (p *Proxy) roundTrip(r *http.Request, _ *goproxy.ProxyCtx) (*http.Response, error) {
	x := exchangeOf(r.Context())
	x.wrapRequestBody(r)
	if r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return nil, errScheme
	}
	if p.isSelf(r.URL.Hostname(), cmp.Or(r.URL.Port(), defaultPort(r.URL.Scheme))) {
		return nil, errLoop
	}
	defer x.interim.end()
	if u, _ := p.plainProxy(r); u != nil {
		x.toProxy = true
		if r.URL.Opaque != "" { // net/http sends it unchanged
			r.URL.Opaque = "//" + r.URL.Host + r.URL.Opaque
		}
	}
	upgrade := r.Header["Upgrade"] != nil
	if !upgrade {
		r.Close = false // concerns the client's connection only
	}
	if _, ok := r.Header["User-Agent"]; !ok {
		r.Header["User-Agent"] = nil // else net/http adds its own
	}
	resp, err := p.send(r)
	if err == nil && x.client.Err() != nil {
		// The end of the connection made the server respond, to nobody.
		_ = resp.Body.Close()
		err = x.client.Err()
	}
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusSwitchingProtocols && (!upgrade || !isWebSocket(resp.Header)) {
		_ = resp.Body.Close()
		return nil, errUnaskedUpgrade
	}
	if code := resp.StatusCode; code < 100 || code > 999 {
		_ = resp.Body.Close()
		return nil, invalidStatus(code) // net/http's server panics at it
	}
	x.gotResponse(&flow.Response{Status: resp.StatusCode, Proto: resp.Proto, Headers: flow.Fields(resp.Header)})
	x.response = resp
	removeHopByHop(resp.Header)
	if len(resp.Trailer) > 0 && r.ProtoMajor == 1 {
		resp.Header.Del("Content-Length") // HTTP/1.1 has trailers only with chunked coding
	}
	for _, name := range []string{"Date", "Content-Type"} { // else net/http adds them
		if _, ok := resp.Header[name]; !ok {
			resp.Header[name] = nil
		}
	}
	x.headOnly = endsWithHead(r, resp)
	resp.Body = x.responseBody(resp)
	return resp, nil
}

func invalidStatus(code int) error {
	return fmt.Errorf("the server sent an invalid status code: %03d", code)
}
