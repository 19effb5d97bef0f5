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
// Its facts are gone once the kernel closes it, so it is looked at now and then;
// an attempt that is over sooner needs no look.
const (
	firstLook = 5 * time.Millisecond
	laterLook = 500 * time.Millisecond
)

// connectSystem connects through the kernel. FallbackDelay is off and the
// address is literal: the race is ours.
func connectSystem(ctx context.Context, addr netip.AddrPort, observe Observe) (net.Conn, error) {
	w := &watcher{observe: observe, stop: make(chan struct{})}
	d := net.Dialer{FallbackDelay: -1, Control: w.control}
	conn, err := d.DialContext(ctx, "tcp", addr.String())
	close(w.stop)
	w.running.Wait()
	return conn, err
}

// A watcher looks at a socket while it connects.
type watcher struct {
	observe Observe
	stop    chan struct{}
	running sync.WaitGroup
}

// control is called with the socket before connect.
func (w *watcher) control(_, _ string, raw syscall.RawConn) error {
	w.running.Go(func() {
		t := time.NewTimer(firstLook)
		defer t.Stop()
		for {
			select {
			case <-w.stop:
				return
			case <-t.C:
			}
			w.look(raw)
			t.Reset(laterLook)
		}
	})
	return nil
}

// look reads the socket's own address and the kernel's account of the connect.
func (w *watcher) look(raw syscall.RawConn) {
	var (
		local  netip.AddrPort
		kernel *flow.KernelTCP
	)
	// An error means that the socket is closed by now, and there is nothing to say.
	if err := raw.Control(func(fd uintptr) { local, kernel = inspect(fd) }); err == nil && local.IsValid() {
		w.observe(local, kernel)
	}
}
