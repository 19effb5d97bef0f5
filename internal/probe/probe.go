// Package probe tests a host without credentials: it resolves the name, connects to each
// address, completes a TLS handshake and sends a request. A browser races the addresses
// and uses the first to connect; a probe tries all of them to the end.
//
// A [Prober] makes a [Result] of a host; [Text] and [Verdict] write it.
package probe

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"detour/internal/dial"
	"detour/internal/fault"
	"detour/internal/flow"
	"detour/internal/resolve"
)

// Config is how to probe. Resolver is required.
type Config struct {
	Resolver  dial.Resolver
	Dial      dial.Config     // the rest of it; its Resolver is not used
	Reference resolve.Asker   // a second opinion on the name; nil for none
	Each      []resolve.Asker // the nameservers, to query each of them separately
	Elsewhere bool            // also try the addresses that Reference returns, if none of the host's own responds
	Tries     int             // of each address, one after another; 0: 1
	TCPOnly   bool            // only connect: no TLS, no request
	Answer    time.Duration   // how long to wait for a response; 0: 5 s
}

const answerTimeout = 5 * time.Second

// maxAddresses is how many addresses of a host are tried. No honest name has more.
const maxAddresses = 32

// A Prober probes hosts. It is safe for concurrent use.
type Prober struct {
	cfg    Config
	lastID atomic.Uint64 // of a connection
}

// New returns a Prober.
func New(cfg Config) *Prober {
	if cfg.Tries <= 0 {
		cfg.Tries = 1
	}
	if cfg.Answer <= 0 {
		cfg.Answer = answerTimeout
	}
	p := &Prober{cfg: cfg}
	p.cfg.Dial.NextID = func() flow.ID { return flow.ID(p.lastID.Add(1)) }
	return p
}

// A Result is the outcome of probing one host.
type Result struct {
	// Flow is the result as one exchange: the resolution, every attempt on every
	// address, the handshake and the response of the first address that has one, or
	// the failure of the first that doesn't. Its ID is 0.
	Flow  flow.Flow
	Tries []Try // by address, then by time
}

// A Try is one connection to one address.
type Try struct {
	At     time.Time  // when it began
	Conn   *flow.Conn // with one attempt; through an upstream proxy, those to the proxy
	Stage  flow.Stage // where it failed; "" if it didn't
	Err    string
	Plain  bool // the server answered the TLS handshake in plain HTTP
	Answer *Answer
}

// An Answer is the response to a request without credentials.
type Answer struct {
	Status    int
	Server    string // the header field Server
	RequestID string // AWS's, from whichever header field has it
	Took      time.Duration
	headers   http.Header
}

// Probe probes a host:port. It never fails: what went wrong is in the Result.
func (p *Prober) Probe(ctx context.Context, authority string) Result {
	r := Result{Flow: flow.Flow{
		Source: flow.SourceProbe, State: flow.StateDone, Times: flow.Times{Start: time.Now()},
		Request: flow.Request{Method: http.MethodGet, URL: rootURL(authority), Proto: "HTTP/1.1"},
	}}
	var reference *flow.Reference
	each := make([]*flow.Reference, len(p.cfg.Each))
	var opinions fault.Group
	host, _, _ := net.SplitHostPort(authority)
	if isName := net.ParseIP(host) == nil; isName {
		if p.cfg.Reference != nil {
			opinions.Go(func() { reference = p.cfg.Reference.Ask(ctx, host) })
		}
		for i, a := range p.cfg.Each {
			opinions.Go(func() { each[i] = a.Ask(ctx, host) })
		}
	}
	r.Tries = p.tries(ctx, authority, &r.Flow)
	r.Flow.Times.Done = time.Now()
	opinions.Wait()
	if c := r.Flow.Conn; c != nil && c.Resolution != nil {
		compared := *c.Resolution
		compared.Reference = reference
		compared.Each = slices.DeleteFunc(each, func(a *flow.Reference) bool { return a == nil })
		c.Resolution = &compared
	}
	combine(&r)
	if p.cfg.Elsewhere && reference != nil && r.Flow.Failure != nil && r.Flow.Failure.Stage == flow.StageDial {
		r.Flow.Conn.Elsewhere = p.elsewhere(ctx, authority, r.Flow.Conn.Resolution, reference)
	}
	return r
}

// maxElsewhere is how many of the reference's addresses are tried.
const maxElsewhere = 2

// elsewhere tries the public addresses that the reference returns: does the service
// respond over that path?
func (p *Prober) elsewhere(ctx context.Context, authority string, r *flow.Resolution, ref *flow.Reference) (out []flow.DialAttempt) {
	cfg := p.cfg.Dial
	for _, a := range ref.Addrs {
		if len(out) >= maxElsewhere || ctx.Err() != nil {
			break
		}
		if slices.Contains(r.Addrs, a) {
			continue
		}
		cfg.Resolver = only{r, a}
		if t := p.try(ctx, dial.New(cfg), authority); t.Conn != nil {
			out = append(out, t.Conn.Attempts...)
		}
	}
	return out
}

// rootURL is the URL to request: https whatever the port, as for every AWS endpoint.
func rootURL(authority string) string {
	host, port, _ := net.SplitHostPort(authority)
	if port != "443" {
		return "https://" + authority + "/"
	}
	if net.ParseIP(host) != nil && net.ParseIP(host).To4() == nil {
		host = "[" + host + "]"
	}
	return "https://" + host + "/"
}

// tries resolves the host and tries all addresses concurrently.
func (p *Prober) tries(ctx context.Context, authority string, f *flow.Flow) []Try {
	host, _, err := net.SplitHostPort(authority)
	if err != nil {
		f.Failure = &flow.Failure{Stage: flow.StageDNS, Message: err.Error()}
		return nil
	}
	if p.proxied(authority) { // the proxy resolves: there are no addresses to choose from
		return p.repeat(ctx, authority, p.cfg.Resolver)
	}
	res := p.cfg.Resolver.Resolve(ctx, host)
	f.Conn = &flow.Conn{Authority: authority, Start: res.Start, Resolution: res}
	if res.Outcome != flow.DNSOK || len(res.Addrs) == 0 {
		f.Failure = &flow.Failure{Stage: flow.StageDNS, Message: string(res.Outcome) + ": " + res.Err}
		return nil
	}
	addrs := res.Addrs[:min(len(res.Addrs), maxAddresses)]
	each := make([][]Try, len(addrs))
	var wg fault.Group
	for i, a := range addrs {
		wg.Go(func() { each[i] = p.repeat(ctx, authority, only{res, a}) })
	}
	wg.Wait()
	var all []Try
	for _, ts := range each {
		all = append(all, ts...)
	}
	return all
}

// proxied reports whether an upstream proxy connects to the host.
func (p *Prober) proxied(authority string) bool {
	via := p.cfg.Dial.Via
	return via != nil && via("https", authority) != nil
}

// only resolves to one of the addresses.
type only struct {
	res  *flow.Resolution
	addr netip.Addr
}

func (o only) Resolve(context.Context, string) *flow.Resolution {
	one := *o.res
	one.Addrs = []netip.Addr{o.addr}
	return &one
}

// repeat makes the tries of one address.
func (p *Prober) repeat(ctx context.Context, authority string, r dial.Resolver) []Try {
	var out []Try
	for range p.cfg.Tries {
		if ctx.Err() != nil && len(out) > 0 {
			break
		}
		out = append(out, p.once(ctx, authority, r))
	}
	return out
}

// once makes a try of the address that r returns.
func (p *Prober) once(ctx context.Context, authority string, r dial.Resolver) Try {
	cfg := p.cfg.Dial
	cfg.Resolver = r
	began := time.Now()
	t := p.try(ctx, dial.New(cfg), authority) // a new Dialer: no TLS session is resumed
	t.At = began
	if t.Conn != nil && t.Conn.TLS != nil && t.Conn.TLS.Outcome == flow.TLSTimeout {
		p.small(ctx, cfg, authority, &t)
	}
	return t
}

// small repeats a handshake that timed out, with a ClientHello that fits into one
// packet: if that is answered, the path drops large packets.
func (p *Prober) small(ctx context.Context, cfg dial.Config, authority string, t *Try) {
	cfg.SmallHello = true
	again := p.try(ctx, dial.New(cfg), authority)
	if again.Conn == nil || again.Conn.TLS == nil {
		return
	}
	c, info := *t.Conn, *t.Conn.TLS
	info.SmallHello = again.Conn.TLS.Outcome
	c.TLS = &info
	t.Conn = &c
}

// try makes one connection and sends a request.
func (p *Prober) try(ctx context.Context, d *dial.Dialer, authority string) Try {
	c, err := d.Dial(ctx, dial.Request{Authority: authority, TLS: !p.cfg.TCPOnly, ALPN: []string{"http/1.1"}})
	var de *dial.Error
	if errors.As(err, &de) {
		return Try{Conn: de.Info, Stage: de.Stage, Err: de.Error(), Plain: errors.Is(err, dial.ErrPlaintext)}
	}
	if err != nil {
		return Try{Stage: flow.StageDial, Err: err.Error()}
	}
	defer c.Close()
	t := Try{Conn: dial.InfoOf(c)}
	if p.cfg.TCPOnly {
		return t
	}
	start := time.Now()
	_ = c.SetDeadline(start.Add(p.cfg.Answer))
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })()
	resp, err := ask(c, authority) //nolint:bodyclose // it is closed
	if err != nil {
		t.Stage, t.Err = flow.StageWait, err.Error()
		return t
	}
	t.Answer = &Answer{
		Status: resp.StatusCode, Server: resp.Header.Get("Server"), RequestID: requestID(resp.Header),
		Took: time.Since(start), headers: resp.Header,
	}
	return t
}

// maxAnswer is how much of a response is read.
const maxAnswer = 64 << 10

func ask(c net.Conn, authority string) (*http.Response, error) {
	req, err := http.NewRequest(http.MethodGet, rootURL(authority), nil) //nolint:noctx // the connection has a deadline
	if err != nil {
		return nil, err
	}
	req.Close = true
	req.Header.Set("User-Agent", "detour-probe")
	if err := req.Write(c); err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(c, maxAnswer)), req)
	if err != nil {
		return nil, err
	}
	return resp, resp.Body.Close()
}

// requestID is AWS's ID of the request, from whichever header field has it.
func requestID(h http.Header) string {
	for _, name := range []string{"X-Amzn-Requestid", "X-Amz-Request-Id", "X-Amz-Requestid", "X-Amz-Cf-Id"} {
		if v := h.Get(name); flow.IsRequestID(v) {
			return v
		}
	}
	return ""
}
