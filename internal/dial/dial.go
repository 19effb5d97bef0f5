// Package dial makes connections and remembers everything that happened on the
// way: what the name resolved to, what became of every TCP connect, and the TLS
// handshake.
//
// Addresses are raced as RFC 8305 describes. Unlike net.Dialer, which reports
// one error for all, every attempt is kept with its outcome, its duration and
// our end of it. The record belongs to the connection: it is the same for every
// request that the connection carries.
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
	"sync"
	"sync/atomic"
	"time"

	"detour/internal/flow"
)

// A Resolver turns a host into addresses. Resolve never returns nil: what went
// wrong is in the Resolution, which nobody changes any more. It is called
// concurrently.
type Resolver interface {
	Resolve(ctx context.Context, host string) *flow.Resolution
}

// A Connect makes one TCP connection, and gives up at once when ctx ends. It may
// call observe, until it returns, with what the kernel says of the attempt so far.
type Connect func(ctx context.Context, addr netip.AddrPort, observe Observe) (net.Conn, error)

// Observe takes our end of an attempt, and the kernel's own account of it if
// there is one, which nobody changes any more.
type Observe = func(local netip.AddrPort, k *flow.KernelTCP)

// Config is what a Dialer is made of. Resolver is required.
type Config struct {
	Resolver         Resolver
	Connect          Connect        // nil: the system's
	Timeout          time.Duration  // for each attempt; 0: the system gives up, or nobody does
	AttemptDelay     time.Duration  // between the starts of two attempts; 0: 250 ms
	HandshakeTimeout time.Duration  // 0: 30 s
	RootCAs          *x509.CertPool // nil: the system's
	// ClientCert is shown to servers that ask for one. Nil: there is none.
	ClientCert *tls.Certificate
	// AskLoser says whether an address of a host that lost a race is asked again, by
	// itself, whether it is alive. Nil: none is.
	AskLoser func(host string, a netip.Addr) bool
	// Late is told of a connection whose record has changed after Dial returned it:
	// a loser of its race is dead. It is the whole record, with the same ID.
	Late func(*flow.Conn)
	// SmallHello leaves the post-quantum key share out of the hello, which then fits
	// into one packet of any path.
	SmallHello bool
	// Via says which upstream proxy leads to an authority, for a scheme of "http" or
	// "https"; nil: none does. Nil: there is none at all.
	Via    func(scheme, authority string) *Proxy
	NextID func() flow.ID // for connections; nil: 1, 2, 3 …
}

const (
	attemptDelay     = 250 * time.Millisecond // RFC 8305, 5: recommended
	handshakeTimeout = 30 * time.Second
	sessionCacheSize = 256 // TLS sessions for resumption
)

// A Dialer makes connections. It may be used concurrently.
type Dialer struct {
	cfg        Config
	sessions   tls.ClientSessionCache
	interfaces interfaces
	lastID     atomic.Uint64
	losers     losers
	back       sync.WaitGroup  // what goes on behind the dials
	ctx        context.Context // ends with Close
	cancel     context.CancelFunc
}

// New returns a Dialer.
func New(cfg Config) *Dialer {
	d := &Dialer{cfg: cfg, sessions: tls.NewLRUClientSessionCache(sessionCacheSize)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	if d.cfg.Connect == nil {
		d.cfg.Connect = connectSystem
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

// A Request says where to, and how.
type Request struct {
	Authority  string   // host:port
	Scheme     string   // "http" or "https", for the choice of an upstream proxy; "": https
	ToProxy    bool     // Authority is an upstream proxy that is sent requests, not a CONNECT
	TLS        bool     // shake hands after connecting
	ServerName string   // SNI; "": the host
	ALPN       []string // protocols to offer
	// Watch is told every news with an immutable snapshot: one at a time, and
	// never after Dial returned. It may be nil.
	Watch func(*flow.Conn)
}

// Dial makes a connection: a *Conn, or a *tls.Conn over one. The error is an
// *Error, which has the record of what was tried.
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
		conn.info = c.snapshot()
		d.askLosers(conn.info)
		return conn, nil
	}
	name := req.ServerName
	if name == "" {
		name = strings.TrimSuffix(host, ".")
	}
	tc, err := c.handshake(ctx, conn, name, req.ALPN)
	if err != nil {
		_ = raw.Close()
		return nil, c.fail(flow.StageTLS, err)
	}
	conn.info = c.snapshot()
	d.askLosers(conn.info)
	return tc, nil
}

// Via is the upstream proxy for an authority; nil if there is none.
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

// A call is one Dial under way.
type call struct {
	d     *Dialer
	watch func(*flow.Conn)
	info  flow.Conn // written by Dial's goroutine alone but for the race, which has a lock
}

// connect makes the TCP connection, or has an upstream proxy make it.
func (c *call) connect(ctx context.Context, req Request, host string, port uint16) (net.Conn, error) {
	if req.ToProxy {
		c.info.UpstreamProxy = req.Authority
	} else if p := c.d.Via(cmp.Or(req.Scheme, "https"), req.Authority); p != nil {
		return c.via(ctx, p, host, port)
	}
	if err := c.resolve(ctx, host); err != nil {
		return nil, c.fail(flow.StageDNS, err)
	}
	raw, err := c.race(ctx, port)
	if err != nil {
		return nil, c.fail(flow.StageDial, err)
	}
	return raw, nil
}

// tell gives the watcher a snapshot.
func (c *call) tell() {
	if c.watch != nil {
		c.watch(c.snapshot())
	}
}

// snapshot is the record so far. What it points to is never written again; of
// the attempts it has its own.
func (c *call) snapshot() *flow.Conn {
	s := c.info
	s.Attempts = slices.Clone(s.Attempts)
	return &s
}

// resolve asks for the host's addresses.
func (c *call) resolve(ctx context.Context, host string) error {
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	if c.watch != nil {
		c.info.Resolution = &flow.Resolution{Name: name, Start: time.Now()}
		c.tell()
	}
	c.d.interfaces.freshen() // while we wait
	r := c.d.cfg.Resolver.Resolve(ctx, host)
	c.info.Resolution = r
	c.tell()
	if end := ended(ctx); end != nil || r.Outcome != flow.DNSOK || len(r.Addrs) == 0 {
		return lookupError(r, end)
	}
	return nil
}

func (c *call) fail(stage flow.Stage, err error) error {
	return &Error{Stage: stage, Info: c.snapshot(), Err: err}
}
