// Package h2client sends requests over HTTP/2 connections to servers (RFC 9113).
//
// A [Pool] has the connections, which requests to the same authority share. It makes none: give it
// those that another http.RoundTripper makes. The goroutine of a request writes it, another one its
// body, and one for each connection reads frames and wakes the goroutine of a request when a
// response has come. None of them waits for another whose peer is slow.
//
// What a server can make the client hold is bounded: heads, interim responses, bodies that nobody
// reads, and frames that the server doesn't read.
package h2client

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"detour/internal/h2wire"
)

// Config is the configuration of a [Pool].
type Config struct {
	MaxHeaderBytes  uint32        // of a response's head, as SETTINGS_MAX_HEADER_LIST_SIZE counts it
	MaxUnread       uint32        // bytes of a response's body that nobody has read
	IdleTimeout     time.Duration // after which a connection without a request is closed
	ContinueTimeout time.Duration // how long a request waits for a 100 (Continue) that it expects
	PingAfter       time.Duration // without a frame from the server, after which it is pinged
	PingTimeout     time.Duration // without a frame after a ping, after which the connection is lost

	// Guard calls a function that handles what a server has sent, and returns an error if it
	// panicked. That error ends the connection, or the request.
	Guard func(do func()) error
}

// A Transport is what a connection needs of a *tls.Conn.
type Transport interface {
	net.Conn
	NetConn() net.Conn
}

// Limits on servers.
const (
	connWindow     = 1 << 30 // bytes of all bodies that nobody has read: a slow reader is to hold up no other
	streamsAtFirst = 100     // requests at a time until the server has sent SETTINGS
	streamsDefault = 1000    // requests at a time if the server sets no limit
	lastID         = 1<<31 - 1
	closeTimeout   = 250 * time.Millisecond // how long the end of TLS may take
	writeTimeout   = 250 * time.Millisecond // how long the end of a response waits for an upload that is writing
	lateFrames     = time.Second            // how long frames may take to arrive after writing has failed
	maxUnsent      = 1 << 20                // bytes of requests that the server doesn't read; bodies wait long before
	maxAhead       = 8 << 10                // see conn.send
	maxBatch       = 16                     // frames that are read before requests learn of them
)

// A conn is a connection to a server.
type conn struct {
	cfg   *Config
	conn  Transport
	br    *bufio.Reader
	fr    *http2.Framer // reads from br
	ended func(*conn)   // called when the connection can't take a request any more
	wakes []*stream     // to be woken when the batch ends; used by the reading goroutine only
	batch int           // frames that were read without waiting; likewise
	read  atomic.Int64  // when a frame was read, as a time.Duration since began
	began time.Time

	settled bool // the server has sent SETTINGS; used by the reading goroutine only

	mu        sync.Mutex
	out       h2wire.Writer
	streams   map[uint32]*stream
	unwritten []*stream // whose requests, without a body, aren't written yet; in order
	nextID    uint32
	reserved  int          // requests that are about to be sent
	resets    int          // streams that were canceled, while the server hasn't answered the ping after them
	resetPing bool         // such a ping was answered, and no message came since
	max       int          // streams at a time
	used      bool         // for a request
	last      bool         // closes when it is idle
	unfit     bool         // takes no new request
	goAway    *goAwayError // nil: none has come
	err       error        // why it has ended; nil: it hasn't
	windows   h2wire.SendWindows
	maxHeader uint32
	received  h2wire.InWindow
	waiting   sync.Cond // for a window, or the end of a stream; its L is mu
	confirmed int64     // bytes written that the server has read, as far as its responses prove
	idleSince time.Time
	pinged    time.Duration // when a ping was sent, since began; 0: none is awaited
	timer     *time.Timer
}

// newConn returns a connection that is being served. ended is called when it takes no more
// requests.
func newConn(cfg *Config, t Transport, ended func(*conn)) *conn {
	c := &conn{
		cfg: cfg, conn: t, br: bufio.NewReader(t), ended: ended, began: time.Now(), streams: make(map[uint32]*stream), nextID: 1,
		max: streamsAtFirst, windows: h2wire.NewSendWindows(), received: h2wire.InWindow{Left: connWindow},
	}
	c.idleSince = c.began
	c.waiting.L = &c.mu
	c.out.Init(&c.mu, t, c.writingFailed)
	c.out.Wrote = c.wroteSome
	c.fr = http2.NewFramer(io.Discard, c.br)
	c.fr.SetReuseFrames()
	c.fr.SetMaxReadFrameSize(h2wire.MaxFrame)
	c.fr.ReadMetaHeaders = hpack.NewDecoder(h2wire.MaxTable, nil)
	c.fr.MaxHeaderListSize = cfg.MaxHeaderBytes
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.WritePreface(
		http2.Setting{ID: http2.SettingEnablePush, Val: 0},
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: cfg.MaxUnread},
		http2.Setting{ID: http2.SettingMaxHeaderListSize, Val: cfg.MaxHeaderBytes},
	)
	_ = c.out.Frames.WriteWindowUpdate(0, connWindow-h2wire.InitialWindow)
	c.timer = time.AfterFunc(c.wait(c.began), func() { c.guard(c.check) })
	go c.guard(func() { c.out.Run(c.close) })
	go c.serve()
	return c
}

// guard calls do, whose panic ends the connection.
func (c *conn) guard(do func()) {
	if fault := c.cfg.Guard(do); fault != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.fail(fault)
	}
}

// serve reads frames until the end of the connection.
func (c *conn) serve() {
	var err error
	fault := c.cfg.Guard(func() {
		for err == nil {
			err = c.readFrame()
		}
	})
	if fault != nil {
		err = fault
	}
	_ = c.cfg.Guard(func() { c.end(err) })
}

// readFrame reads a frame and does what it asks for. The error ends the connection.
func (c *conn) readFrame() error {
	if c.batch++; c.batch > maxBatch || !c.hasFrame() {
		c.batch = 0
		c.read.Store(int64(time.Since(c.began)))
		c.wakeAll()
	}
	header, err := c.fr.ReadFrameHeader()
	if err != nil {
		return err
	}
	if !c.settled && header.Type != http2.FrameSettings {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	f, err := c.fr.ReadFrameForHeader(header)
	var malformed http2.StreamError
	switch {
	case err == nil:
		err = c.gotFrame(f)
	case errors.As(err, &malformed) && header.Type == http2.FrameHeaders && malformed.Cause == nil:
		return http2.ConnectionError(malformed.Code) // too much padding; the field block wasn't decoded
	}
	if errors.As(err, &malformed) {
		if malformed.Cause == nil {
			malformed.Cause = c.fr.ErrorDetail()
		}
		c.reset(malformed)
		return nil
	}
	return err
}

// frameHeader is the length of a frame's header (RFC 9113, 4.1).
const frameHeader = 9

// hasFrame reports whether reading the next frame waits for nothing. A head that goes on in other
// frames may.
func (c *conn) hasFrame() bool {
	if c.br.Buffered() < frameHeader {
		return false
	}
	h, _ := c.br.Peek(frameHeader)
	length := int(h[0])<<16 | int(h[1])<<8 | int(h[2])
	goesOn := http2.FrameType(h[3]) == http2.FrameHeaders && !http2.Flags(h[4]).Has(http2.FlagHeadersEndHeaders)
	return !goesOn && c.br.Buffered() >= frameHeader+length
}

// end ends the connection, and all its requests.
func (c *conn) end(err error) {
	c.wakeAll()
	toldWhy := c.endStreams(err)
	c.ended(c)
	if toldWhy {
		<-c.out.Finished()
	}
	c.close()
}

// endStreams ends all requests, and reports whether the server is about to be told why.
func (c *conn) endStreams(err error) (toldWhy bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	err = c.reason(err)
	c.err = err
	c.timer.Stop()
	for _, s := range c.streams {
		s.end(err)
	}
	c.waiting.Broadcast()
	var code http2.ConnectionError
	if !errors.As(err, &code) {
		c.out.Stop()
		return false
	}
	c.out.Control(func(fr *http2.Framer) { _ = fr.WriteGoAway(0, http2.ErrCode(code), nil) })
	c.out.CloseSoon()
	_ = c.conn.SetWriteDeadline(time.Now().Add(closeTimeout))
	return true
}

// reason returns the error to report for that of the reading. mu is held.
func (c *conn) reason(err error) error {
	var op *net.OpError
	switch {
	case c.err != nil:
		return c.err
	case c.out.Err != nil && errors.Is(err, os.ErrDeadlineExceeded):
		return c.out.Err
	case c.goAway != nil && (errors.Is(err, io.EOF) || errors.As(err, &op) && op.Op == "read"):
		return *c.goAway
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case errors.Is(err, http2.ErrFrameTooLarge): // the Framer says so if it looks like HTTP/1.1
		return fmt.Errorf("%w: %w", http2.ConnectionError(http2.ErrCodeFrameSize), err)
	}
	return err
}

// writingFailed ends the connection because nothing can be written to it. What the server has sent
// is read first: it may say why. mu is held.
func (c *conn) writingFailed(err error) {
	c.waiting.Broadcast()
	if errors.Is(err, h2wire.ErrFlooded) {
		c.fail(err)
		return
	}
	_ = c.conn.SetReadDeadline(time.Now().Add(lateFrames))
}

// fail ends the connection at once. mu is held.
func (c *conn) fail(err error) {
	if c.err == nil {
		c.err = err
	}
	for _, s := range c.streams {
		s.end(c.err)
	}
	_ = c.conn.NetConn().Close()
}

// close ends TLS and closes the connection.
func (c *conn) close() {
	t := time.AfterFunc(closeTimeout, func() { _ = c.conn.NetConn().Close() })
	defer t.Stop()
	_ = c.conn.Close()
}
