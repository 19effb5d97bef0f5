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

// When an attempt's socket is looked at while the kernel waits for an answer.
// Its facts go with it, so it is looked at now and then, and before it is given
// up; an attempt that is over sooner needs no look.
const (
	firstLook = 5 * time.Millisecond
	laterLook = 500 * time.Millisecond // SYNs go out after 1, 3, 7 … seconds (RFC 6298)
)

// connectSystem connects through the kernel. The address is literal and its own: the
// race is ours.
func connectSystem(ctx context.Context, addr netip.AddrPort, observe Observe) (net.Conn, error) {
	w := &watcher{observe: observe}
	if _, limited := ctx.Deadline(); limited {
		p := &patience{Context: ctx, over: make(chan struct{})}
		defer context.AfterFunc(ctx, func() { w.look(); close(p.over) })()
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

// patience is a context that ends a moment after another one, when the socket was
// looked at once more: net closes it at once.
type patience struct {
	context.Context
	over chan struct{} // closed then
}

// Done implements context.Context.
func (p *patience) Done() <-chan struct{} { return p.over }

// Err implements context.Context.
func (p *patience) Err() error {
	select {
	case <-p.over:
		return p.Context.Err()
	default:
		return nil
	}
}

// Deadline implements context.Context: there is none that net may keep by itself.
func (p *patience) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// A watcher looks at a socket while it connects.
type watcher struct {
	observe Observe

	mu     sync.Mutex // held while observing: after end there is nothing to see
	raw    syscall.RawConn
	timer  *time.Timer
	looked bool
	kept   uintptr         // the socket under a number of its own, if keeps; from the first look on
	keeps  bool            // net closes its own number when the connect fails
	last   *flow.KernelTCP // what was seen last
	over   bool
}

// control is called with the socket before it connects.
func (w *watcher) control(_, _ string, raw syscall.RawConn) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.raw = raw
	if w.timer == nil {
		w.timer = time.AfterFunc(firstLook, w.tick)
	}
	return nil
}

func (w *watcher) tick() {
	w.look()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.over {
		w.timer.Reset(laterLook)
	}
}

// look reads the socket's own address and the kernel's account of the connect.
func (w *watcher) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over || w.raw == nil {
		return
	}
	w.looked = true
	// An error means that the socket is closed by now, and there is nothing to say.
	_ = w.raw.Control(func(fd uintptr) {
		if !w.keeps {
			w.kept, w.keeps = keep(fd)
		}
		w.inspect(fd)
	})
}

// inspect tells what the kernel says of the socket. What has failed is closed, which
// was to be expected: the state that it failed in says more.
func (w *watcher) inspect(fd uintptr) {
	local, kernel := inspect(fd)
	if !local.IsValid() {
		return
	}
	if kernel != nil && kernel.State == "CLOSE" && w.last != nil {
		kernel.State = w.last.State
	}
	w.last = kernel
	w.observe(local, kernel)
}

// end stops the looking. A connect that took its time is looked at once more: how
// many SYNs it needed is known only now, whether they were answered or refused.
func (w *watcher) end(connected bool) {
	w.mu.Lock()
	looked := w.looked
	w.mu.Unlock()
	if connected && looked {
		w.look()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	if w.timer != nil {
		w.timer.Stop()
	}
	if w.keeps {
		if !connected {
			w.inspect(w.kept)
		}
		release(w.kept)
	}
}
