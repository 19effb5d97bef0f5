// Package h2server serves HTTP/2 on a connection of a client (RFC 9113).
//
// Make a [Conn] with [New] and call [Conn.Serve], which calls an http.Handler for each request,
// as net/http's server would. Its goroutines seldom wait for each other: one reads frames, one for
// each request runs its handler and writes the end of its response, and one writes the frames that
// may have to wait for the client. The reading one never waits for another, nor does a handler whose
// request is canceled.
//
// What a client can make the server hold is bounded: streams, handlers of canceled streams,
// heads, bodies that no handler reads, and frames that the client doesn't read.
package h2server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"detour/internal/h2wire"
)

// Config is the configuration of a [Conn]. Handler is required.
type Config struct {
	Handler        http.Handler
	MaxHeaderBytes int           // of a head, as SETTINGS_MAX_HEADER_LIST_SIZE counts it
	IdleTimeout    time.Duration // after which a connection without a stream is closed
	Log            *slog.Logger  // of handlers that panic; nil: those are not logged

	// Guard calls what runs beside Serve and isn't a handler, and reports whether it returned: if it
	// panicked, the connection ends. nil: a panic ends the process.
	Guard func(do func()) (returned bool)
}

// Limits on clients.
const (
	maxStreams     = 250     // that are open at a time, and handlers that run
	streamWindow   = 1 << 20 // bytes of a body that no handler has read
	connWindow     = 1 << 20 // the same, of all streams
	maxIdleWorkers = 4       // goroutines that wait for the next request
	prefaceTimeout = 10 * time.Second
	goAwayTimeout  = 250 * time.Millisecond // how long a client may take to read why the connection ends
	closeTimeout   = 5 * time.Second        // how long it may take to read the rest of a connection that ends
)

// A Transport is what a [Conn] needs of a *tls.Conn.
type Transport interface {
	net.Conn
	CloseWrite() error
	NetConn() net.Conn
}

// A Conn is a client's connection. Make one with [New].
type Conn struct {
	cfg    Config
	conn   Transport
	remote string          // the client's address
	ctx    context.Context // of all requests
	cancel context.CancelFunc
	fr     *http2.Framer // reads
	lastID uint32        // the client's last stream; used by the reading goroutine only
	acked  bool          // the client has acknowledged SETTINGS; likewise

	work    chan *stream // to idle workers
	workers sync.WaitGroup

	mu        sync.Mutex
	out       h2wire.Writer
	streams   map[uint32]*stream
	idle      int       // workers
	handlers  int       // that run
	queued    []*stream // that wait for the handlers of canceled ones to return
	handled   uint32    // the last stream with a handler
	abandoned recentIDs // streams that the server has reset
	windows   h2wire.SendWindows
	received  h2wire.InWindow
	waiting   sync.Cond // for a window, or the end of a stream; its L is mu
	idleSince time.Time
	idleTimer *time.Timer
	draining  bool
	ended     bool
}

// New returns a Conn that isn't serving yet. ctx is that of its requests.
func New(ctx context.Context, c Transport, cfg Config) *Conn {
	x := &Conn{
		cfg: cfg, conn: c, remote: c.RemoteAddr().String(), work: make(chan *stream), streams: make(map[uint32]*stream),
		windows: h2wire.NewSendWindows(), received: h2wire.InWindow{Left: connWindow},
	}
	x.ctx, x.cancel = context.WithCancel(ctx)
	x.waiting.L = &x.mu
	x.out.Init(&x.mu, c, x.writingFailed)
	_ = x.out.Frames.WriteSettings(
		http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: maxStreams},
		http2.Setting{ID: http2.SettingMaxHeaderListSize, Val: uint32(cfg.MaxHeaderBytes)},
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: streamWindow},
	)
	_ = x.out.Frames.WriteWindowUpdate(0, connWindow-h2wire.InitialWindow)
	x.fr = http2.NewFramer(io.Discard, c)
	x.fr.SetReuseFrames()
	x.fr.SetMaxReadFrameSize(h2wire.MaxFrame)
	x.fr.ReadMetaHeaders = hpack.NewDecoder(h2wire.MaxTable, nil)
	x.fr.MaxHeaderListSize = uint32(cfg.MaxHeaderBytes)
	return x
}

// Serve serves the connection until its end. When it returns, all handlers have.
func (c *Conn) Serve() {
	_ = c.conn.SetReadDeadline(time.Now().Add(prefaceTimeout))
	c.workers.Go(c.guarded(func() { c.out.Run(c.closeWriting) })) // which may set an earlier deadline
	err := c.begin()
	for err == nil {
		err = c.readFrame()
	}
	c.goAway(err)
	c.end()
	close(c.work)
	c.workers.Wait()
}

// guarded returns do for another goroutine: a panic ends the connection.
func (c *Conn) guarded(do func()) func() {
	return func() {
		if c.cfg.Guard == nil {
			do()
		} else if !c.cfg.Guard(do) {
			c.Close()
		}
	}
}

// begin reads the client's preface. The server's is about to be written.
func (c *Conn) begin() error {
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(c.conn, preface); err != nil {
		return err
	}
	if string(preface) != http2.ClientPreface {
		return errPreface
	}
	f, err := c.fr.ReadFrame()
	if err != nil {
		return err
	}
	settings, ok := f.(*http2.SettingsFrame)
	if !ok {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	c.mu.Lock()
	if !c.out.IsClosing() { // by Drain, after which the deadline remains
		_ = c.conn.SetReadDeadline(time.Time{})
		c.idleSince = time.Now()
		c.idleTimer = time.AfterFunc(c.cfg.IdleTimeout, c.guarded(c.checkIdle))
	}
	c.mu.Unlock()
	return c.gotSettings(settings)
}

var errPreface = errors.New("the client didn't send the preface of HTTP/2")

// checkIdle ends the connection if it has been idle for long enough.
func (c *Conn) checkIdle() {
	c.mu.Lock()
	left := c.cfg.IdleTimeout
	if len(c.streams) == 0 {
		left -= time.Since(c.idleSince)
	}
	if !c.ended && left > 0 {
		c.idleTimer.Reset(left)
		c.mu.Unlock()
		return
	}
	c.mu.Unlock()
	c.Drain()
}

// Drain tells the client to send no more requests, and closes the connection once those that
// it has sent are over.
func (c *Conn) Drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.draining || c.ended {
		return
	}
	c.draining = true
	c.out.Control(func(fr *http2.Framer) { _ = fr.WriteGoAway(c.handled, http2.ErrCodeNo, nil) })
	if len(c.streams) == 0 {
		c.closeSoon()
	}
}

// Close ends the connection and its requests.
func (c *Conn) Close() {
	c.cancel()
	_ = c.conn.NetConn().Close()
}

// goAway tells the client why the connection ends, if it is the client's fault.
func (c *Conn) goAway(err error) {
	var code http2.ConnectionError
	switch {
	case errors.Is(err, errPreface):
		return
	case errors.Is(err, http2.ErrFrameTooLarge):
		code = http2.ConnectionError(http2.ErrCodeFrameSize)
	case !errors.As(err, &code):
		return
	}
	c.mu.Lock()
	if !c.out.IsClosing() {
		_ = c.conn.SetReadDeadline(time.Now().Add(closeTimeout)) // closeWriting sets another
	}
	c.out.Control(func(fr *http2.Framer) { _ = fr.WriteGoAway(c.handled, http2.ErrCode(code), nil) })
	c.closeSoon()
	c.mu.Unlock()
	_, _ = io.CopyN(io.Discard, c.conn, h2wire.MaxControl) // a close with unread bytes could lose the GOAWAY
	<-c.out.Finished()
}

// end ends all streams, and closes the connection.
func (c *Conn) end() {
	c.cancel()
	c.mu.Lock()
	c.ended = true
	if c.idleTimer != nil {
		c.idleTimer.Stop()
	}
	for _, s := range c.streams {
		s.close(errConnEnded)
	}
	c.out.Stop()
	c.mu.Unlock()
	_ = c.conn.Close()
}

var errConnEnded = errors.New("the client has closed the connection")

// writingFailed ends the connection because nothing can be written to it. mu is held.
func (c *Conn) writingFailed(error) {
	c.waiting.Broadcast()
	c.Close()
}

// closeSoon ends the connection once everything is written, and the client has closed its end or
// hasn't in time. mu is held.
func (c *Conn) closeSoon() {
	if !c.out.CloseSoon() {
		_ = c.conn.SetWriteDeadline(time.Now().Add(closeTimeout))
	}
}

// closeWriting ends the writing side.
func (c *Conn) closeWriting() {
	_ = c.conn.CloseWrite()
	_ = c.conn.SetReadDeadline(time.Now().Add(goAwayTimeout))
}
