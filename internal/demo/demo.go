// Package demo simulates a network inside this process, to show detour without an AWS
// account, root or the internet. It has a console whose pages call AWS in two ways, a
// VPC whose DNS gives private addresses for two of the services, and a security group
// that allows no connections from outside the VPC.
//
// [New] starts the network. Its nameserver, its connections and its servers take the
// place of the real ones in a session, and [Browse] acts as the browser. The names and
// addresses ([ConsoleHost], [Resolve], [Pages]), the servers ([AWS]) and their certificates
// ([Authority]) can also be used on another network.
package demo

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"detour/internal/connlistener"
	"detour/internal/flow"
)

// How long things take on the simulated network: the console is a few hops away, the VPC
// one Direct Connect link.
const (
	publicRTT  = 18 * time.Millisecond
	privateRTT = 6 * time.Millisecond
	serverTime = 30 * time.Millisecond
)

// Options are the state of a network. With the zero value, the security group drops what
// this machine sends.
type Options struct {
	Healthy bool // the security group allows this machine
}

// A Network simulates names, addresses and servers; no packet leaves the process. Its
// methods may be called concurrently.
type Network struct {
	opt    Options
	ca     *Authority
	server *http.Server
	served sync.WaitGroup
	conns  *connlistener.Listener
	port   atomic.Uint32
	asked  sync.WaitGroup // queries in progress

	mu     sync.Mutex
	closed bool // no more queries are accepted
}

// New starts a network, which Close ends.
func New(opt Options) (*Network, error) {
	ca, err := NewAuthority()
	if err != nil {
		return nil, err
	}
	leaf, err := ca.Issue(Hosts()...)
	if err != nil {
		return nil, err
	}
	aws, err := AWS()
	if err != nil {
		return nil, err
	}
	n := &Network{opt: opt, ca: ca, conns: connlistener.New()}
	n.port.Store(50_000)
	n.server = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if wait(r.Context(), serverTime) == nil {
				aws.ServeHTTP(w, r)
			}
		}),
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{leaf}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12,
		},
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	n.served.Go(func() { _ = n.server.ServeTLS(n.conns, "", "") })
	return n, nil
}

// RootCAs returns a pool that trusts only the simulated servers.
func (n *Network) RootCAs() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(n.ca.Root())
	return p
}

// Nameserver returns the address of the VPC's resolver, which ResolverDial connects to.
func (n *Network) Nameserver() netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr(Resolver), 53)
}

// ResolverDial connects to the VPC's resolver, which speaks DNS over TCP.
func (n *Network) ResolverDial(_ context.Context, _, _ string) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed { // a lookup that was abandoned
		return nil, net.ErrClosed
	}
	near, far := net.Pipe()
	n.asked.Go(func() {
		defer far.Close()
		for {
			var length [2]byte
			if _, err := io.ReadFull(far, length[:]); err != nil {
				return
			}
			b := make([]byte, binary.BigEndian.Uint16(length[:]))
			q := new(dns.Msg)
			if _, err := io.ReadFull(far, b); err != nil || q.Unpack(b) != nil {
				return
			}
			out, err := Reply(q, Resolve(q.Question[0].Name), TTL).Pack()
			if err != nil {
				return
			}
			time.Sleep(privateRTT)
			size := uint16(len(out)) //nolint:gosec // a DNS message has at most 65,535 bytes
			if _, err := far.Write(append(binary.BigEndian.AppendUint16(nil, size), out...)); err != nil {
				return
			}
		}
	})
	return near, nil
}

// Connect does what the network would do with a SYN to addr.
func (n *Network) Connect(ctx context.Context, addr netip.AddrPort, observe func(netip.AddrPort, *flow.KernelTCP)) (net.Conn, error) {
	local := netip.AddrPortFrom(netip.MustParseAddr(ClientIP), uint16(n.port.Add(1))) //nolint:gosec // a demonstration has fewer connections
	rtt := publicRTT
	if flow.ScopeOf(addr.Addr()).InVPC() {
		if !n.opt.Healthy {
			return nil, dropped(ctx, local, observe)
		}
		rtt = privateRTT
	}
	if err := wait(ctx, rtt); err != nil {
		return nil, err
	}
	near, far := net.Pipe()
	if !n.conns.Give(far) {
		return nil, net.ErrClosed
	}
	return &addressed{Conn: near, local: net.TCPAddrFromAddrPort(local), remote: net.TCPAddrFromAddrPort(addr)}, nil
}

// dropped is a SYN without an answer, and those that follow it after 1, 3, 7 …
// seconds (RFC 6298, 5.5).
func dropped(ctx context.Context, local netip.AddrPort, observe func(netip.AddrPort, *flow.KernelTCP)) error {
	for again, pause := 0, time.Second; ; again, pause = again+1, pause*2 {
		observe(local, &flow.KernelTCP{SYNRetransmits: again})
		if err := wait(ctx, pause); err != nil {
			return err
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("connect: %w", ctx.Err())
	}
}

// Close ends the network and all its connections.
func (n *Network) Close() {
	_ = n.server.Close()
	n.served.Wait()
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.asked.Wait()
}

// addressed is a connection with simulated addresses.
type addressed struct {
	net.Conn
	local, remote net.Addr
}

func (a *addressed) LocalAddr() net.Addr  { return a.local }
func (a *addressed) RemoteAddr() net.Addr { return a.remote }
