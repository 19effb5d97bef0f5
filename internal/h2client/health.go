package h2client

import (
	"errors"
	"time"

	"golang.org/x/net/http2"
)

// ErrLost is the error of a request on a connection whose server didn't answer a ping.
var ErrLost = errors.New("http2: the server didn't answer a PING")

// wait returns how long after now the connection is to be checked. mu is held.
func (c *conn) wait(now time.Time) time.Duration {
	read, age := time.Duration(c.read.Load()), now.Sub(c.began)
	left := read + c.cfg.PingAfter - age
	if c.pinged > 0 {
		left = c.pinged + c.cfg.PingTimeout - age
	}
	if c.isIdle() {
		left = min(left, c.cfg.IdleTimeout-now.Sub(c.idleSince))
	}
	return left
}

// check closes the connection if it has been idle for long enough, pings the server if it has been
// silent, and gives up the connection if it still is.
func (c *conn) check() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	now := time.Now()
	read, age := time.Duration(c.read.Load()), now.Sub(c.began)
	if read >= c.pinged {
		c.pinged = 0
	}
	switch {
	case c.isIdle() && now.Sub(c.idleSince) >= c.cfg.IdleTimeout:
		c.retire()
		return
	case c.pinged > 0 && age-c.pinged >= c.cfg.PingTimeout:
		c.fail(ErrLost)
		return
	case c.pinged == 0 && age-read >= c.cfg.PingAfter:
		c.pinged = age
		c.out.Control(func(fr *http2.Framer) { _ = fr.WritePing(false, [8]byte{}) })
	}
	c.timer.Reset(max(c.wait(now), time.Millisecond))
}

// isIdle reports whether no request uses the connection. mu is held.
func (c *conn) isIdle() bool { return len(c.streams) == 0 && c.reserved == 0 }

// retire has the connection take no more requests, and closes it once it is idle. mu is held.
func (c *conn) retire() {
	c.unfit = true
	c.closeIfDone()
}

// closeIfDone closes an idle connection that takes no more requests, or is to close then. mu is
// held.
func (c *conn) closeIfDone() {
	if c.isIdle() && (c.unfit || c.last && c.used) && !c.out.CloseSoon() {
		c.unfit = true
		_ = c.conn.SetWriteDeadline(time.Now().Add(closeTimeout))
	}
}

// reserve reports whether the connection can take a request, for which it then has room.
func (c *conn) reserve() (ok, reused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.isUsable() && (c.err == nil && c.out.Err == nil || c.used || c.unfit) {
		return false, false
	}
	// A connection that failed before its first request takes one, which fails: otherwise
	// another would be made, again and again, and nobody would learn why.
	c.reserved++
	reused, c.used = c.used, true
	return true, reused
}

// isUsable reports whether the connection can take one request more: not if the server doesn't read
// those before it. The clock of a suspended
// computer may have stopped, so its wall clock decides. mu is held.
func (c *conn) isUsable() bool {
	unsent, _ := c.out.Buffered()
	return c.err == nil && c.out.Err == nil && !c.unfit && unsent < maxUnsent && len(c.streams)+c.reserved+c.resets < c.max &&
		(!c.isIdle() || time.Now().Round(0).Sub(c.idleSince.Round(0)) <= c.cfg.IdleTimeout)
}

// hasRoom reports whether the connection can take a request.
func (c *conn) hasRoom() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.isUsable()
}

// wasUsed reports whether a request was sent on the connection, or is about to be.
func (c *conn) wasUsed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used
}
