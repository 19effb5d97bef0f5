// Package proxy is the forward proxy: bytes in, flows out.
//
// goproxy answers the browser, decides what to do with each CONNECT and runs
// the round trip. Hosts that are intercepted get their TLS ended here, with a
// leaf of the local CA; what comes out of it goes through one net/http server,
// which speaks HTTP/1.1 and HTTP/2, into goproxy again, so that plain and
// decrypted requests take one and the same road. Everything else is passed on
// unread. Either way the name is resolved and the address dialed by
// internal/dial, and every exchange becomes a flow whether it succeeds or not.
//
// The package knows no AWS, no storage and no screen.
package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/elazarl/goproxy"

	"detour/internal/coding"
	"detour/internal/dial"
	"detour/internal/flow"
	"detour/internal/handoff"
)

// A Sink takes flows as they come and change. Put must not block: it is called
// on the road of a request. It may keep what the flow points at.
type Sink interface{ Put(flow.Flow) }

// Config is what a Proxy is made of. Dialer and Sink are required.
type Config struct {
	Dialer    *dial.Dialer
	Sink      Sink
	Intercept func(host string) bool                      // whether to decrypt a host; nil: none
	Leaf      func(name string) (*tls.Certificate, error) // a certificate for an intercepted host
	// Bodies says how many bytes, at most 64 KiB, to keep of the beginning of a body
	// for the flow: of the request's while there is no response, then of the
	// response's. It is called on the road of a request. nil: none.
	Bodies  func(*flow.Flow) int
	Landing http.Handler // answers requests made to the proxy itself; nil: 404
	Log     *slog.Logger // nil: discarded
}

// Limits towards a client. A browser is a friend, but any local program can connect.
const (
	maxHeaderBytes    = 256 << 10
	handshakeTimeout  = 10 * time.Second // from CONNECT to the end of our handshake with the client
	readHeaderTimeout = 30 * time.Second
	clientIdleTimeout = 5 * time.Minute
)

// A Proxy serves clients until Shutdown. Make it with New.
type Proxy struct {
	cfg     Config
	gp      *goproxy.ProxyHttpServer
	up      upstream
	coding  coding.Decoder
	outer   *http.Server
	inner   *http.Server
	streams *handoff.Listener // decrypted client connections on their way to inner
	tlsConf *tls.Config
	lastID  atomic.Uint64
	ctx     context.Context // ends when the proxy gives up waiting for exchanges
	cancel  context.CancelCauseFunc
	work    gate // exchanges and tunnels under way
	live    live // the exchanges among them
	back    sync.WaitGroup
	self    atomic.Pointer[net.TCPAddr]
}

// errStopped is the cause of what Shutdown cuts short.
var errStopped = errors.New("detour was stopped")

// wants is how many bytes of the next body f is to have.
func (p *Proxy) wants(f *flow.Flow) int {
	if p.cfg.Bodies == nil {
		return 0
	}
	return min(p.cfg.Bodies(f), keptUpload)
}

// New returns a Proxy that has not begun to serve.
func New(cfg Config) *Proxy {
	if cfg.Intercept == nil {
		cfg.Intercept = func(string) bool { return false }
	}
	if cfg.Landing == nil {
		cfg.Landing = http.NotFoundHandler()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	p := &Proxy{cfg: cfg, streams: handoff.New()}
	p.ctx, p.cancel = context.WithCancelCause(context.Background())
	p.up = p.newUpstream()
	p.tlsConf = &tls.Config{
		GetCertificate: p.certificate,
		NextProtos:     []string{"h2", "http/1.1"},
		MinVersion:     tls.VersionTLS12,
		// What is said on loopback needs no protection from quantum computers of the
		// future, and ML-KEM is a third of a handshake's cost.
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384},
	}
	p.gp = p.handlers()
	errorLog := slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug)
	p.outer = &http.Server{
		Handler:           http.HandlerFunc(p.serveOuter),
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       clientIdleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		BaseContext:       func(net.Listener) context.Context { return p.ctx },
		ErrorLog:          errorLog,

		DisableGeneralOptionsHandler: true,
	}
	p.inner = &http.Server{
		Handler:           http.HandlerFunc(p.serveInner),
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       clientIdleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		BaseContext:       func(net.Listener) context.Context { return p.ctx },
		ConnContext:       withTunnelled,
		ErrorLog:          errorLog,

		DisableGeneralOptionsHandler: true,
	}
	return p
}

// handlers registers our part of the road with goproxy, before anything is served.
func (p *Proxy) handlers() *goproxy.ProxyHttpServer {
	gp := goproxy.NewProxyHttpServer()
	gp.Tr = p.up.two
	gp.ConnectDial = nil // it would obey HTTPS_PROXY, which may well be ourselves
	gp.KeepAcceptEncoding = true
	gp.Logger = printfLogger{p.cfg.Log}
	gp.NonproxyHandler = p.cfg.Landing
	gp.OnRequest().HandleConnectFunc(func(host string, _ *goproxy.ProxyCtx) (*goproxy.ConnectAction, string) {
		return &goproxy.ConnectAction{Action: goproxy.ConnectHijack, Hijack: p.connect}, host
	})
	gp.OnRequest().DoFunc(func(r *http.Request, ctx *goproxy.ProxyCtx) (*http.Request, *http.Response) {
		ctx.RoundTripper = goproxy.RoundTripperFunc(p.roundTrip)
		return r, nil
	})
	gp.OnResponse().DoFunc(func(resp *http.Response, ctx *goproxy.ProxyCtx) *http.Response {
		if resp != nil {
			return resp
		}
		return exchangeOf(ctx.Req.Context()).errorAnswer(ctx.Req, ctx.Error)
	})
	return gp
}

// Serve accepts clients on l until Shutdown; then it returns nil.
func (p *Proxy) Serve(l net.Listener) error {
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		p.self.Store(a)
	}
	p.back.Go(p.report)
	inner := make(chan error, 1)
	go func() { inner <- p.inner.Serve(p.streams) }()
	err := p.outer.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	} else {
		_ = p.streams.Close()
	}
	if ierr := <-inner; err == nil && !errors.Is(ierr, http.ErrServerClosed) {
		err = ierr
	}
	return err
}

// Shutdown stops accepting at once, lets exchanges under way finish until ctx is
// done, and then cuts the rest short. When it returns nothing of the proxy runs,
// and every flow has had its final Put.
func (p *Proxy) Shutdown(ctx context.Context) error {
	var drain sync.WaitGroup
	drain.Go(func() { _ = p.outer.Shutdown(ctx) })
	drain.Go(func() { _ = p.inner.Shutdown(ctx) })
	drain.Wait()
	p.cancel(errStopped)
	err := errors.Join(p.outer.Close(), p.inner.Close())
	p.work.shut()
	p.back.Wait()
	p.up.closeIdle()
	return err
}

// CloseIdle closes the connections to servers that no request uses: after the
// network has changed they may be dead, and nobody would know before the next
// request failed on one.
func (p *Proxy) CloseIdle() { p.up.closeIdle() }

// serveOuter handles what clients say to the proxy itself.
func (p *Proxy) serveOuter(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.gp.ServeHTTP(hijackKeeper{w}, r)
	case !r.URL.IsAbs():
		p.cfg.Landing.ServeHTTP(w, r)
	default:
		p.exchange(w, r)
	}
}

// serveInner handles requests that came out of an intercepted CONNECT.
func (p *Proxy) serveInner(w http.ResponseWriter, r *http.Request) {
	t := tunnelledOf(r.Context())
	if !sameAuthority(r.Host, t.authority, t.scheme) {
		http.Error(w, fmt.Sprintf("detour: this connection is for %s, not for %s", t.authority, r.Host), http.StatusMisdirectedRequest)
		return
	}
	r.URL.Scheme = t.scheme
	r.URL.Host = trimDefaultPort(t.authority, t.scheme)
	p.exchange(w, r)
}

// isSelf reports whether host and port are the proxy's own address.
func (p *Proxy) isSelf(host, port string) bool {
	self := p.self.Load()
	return self != nil && dial.LeadsTo(self, host, port)
}

// leadsToSelf is isSelf for host:port.
func (p *Proxy) leadsToSelf(authority string) bool {
	host, port, err := net.SplitHostPort(authority)
	return err == nil && p.isSelf(host, port)
}

func (p *Proxy) nextID() flow.ID { return flow.ID(p.lastID.Add(1)) }

// printfLogger gives goproxy's warnings to the log: they must not reach the
// terminal, which the table owns.
type printfLogger struct{ log *slog.Logger }

func (l printfLogger) Printf(format string, args ...any) {
	l.log.Debug("goproxy", "message", strings.TrimSpace(fmt.Sprintf(format, args...)))
}
