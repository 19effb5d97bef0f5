// Package peeruser keeps programs of other users off a server on loopback. A [Guard]
// looks up whose each connection is, once, and refuses those of other users: [Guard.Listener]
// is a net.Listener that does so.
package peeruser

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"detour/internal/fault"
)

// A user is whose a connection is.
type user struct {
	id     string // as the system has it: "1001", "S-1-5-…"
	passes bool   // it is this process's user, or can do everything anyway
}

// A finder looks up whose program is at the other end of a connection between two programs
// of this machine. peer is that program's endpoint, local is ours. The error is errUnknown
// if the system doesn't tell. A finder may be used concurrently.
type finder interface {
	find(local, peer netip.AddrPort) (user, error)
	quick() bool // whether find takes some microseconds, whatever the number of connections
	close()
}

// errUnknown means that the system doesn't know whose a connection is: the program is in
// another network namespace, or has closed its end.
var errUnknown = errors.New("the system doesn't say whose it is")

// A Guard decides which connections are served. Make one with [New]; its methods may be
// called concurrently.
type Guard struct {
	finder finder
	nameOf func(id string) string
	said   said
	faults *fault.Guard
}

// New returns a Guard that tells of refused connections through refused, in a sentence and
// not more often than once a minute. The error is [errors.ErrUnsupported] on systems that
// never tell whose a connection is; another error says why this one doesn't. A connection is refused
// if looking it up panics; if faults is nil, the process ends.
func New(refused func(text string), faults *fault.Guard) (*Guard, error) {
	f, err := newFinder()
	if err != nil {
		return nil, err
	}
	if err := try(f); err != nil {
		f.close()
		return nil, err
	}
	return &Guard{finder: f, nameOf: nameOf, said: said{tell: refused, every: time.Minute, now: time.Now}, faults: faults}, nil
}

// tryTime limits the connection of try; on loopback it takes far less than 1 ms.
const tryTime = 2 * time.Second

// try looks up a connection of this process with itself: where the answer isn't right,
// every connection would be refused.
func try(f finder) error {
	ctx, cancel := context.WithTimeout(context.Background(), tryTime)
	defer cancel()
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		l, err = (&net.ListenConfig{}).Listen(ctx, "tcp", "[::1]:0")
	}
	if err != nil {
		return err
	}
	defer l.Close()
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", l.Addr().String())
	if err != nil {
		return err
	}
	defer c.Close()
	u, err := f.find(endpoint(c.RemoteAddr()), endpoint(c.LocalAddr()))
	if err == nil && !u.passes {
		err = fmt.Errorf("it says that this process is user %s", u.id)
	}
	return err
}

// endpoint is a TCP address without IPv4's form in IPv6; zero if it is none.
func endpoint(a net.Addr) netip.AddrPort {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	p := t.AddrPort()
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}

// Close releases what the Guard holds. Connections of its listener that weren't read yet
// are refused afterwards.
func (g *Guard) Close() { g.finder.close() }

// errFault is the error of a look-up that panicked.
var errFault = errors.New("a fault in detour kept it from finding out whose it is")

// find looks up whose a connection is.
func (g *Guard) find(c net.Conn) (u user, err error) {
	err = errFault
	g.faults.Do("a connection to the proxy was refused", func() { u, err = g.finder.find(endpoint(c.LocalAddr()), endpoint(c.RemoteAddr())) })
	return u, err
}

// refuse tells of a connection that isn't served, and returns why, without a name.
func (g *Guard) refuse(peer netip.AddrPort, u user, err error) (why string) {
	if errors.Is(err, errFault) { // the fault was reported
		return fmt.Sprintf("a connection from %s was refused: %v", peer, err)
	}
	if err != nil {
		why = fmt.Sprintf("a connection from %s was refused: %v; its program may be in a container or network namespace", peer, err)
		g.said.refused(func() string { return why })
		return why
	}
	g.said.refused(func() string { return fmt.Sprintf("a connection of %s was refused", g.nameOf(u.id)) })
	return "a connection of another user was refused"
}
