// Package handoff has a listener whose connections are given to it: for a server
// that is to serve connections which were accepted, or made, elsewhere.
package handoff

import (
	"net"
	"sync"
)

// A Listener accepts what Give gives it. Its methods may be called concurrently.
type Listener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// New returns an open Listener.
func New() *Listener {
	return &Listener{conns: make(chan net.Conn), done: make(chan struct{})}
}

// Give passes c to Accept and waits until it is taken. It reports false, and
// leaves c alone, once the listener is closed.
func (l *Listener) Give(c net.Conn) bool {
	select {
	case l.conns <- c:
		return true
	case <-l.done:
		return false
	}
}

// Accept waits for a connection; net.ErrClosed after Close.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and Give. It may be called more than once.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr is no address in particular.
func (l *Listener) Addr() net.Addr { return &net.TCPAddr{} }
