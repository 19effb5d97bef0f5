package lab

import (
	"context"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/miekg/dns"

	"detour/internal/flow"
	"detour/internal/handoff"
)

// How long things take in the made-up network: the console is a few hops away,
// the VPC one Direct Connect.
const (
	publicRTT  = 18 * time.Millisecond
	privateRTT = 6 * time.Millisecond
	serverTime = 30 * time.Millisecond
)

// An InProcess is the story's network without any network: names, addresses and
// servers are the lab's, and no packet leaves the process.
type InProcess struct {
	ca    *authority
	site  *site
	conns *handoff.Listener
	port  atomic.Uint32
	state atomic.Value   // Case
	asked sync.WaitGroup // questions under way

	mu   sync.Mutex
	over bool // no question is taken any more
}

// NewInProcess makes the network in a case. Close ends it.
func NewInProcess(c Case) (*InProcess, error) {
	ca, err := newAuthority()
	if err != nil {
		return nil, err
	}
	s, err := newSite(ca)
	if err != nil {
		return nil, err
	}
	inner := s.server.Handler
	s.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(serverTime):
			inner.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
	n := &InProcess{ca: ca, site: s, conns: handoff.New()}
	n.port.Store(50_000)
	n.SetCase(c)
	s.serve(n.conns)
	return n, nil
}

// SetCase changes the state of the network.
func (n *InProcess) SetCase(c Case) { n.state.Store(c) }

// RootCAs trusts the fake servers and nobody else.
func (n *InProcess) RootCAs() *x509.CertPool { return n.ca.pool() }

// Nameserver is the address that ResolverDial reaches.
func (n *InProcess) Nameserver() netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr(Resolver), 53)
}

// ResolverDial connects to the VPC's resolver, which is spoken to as over TCP.
func (n *InProcess) ResolverDial(_ context.Context, _, _ string) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.over { // of a lookup that nobody waits for
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
			out, err := reply(q, Resolve(q.Question[0].Name), ttl).Pack()
			if err != nil {
				return
			}
			time.Sleep(privateRTT)
			if _, err := far.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...)); err != nil { //nolint:gosec // a DNS message has at most 65,535 bytes
				return
			}
		}
	})
	return near, nil
}

// Connect does what the network would do with a SYN to addr.
func (n *InProcess) Connect(ctx context.Context, addr netip.AddrPort, observe func(netip.AddrPort, *flow.KernelTCP)) (net.Conn, error) {
	local := netip.AddrPortFrom(netip.MustParseAddr(ClientIP), uint16(n.port.Add(1))) //nolint:gosec // a demonstration has fewer connections
	rtt, c := publicRTT, CaseHealthy
	if flow.ScopeOf(addr.Addr()).InVPC() {
		rtt, c = privateRTT, n.state.Load().(Case)
	}
	if c == CaseSGDrop {
		return nil, n.dropped(ctx, local, observe)
	}
	if err := wait(ctx, rtt); err != nil {
		return nil, err
	}
	if c == CaseRST {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	near, far := net.Pipe()
	if !n.conns.Give(far) {
		return nil, net.ErrClosed
	}
	return &addressed{Conn: near, local: net.TCPAddrFromAddrPort(local), remote: net.TCPAddrFromAddrPort(addr)}, nil
}

// dropped is a SYN without an answer, and those that follow it after 1, 3, 7 …
// seconds (RFC 6298, 5.5).
func (n *InProcess) dropped(ctx context.Context, local netip.AddrPort, observe func(netip.AddrPort, *flow.KernelTCP)) error {
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

// Close ends the network with everything that is connected to it.
func (n *InProcess) Close() {
	n.site.close()
	n.mu.Lock()
	n.over = true
	n.mu.Unlock()
	n.asked.Wait()
}

// addressed is a connection with addresses of the story.
type addressed struct {
	net.Conn
	local, remote net.Addr
}

func (a *addressed) LocalAddr() net.Addr  { return a.local }
func (a *addressed) RemoteAddr() net.Addr { return a.remote }
