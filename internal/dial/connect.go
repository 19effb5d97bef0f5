package dial

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"detour/internal/flow"
)

// When the socket of a connect in progress is sampled. Its TCP_INFO is lost when it
// closes, so it is sampled at intervals and before the attempt is abandoned. An
// attempt that ends before the first sample needs none.
const (
	firstSample    = 5 * time.Millisecond
	sampleInterval = 500 * time.Millisecond // SYNs are retransmitted after 1, 3, 7 … seconds (RFC 6298)
)

// connectSystem connects to one address through the kernel.
func connectSystem(ctx context.Context, addr netip.AddrPort, observe Observe) (net.Conn, error) {
	w := &watcher{observe: observe, to: addr}
	if _, limited := ctx.Deadline(); limited {
		p := &graceContext{Context: ctx, over: make(chan struct{})}
		defer context.AfterFunc(ctx, func() { w.sample(); close(p.over) })()
		ctx = p
	}
	d := net.Dialer{Control: w.control}
	conn, err := d.DialTCP(ctx, "tcp", netip.AddrPort{}, addr)
	w.end(err == nil)
	if err != nil {
		return nil, err // not conn, a nil that isn't one
	}
	return conn, nil
}

// graceContext ends a moment after its parent, once the socket has been sampled a
// last time: net closes the socket as soon as its context ends.
type graceContext struct {
	context.Context
	over chan struct{} // closed after the last sample
}

// Done implements context.Context.
func (p *graceContext) Done() <-chan struct{} { return p.over }

// Err implements context.Context.
func (p *graceContext) Err() error {
	select {
	case <-p.over:
		return p.Context.Err()
	default:
		return nil
	}
}

// Deadline implements context.Context. It reports no deadline, because net would
// enforce one itself.
func (p *graceContext) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// A watcher samples a socket while it connects.
type watcher struct {
	observe Observe
	to      netip.AddrPort

	mu      sync.Mutex // held while calling observe: none is called after end
	raw     syscall.RawConn
	timer   *time.Timer
	sampled bool
	dup     uintptr         // a duplicate of the socket, from the first sample on; valid if duped
	duped   bool            // net closes its own descriptor when the connect fails
	last    *flow.KernelTCP // the last sample
	over    bool
}

// control is called with the socket before it connects.
func (w *watcher) control(_, _ string, raw syscall.RawConn) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.raw = raw
	if w.timer == nil {
		w.timer = time.AfterFunc(firstSample, w.tick)
	}
	return nil
}

func (w *watcher) tick() {
	w.sample()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.over {
		w.timer.Reset(sampleInterval)
	}
}

// sample reads the socket's local address and its TCP_INFO.
func (w *watcher) sample() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over || w.raw == nil {
		return
	}
	w.sampled = true
	// An error means that the socket is already closed.
	_ = w.raw.Control(func(fd uintptr) {
		if !w.duped {
			w.dup, w.duped = dupSocket(fd)
		}
		w.report(fd)
	})
}

// report passes a sample on. A failed connect is in state CLOSE; the state before
// that says more, so it is reported instead.
func (w *watcher) report(fd uintptr) {
	local, kernel := tcpInfo(fd, w.to)
	if !local.IsValid() {
		return
	}
	if kernel != nil && kernel.State == "CLOSE" && w.last != nil {
		kernel.State = w.last.State
	}
	w.last = kernel
	w.observe(local, kernel)
}

// end stops the sampling. A connect that lasted until the first sample is sampled
// once more, whether it succeeded or failed: only now is its number of SYNs final.
func (w *watcher) end(connected bool) {
	w.mu.Lock()
	sampled := w.sampled
	w.mu.Unlock()
	if connected && sampled {
		w.sample()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	if w.timer != nil {
		w.timer.Stop()
	}
	if w.duped {
		if !connected {
			w.report(w.dup)
		}
		closeDup(w.dup)
	}
}
