// Package proxy forwards a client's requests and records every exchange as a flow.
//
// Make a [Proxy] with [New], call [Proxy.Serve] with a listener, and receive the
// flows in a [Sink]. [Proxy.Shutdown] ends it.
//
// For hosts that [Config].Intercept selects, the proxy terminates TLS with a
// certificate from [Config].Leaf. HTTP/2 on such a connection is served by package h2server,
// plain requests of HTTP/1.1 by an h1Conn. Other requests of HTTP/1.1 go through one net/http
// server into the same goproxy handler chain as requests to the proxy's own port.
// All other connections are tunnelled without being read. In either
// case internal/dial resolves the name and connects, and the exchange becomes a
// flow whether it succeeds or not. Package h2client sends requests over HTTP/2.
//
// The proxy changes as little as possible. It forwards requests and responses with
// their framing, removes hop-by-hop header fields only and adds none, and uses the
// client's protocol version with the server if that supports it. It never passes off
// a truncated response as complete.
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

	"detour/internal/connlistener"
	"detour/internal/contentcoding"
	"detour/internal/dial"
	"detour/internal/fault"
	"detour/internal/flow"
	"detour/internal/gate"
)

// A Sink receives each revision of each flow. Put is called concurrently, though for
// one flow in order of revision, and must not block: the request waits for it. It
// may keep what the flow points to, which isn't modified afterwards.
type Sink interface{ Put(flow.Flow) }

// Config is the configuration of a [Proxy]. Dialer and Sink are required, and Leaf
// is if Intercept is set. The functions are called concurrently.
type Config struct {
	Dialer    *dial.Dialer
	Sink      Sink
	Intercept func(host string) bool                      // whether to decrypt host; nil: no host
	Leaf      func(name string) (*tls.Certificate, error) // returns the certificate for an intercepted host
	// Bodies returns how many bytes, at most 64 KiB, to record of the beginning of a
	// body: of the request's if the flow has no response yet, else of the response's.
	// The request waits for it. Nil: none.
	Bodies func(*flow.Flow) int
	// Own reports whether a host and port are another listener of detour's, which no page may reach
	// through the proxy. It is called concurrently. Nil: there is none.
	Own     func(host, port string) bool
	Landing http.Handler // handles requests to the proxy's own address; nil: 404
	Notice  func(string) // takes a sentence for the user about the proxy itself; nil: nobody does
	Log     *slog.Logger // nil: logs are discarded
}

// Limits on clients. Any local program can connect, not only the browser.
const (
	maxHeaderBytes    = 256 << 10
	handshakeTimeout  = 10 * time.Second // from CONNECT to the end of the TLS handshake with the client
	readHeaderTimeout = 30 * time.Second
	clientIdleTimeout = 5 * time.Minute
)

// A Proxy serves clients until [Proxy.Shutdown]. Make one with [New]. Its methods
// are safe for concurrent use.
type Proxy struct {
	cfg        Config
	gp         *goproxy.ProxyHttpServer
	up         atomic.Pointer[upstream] // for new requests
	coding     contentcoding.Decoder
	outer      *http.Server
	inner      *http.Server
	streams    *connlistener.Listener // decrypted client connections on their way to inner
	tlsConf    *tls.Config
	lastID     atomic.Uint64
	ctx        context.Context // ends when Shutdown stops waiting for exchanges
	cancel     context.CancelCauseFunc
	work       gate.Gate        // exchanges and tunnels in progress
	active     *activeExchanges // those that are flows
	servers    serverConns
	pool       serverPool
	ownConns   ownConns
	accepts    noticeLimit
	faults     *fault.Guard
	foreign    foreignClients
	background gate.Gate
	self       atomic.Pointer[net.TCPAddr]

	bodyWait, prefetchWait, uploadGrace, pingAfter, pingTimeout time.Duration
}

// errStopped is the error of exchanges that Shutdown cancels.
var errStopped = errors.New("detour was stopped")

// bodyLimit returns how many bytes to record of f's next body.
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
	p := &Proxy{
		cfg: cfg, active: newActiveExchanges(), streams: connlistener.New(), faults: fault.NewGuard(cfg.Log, cfg.Notice),
		bodyWait: bodyWait, prefetchWait: prefetchWait, uploadGrace: uploadGrace, pingAfter: pingAfter, pingTimeout: pingTimeout,
	}
	p.ctx, p.cancel = context.WithCancelCause(context.Background())
	p.up.Store(p.newUpstream())
	p.pool.p = p
	p.tlsConf = &tls.Config{
		GetCertificate: p.certificate,
		NextProtos:     []string{"h2", "http/1.1"},
		MinVersion:     tls.VersionTLS12,
		// Traffic on loopback needs no post-quantum key exchange, and ML-KEM is a third
		// of a handshake's cost.
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
		ConnContext:       withHTTPConn,
		ErrorLog:          errorLog,

		DisableGeneralOptionsHandler: true,
	}
	p.inner = &http.Server{
		Handler:           http.HandlerFunc(p.serveInner),
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       clientIdleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		BaseContext:       func(net.Listener) context.Context { return p.ctx },
		ConnContext:       withHTTPConn,
		ErrorLog:          errorLog,

		DisableGeneralOptionsHandler: true,
	}
	return p
}

// handlers returns goproxy's handler chain with our handlers registered.
func (p *Proxy) handlers() *goproxy.ProxyHttpServer {
	gp := goproxy.NewProxyHttpServer()
	gp.Tr = p.up.Load().h2.h1 // not used: each request has its RoundTripper
	gp.ConnectDial = nil      // it would use HTTPS_PROXY, which may be this proxy
	gp.KeepAcceptEncoding = true
	gp.Logger = printfLogger{p.cfg.Log}
	gp.NonproxyHandler = p.cfg.Landing
	gp.OnRequest().HandleConnectFunc(func(host string, _ *goproxy.ProxyCtx) (*goproxy.ConnectAction, string) {
		return &goproxy.ConnectAction{Action: goproxy.ConnectHijack, Hijack: p.connect}, host
	})
	gp.OnRequest().DoFunc(func(r *http.Request, ctx *goproxy.ProxyCtx) (*http.Request, *http.Response) {
		ctx.RoundTripper = goproxy.RoundTripperFunc(p.roundTrip)
		removeHopByHop(r.Header) // before goproxy removes Connection, and what it names is lost
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

// Serve accepts clients on l until [Proxy.Shutdown], and then returns nil. Call it
// only once.
func (p *Proxy) Serve(l net.Listener) error {
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		p.self.Store(a)
	}
	p.background.Go(p.publishLoop)
	inner := make(chan error, 1)
	go func() { inner <- p.inner.Serve(p.streams) }()
	err := p.outer.Serve(clientListener{l, p})
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

// Shutdown stops accepting clients, waits for exchanges in progress until ctx is
// done, and then cancels the rest. When it returns, all exchanges are over, the Sink has
// the final revision of every flow, and all connections to servers are closed.
func (p *Proxy) Shutdown(ctx context.Context) error {
	var drain sync.WaitGroup
	drain.Go(func() { _ = p.outer.Shutdown(ctx) })
	drain.Go(func() { _ = p.inner.Shutdown(ctx) })
	drain.Go(func() { p.ownConns.drain(ctx) })
	drain.Wait()
	p.cancel(errStopped)
	err := errors.Join(p.outer.Close(), p.inner.Close())
	p.ownConns.closeAll()
	p.work.Close()
	p.background.Close()
	p.up.Load().closeIdle()
	p.pool.close()
	p.servers.closeAll()
	return err
}

// CloseIdle closes the idle connections to servers, and has no new request use the others. Call it
// after the network has changed: they may be dead, and the next request would fail on one. Those in
// use, and those that are being made, would come back to their pool, so new requests get another.
func (p *Proxy) CloseIdle() {
	p.up.Swap(p.newUpstream()).closeIdle()
	p.pool.closeIdle()
}

// serveOuter handles requests on client connections to the proxy.
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

// serveInner handles requests from intercepted connections.
func (p *Proxy) serveInner(w http.ResponseWriter, r *http.Request) {
	t := httpConnOf(r.Context()).tunnel
	host := trimDefaultPort(t.authority, t.scheme)
	if r.Method == http.MethodConnect {
		http.Error(w, "detour: no CONNECT inside a tunnel", http.StatusNotImplemented)
		return
	}
	if r.Host != host && !sameAuthority(r.Host, t.authority, t.scheme) {
		http.Error(w, fmt.Sprintf("detour: this connection is for %s, not for %s", t.authority, r.Host), http.StatusMisdirectedRequest)
		return
	}
	r.URL.Scheme = t.scheme
	r.URL.Host = host
	p.exchange(w, r)
}

// isSelf reports whether host and port lead to the proxy itself, or to another listener of
// detour's.
func (p *Proxy) isSelf(host, port string) bool {
	self := p.self.Load()
	return self != nil && dial.ReachesListener(self, host, port) || p.cfg.Own != nil && p.cfg.Own(host, port)
}

// leadsToSelf is isSelf for host:port.
func (p *Proxy) leadsToSelf(authority string) bool {
	host, port, err := net.SplitHostPort(authority)
	return err == nil && p.isSelf(host, port)
}

func (p *Proxy) nextID() flow.ID { return flow.ID(p.lastID.Add(1)) }

// printfLogger writes goproxy's warnings to the log: on stderr they would overwrite
// the terminal UI.
type printfLogger struct{ log *slog.Logger }

func (l printfLogger) Printf(format string, args ...any) {
	l.log.Debug("goproxy", "message", strings.TrimSpace(fmt.Sprintf(format, args...)))
}
