// Package connlistener lets a server serve connections that were accepted, or made,
// elsewhere.
//
// Pass a [Listener] to http.Server.Serve or the like, and give it each connection
// with [Listener.Give]. A connection has exactly one owner at any time: the
// caller of Give until Give returns true, then the caller of Accept.
package connlistener

import (
	"net"
	"sync"
)

// A Listener is a [net.Listener] whose connections come from [Listener.Give]. Make
// one with [New]. Its methods are safe for concurrent use.
type Listener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// New returns an open Listener.
func New() *Listener {
	return &Listener{conns: make(chan net.Conn), done: make(chan struct{})}
}

// Give passes c to a call of Accept and waits until there is one. If the listener
// is closed, before or while it waits, Give returns false and c is still the
// caller's to close.
func (l *Listener) Give(c net.Conn) bool {
	select {
	case l.conns <- c:
		return true
	case <-l.done:
		return false
	}
}

// Accept waits for a connection. Once the listener is closed, it returns
// [net.ErrClosed].
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close makes waiting and later calls of Accept and Give return. It may be called
// more than once and always returns nil.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr returns an empty TCP address: a Listener isn't bound to one.
func (l *Listener) Addr() net.Addr { return &net.TCPAddr{} }
