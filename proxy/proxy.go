// Package proxy is a forward proxy that records every exchange as a flow, whether it
// succeeds or fails. Make one with [New], run it with [Proxy.Serve], and end it with
// [Proxy.Shutdown]; flows go to the [Sink].
//
// goproxy accepts requests, decides what to do with each CONNECT, and runs the round
// trip. TLS of an intercepted host ends here, with a certificate of the local CA. The
// decrypted requests go through a net/http server, which speaks HTTP/1.1 and HTTP/2,
// and then through goproxy, on the same path as plain requests. All other tunnels are
// forwarded without decryption. Names are resolved and addresses dialed by package
// dial in both cases.
//
// The package doesn't know AWS, storage or the screen.
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

// A Sink receives a flow each time it changes. Put must not block: the request waits
// for it. It may keep what the flow points at, and must not write to it.
type Sink interface{ Put(flow.Flow) }

// Config configures a Proxy. Dialer and Sink are required.
type Config struct {
	Dialer    *dial.Dialer
	Sink      Sink
	Intercept func(host string) bool                      // reports whether to decrypt a host; nil: none
	Leaf      func(name string) (*tls.Certificate, error) // returns the certificate for an intercepted host
	// Bodies returns how many bytes of a body the flow keeps, at most 64 KiB: of the
	// request body while the flow has no response, then of the response body. The
	// request waits for it. nil: none.
	Bodies  func(*flow.Flow) int
	Landing http.Handler // answers requests made to the proxy itself; nil: 404
	Log     *slog.Logger // nil: discarded
}

// Limits for clients: any local program can connect.
const (
	maxHeaderBytes    = 256 << 10
	handshakeTimeout  = 10 * time.Second // from CONNECT to the end of our handshake with the client
	readHeaderTimeout = 30 * time.Second
	clientIdleTimeout = 5 * time.Minute
)

// A Proxy serves clients until Shutdown. Make one with New. Its methods may be called
// concurrently.
type Proxy struct {
	cfg        Config
	gp         *goproxy.ProxyHttpServer
	up         upstream
	coding     coding.Decoder
	outer      *http.Server
	inner      *http.Server
	streams    *handoff.Listener // decrypted client connections on their way to inner
	tlsConf    *tls.Config
	lastID     atomic.Uint64
	ctx        context.Context // ends when the proxy gives up waiting for exchanges
	cancel     context.CancelCauseFunc
	work       gate            // exchanges and tunnels under way
	active     activeExchanges // the exchanges among them
	background sync.WaitGroup
	self       atomic.Pointer[net.TCPAddr]
}

// errStopped is the cause of what Shutdown ends early.
var errStopped = errors.New("detour was stopped")

// wants is how many bytes of the next body f is to have.
func (p *Proxy) bodyLimit(f *flow.Flow) int {
	if p.cfg.Bodies == nil {
		return 0
	}
	return min(p.cfg.Bodies(f), maxBodyPrefix)
}

// New returns a Proxy that isn't serving yet.
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
		// Loopback traffic needs no post-quantum protection, and ML-KEM takes a third of
		// a handshake's time.
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
		ConnContext:       withTunneledConn,
		ErrorLog:          errorLog,

		DisableGeneralOptionsHandler: true,
	}
	return p
}

// handlers registers our handlers with goproxy.
func (p *Proxy) handlers() *goproxy.ProxyHttpServer {
	gp := goproxy.NewProxyHttpServer()
	gp.Tr = p.up.h2
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
		return exchangeOf(ctx.Req.Context()).errorResponse(ctx.Req, ctx.Error)
	})
	return gp
}

// Serve accepts clients on l until Shutdown; then it returns nil.
func (p *Proxy) Serve(l net.Listener) error {
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		p.self.Store(a)
	}
	p.background.Go(p.publishLoop)
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

// Shutdown stops accepting, lets exchanges in progress finish until ctx is done, and
// then ends the rest. When it returns, no goroutine of the proxy runs and every flow
// has had its final Put.
func (p *Proxy) Shutdown(ctx context.Context) error {
	var drain sync.WaitGroup
	drain.Go(func() { _ = p.outer.Shutdown(ctx) })
	drain.Go(func() { _ = p.inner.Shutdown(ctx) })
	drain.Wait()
	p.cancel(errStopped)
	err := errors.Join(p.outer.Close(), p.inner.Close())
	p.work.close()
	p.background.Wait()
	p.up.closeIdle()
	return err
}

// CloseIdle closes the idle connections to servers. After a network change they may be
// dead, which would show only when the next request fails on one.
func (p *Proxy) CloseIdle() { p.up.closeIdle() }

// serveOuter handles requests that clients send to the proxy.
func (p *Proxy) serveOuter(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.gp.ServeHTTP(bufferedHijacker{w}, r)
	case !r.URL.IsAbs():
		p.cfg.Landing.ServeHTTP(w, r)
	default:
		p.exchange(w, r)
	}
}

// serveInner handles requests from an intercepted tunnel.
func (p *Proxy) serveInner(w http.ResponseWriter, r *http.Request) {
	t := tunneledConnOf(r.Context())
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

// printfLogger writes goproxy's warnings to the log instead of the terminal, which
// belongs to the table.
type printfLogger struct{ log *slog.Logger }

func (l printfLogger) Printf(format string, args ...any) {
	l.log.Debug("goproxy", "message", strings.TrimSpace(fmt.Sprintf(format, args...)))
}
