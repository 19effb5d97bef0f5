// Package dial makes connections and records how each was made: the DNS answer,
// every TCP connect, what an upstream proxy responded, and the TLS handshake.
//
// Make one [Dialer] with [New] and call [Dialer.Dial] for each connection.
// [InfoOf] returns the record of an established connection, [Error] has that of a
// failed one, and [Request].Watch gets snapshots while it is made.
//
// Addresses are raced as RFC 8305 (Happy Eyeballs) describes. Unlike net.Dialer,
// which returns one error for all addresses, each attempt is recorded with its
// outcome, duration and local address. The record belongs to the connection, so it
// is the same for every request that the connection carries.
package dial

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"detour/internal/fault"
	"detour/internal/flow"
	"detour/internal/gate"
	"detour/internal/resolve"
)

// A Resolver looks up the addresses of a host, which may be an IP address. Resolve
// never returns nil: the Resolution has the error, if there is one, and isn't
// modified once returned. It is called concurrently.
type Resolver interface {
	Resolve(ctx context.Context, host string) *flow.Resolution
}

// A Connect makes one TCP connection and returns as soon as ctx ends. Until it
// returns, it may call observe with the state of the attempt so far.
type Connect func(ctx context.Context, addr netip.AddrPort, observe Observe) (net.Conn, error)

// Observe receives the local address of an attempt and, where the system has it,
// what the kernel reports of the connection; k is nil otherwise. k isn't modified
// afterwards.
type Observe = func(local netip.AddrPort, k *flow.KernelTCP)

// Config is the configuration of a [Dialer]. Only Resolver is required.
type Config struct {
	Resolver Resolver
	Connect  Connect // nil: the system's connect
	// Refuse returns why an address must not be connected to, whatever name led to it. It is called
	// concurrently. Nil: none is refused.
	Refuse           func(netip.AddrPort) error
	Timeout          time.Duration  // for each attempt; 0: the operating system's
	AttemptDelay     time.Duration  // between the starts of two attempts; 0: 250 ms
	HandshakeTimeout time.Duration  // for TLS, and for a proxy's response to CONNECT; 0: 30 s
	RootCAs          *x509.CertPool // nil: the system's
	// ClientCert is sent to servers that request a client certificate. Nil: none is.
	ClientCert *tls.Certificate
	// RecheckLoser reports whether to check an address of host that lost a race: it is
	// then connected to once more, separately. Nil: no address is checked.
	RecheckLoser func(host string, a netip.Addr) bool
	// OnLater is called with what was learned of an address after it had lost the race for
	// a connection, which has that ID: first when it hasn't responded for a while, and then
	// when it has, or nobody waits for it any more. It may be called concurrently. Nil: no
	// address is checked.
	OnLater func(conn flow.ID, l flow.Later)
	// SmallHello omits the post-quantum key share from the ClientHello, which then
	// fits into one packet on any path.
	SmallHello bool
	// Via returns the upstream proxy for an authority (host:port) and a scheme, "http"
	// or "https", or nil to connect directly. It is called concurrently. Nil: every
	// connection is direct.
	Via func(scheme, authority string) *Proxy
	// Then returns what to try, in order, if the proxy of Via can't be reached; nil is a
	// direct connection. It is called concurrently. Nil: nothing.
	Then func(scheme, authority string) []*Proxy
	// Why returns what a PAC file said of an authority, for the record; "": none was asked.
	// It is called concurrently. Nil: none ever is.
	Why    func(scheme, authority string) string
	NextID func() flow.ID // for connections; called concurrently; nil: 1, 2, 3 …
	Faults *fault.Guard   // of what runs after Dial has returned; nil: a panic there ends the process
}

const (
	attemptDelay     = 250 * time.Millisecond // recommended by RFC 8305, 5
	handshakeTimeout = 30 * time.Second
	sessionCacheSize = 256 // TLS sessions for resumption
)

// A Dialer makes connections. Make one with [New], and [Dialer.Close] it. It is safe
// for concurrent use.
type Dialer struct {
	cfg        Config
	sessions   tls.ClientSessionCache
	interfaces interfaces
	lastID     atomic.Uint64
	rechecks   recheckLimiter
	rest       proxyRest
	learned    learnedMethods
	background gate.Gate       // rechecks of losers
	ctx        context.Context // ends with Close
	cancel     context.CancelFunc
}

// refusing is connect but for what is refused.
func refusing(connect Connect, refuse func(netip.AddrPort) error) Connect {
	return func(ctx context.Context, addr netip.AddrPort, observe Observe) (net.Conn, error) {
		if err := refuse(addr); err != nil {
			return nil, err
		}
		return connect(ctx, addr, observe)
	}
}

// New returns a Dialer. Zero fields of cfg have the defaults that [Config] states.
func New(cfg Config) *Dialer {
	d := &Dialer{cfg: cfg, sessions: tls.NewLRUClientSessionCache(sessionCacheSize)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	if d.cfg.Connect == nil {
		d.cfg.Connect = connectSystem
	}
	if d.cfg.Refuse != nil {
		d.cfg.Connect = refusing(d.cfg.Connect, d.cfg.Refuse)
	}
	if d.cfg.AttemptDelay <= 0 {
		d.cfg.AttemptDelay = attemptDelay
	}
	if d.cfg.HandshakeTimeout <= 0 {
		d.cfg.HandshakeTimeout = handshakeTimeout
	}
	if d.cfg.NextID == nil {
		d.cfg.NextID = func() flow.ID { return flow.ID(d.lastID.Add(1)) }
	}
	return d
}

// A Request is what to connect to, and how.
type Request struct {
	Authority  string   // host:port
	Scheme     string   // "http" or "https", to choose the upstream proxy; "": https
	ToProxy    bool     // Authority is an HTTP proxy that gets plain requests, not CONNECT
	TLS        bool     // do a TLS handshake after connecting
	ServerName string   // SNI, and the name to verify; "": the host of Authority
	ALPN       []string // protocols to offer
	// Watch is called with an immutable snapshot of the record at each change. It is
	// called once at a time, and never after Dial has returned. It may be nil.
	Watch func(*flow.Conn)
	// Closed is called once, when this side closes the connection that Dial returned. It
	// may be nil.
	Closed func(*Conn)
}

// Dial makes a connection: a [*Conn], or a *tls.Conn over one if req.TLS is set.
// The error is an [*Error], which has the record of what was tried.
func (d *Dialer) Dial(ctx context.Context, req Request) (net.Conn, error) {
	c := &call{d: d, watch: req.Watch}
	c.info = flow.Conn{ID: d.cfg.NextID(), Authority: req.Authority, Start: time.Now()}
	host, port, err := splitAuthority(req.Authority)
	if err != nil {
		return nil, c.fail(flow.StageDNS, err)
	}
	raw, err := c.connect(ctx, req, host, port)
	if err != nil {
		return nil, err
	}
	conn := &Conn{Conn: raw}
	if !req.TLS {
		conn.ended = req.Closed
		conn.info = c.snapshot()
		d.recheckLosers(conn.info)
		return conn, nil
	}
	name := req.ServerName
	if name == "" {
		name = strings.TrimSuffix(host, ".")
	}
	tc, err := c.handshake(ctx, conn, name, req.ALPN)
	if err != nil {
		_ = raw.Close()
		d.recheckLosers(c.snapshot())
		return nil, c.fail(flow.StageTLS, err)
	}
	conn.info, conn.ended = c.snapshot(), req.Closed
	d.recheckLosers(conn.info)
	return tc, nil
}

// Via returns the upstream proxy for an authority, as [Config].Via does, or nil for
// a direct connection.
func (d *Dialer) Via(scheme, authority string) *Proxy {
	if d.cfg.Via == nil {
		return nil
	}
	return d.cfg.Via(scheme, authority)
}

func splitAuthority(authority string) (host string, port uint16, err error) {
	host, p, err := net.SplitHostPort(authority)
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.ParseUint(p, 10, 16)
	if err != nil {
		return "", 0, &net.AddrError{Err: "invalid port", Addr: authority}
	}
	return host, uint16(n), nil
}

// A call is one Dial in progress.
type call struct {
	d     *Dialer
	watch func(*flow.Conn)
	info  flow.Conn // written by Dial's goroutine only, and under race.mu during the race
}

// connect makes the TCP connection, or has an upstream proxy make it.
func (c *call) connect(ctx context.Context, req Request, host string, port uint16) (net.Conn, error) {
	if req.ToProxy {
		c.info.UpstreamProxy = req.Authority
	} else {
		scheme := cmp.Or(req.Scheme, "https")
		list := c.d.ways(scheme, req.Authority)
		if c.d.cfg.Why != nil {
			c.info.PAC = c.d.cfg.Why(scheme, req.Authority)
		}
		if len(list) > 1 || list[0] != nil {
			return c.tryAll(ctx, list, host, port)
		}
	}
	return c.direct(ctx, host, port)
}

// direct makes a connection without a proxy.
func (c *call) direct(ctx context.Context, host string, port uint16) (net.Conn, error) {
	if err := c.resolve(ctx, host); err != nil {
		return nil, c.fail(flow.StageDNS, err)
	}
	raw, err := c.race(ctx, port)
	if err != nil {
		return nil, c.fail(flow.StageDial, err)
	}
	return raw, nil
}

// notify calls the watcher with a snapshot.
func (c *call) notify() {
	if c.watch != nil {
		c.watch(c.snapshot())
	}
}

// snapshot returns a copy of the record so far. It shares what is immutable and
// clones the attempts.
func (c *call) snapshot() *flow.Conn {
	s := c.info
	s.Attempts = slices.Clone(s.Attempts)
	return &s
}

// resolve looks up the host's addresses and records the answer.
func (c *call) resolve(ctx context.Context, host string) error {
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	if c.watch != nil {
		c.info.Resolution = &flow.Resolution{Name: name, Start: time.Now()}
		c.notify()
		ctx = resolve.WithProgress(ctx, func(r *flow.Resolution) {
			s := c.snapshot() // nothing else writes to the record during the lookup
			s.Resolution = r
			c.watch(s)
		})
	}
	c.d.interfaces.refresh() // during the lookup
	r := c.d.cfg.Resolver.Resolve(ctx, host)
	c.info.Resolution = r
	c.notify()
	if end := contextError(ctx); end != nil || r.Outcome != flow.DNSOK || len(r.Addrs) == 0 {
		return lookupError(r, end)
	}
	return nil
}

func (c *call) fail(stage flow.Stage, err error) error {
	return &Error{Stage: stage, Info: c.snapshot(), Err: err}
}
