package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"detour/internal/fault"
	"detour/internal/flow"
)

// A race makes the TCP connection of one call: attempts run concurrently and update
// one record. It is also the context of the attempts, and ends with the race.
type race struct {
	context.Context // the client's

	c    *call
	port uint16
	next *time.Timer   // starts the next attempt; nil if there is only one address
	done chan struct{} // closed when the race is over

	mu        sync.Mutex // guards the fields below and, until the race is over, the call's record
	remaining []netip.Addr
	running   int
	errs      []error
	over      bool
	winner    net.Conn
	err       error
	fault     *fault.Panic // of any of its goroutines
}

// race connects to the resolved addresses until one succeeds (RFC 8305, 5). It starts
// another attempt every AttemptDelay, and at once when one fails. When one succeeds,
// it cancels the others and records them as lost.
func (c *call) race(ctx context.Context, port uint16) (net.Conn, error) {
	r := &race{Context: ctx, c: c, port: port, remaining: interleave(c.info.Resolution.Addrs), done: make(chan struct{})}
	defer context.AfterFunc(ctx, func() { r.guard(func() { r.abort(contextError(ctx)) }) })()
	r.guard(r.start) // in this goroutine: most addresses answer before the next attempt is due
	<-r.done
	r.fault.Raise()
	return r.winner, r.err
}

// guard calls do. Its panic ends the race, and is raised again where that was begun. After the
// race, nobody waits.
func (r *race) guard(do func()) {
	p := fault.Catch(do)
	if p == nil {
		return
	}
	r.mu.Lock()
	late := r.over
	if !late {
		r.fault = p
		if r.winner != nil {
			_ = r.winner.Close()
		}
		r.end()
	}
	r.mu.Unlock()
	if late {
		r.c.d.cfg.Faults.Do(backgroundLost, p.Raise)
	}
}

// start makes the first attempt.
func (r *race) start() {
	i, addr := r.first()
	r.attempt(i, addr)
}

func (r *race) first() (i int, addr netip.AddrPort) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.remaining) > 1 {
		r.next = time.AfterFunc(r.c.d.cfg.AttemptDelay, func() { r.guard(r.onTimer) })
	}
	return r.addAttempt()
}

// Done implements context.Context.
func (r *race) Done() <-chan struct{} { return r.done }

// Err implements context.Context.
func (r *race) Err() error {
	select {
	case <-r.done:
		return context.Canceled
	default:
		return nil
	}
}

// addAttempt adds attempt i, to the next address, to the record.
func (r *race) addAttempt() (i int, addr netip.AddrPort) {
	addr = netip.AddrPortFrom(r.remaining[0], r.port)
	r.remaining = r.remaining[1:]
	r.running++
	info := &r.c.info
	i = len(info.Attempts)
	info.Attempts = append(info.Attempts, flow.DialAttempt{Addr: addr, Start: time.Now()})
	r.c.notify()
	return i, addr
}

// onTimer starts the next attempt when AttemptDelay has passed.
func (r *race) onTimer() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		r.startNext()
	}
}

// startNext starts the next attempt, if there is an address left.
func (r *race) startNext() {
	if len(r.remaining) > 0 {
		i, addr := r.addAttempt()
		go r.guard(func() { r.attempt(i, addr) })
		r.next.Reset(r.c.d.cfg.AttemptDelay)
	}
}

// attempt runs attempt i.
func (r *race) attempt(i int, addr netip.AddrPort) {
	ctx, timeout := context.Context(r), r.c.d.cfg.Timeout
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	conn, err := r.c.d.cfg.Connect(ctx, addr, func(local netip.AddrPort, k *flow.KernelTCP) { r.observed(i, local, k) })
	at := time.Now()
	if err != nil && ctx.Err() != nil && r.Err() == nil && isContextError(err) {
		err = &timeoutError{"no response", timeout}
	}
	r.attemptDone(i, at, conn, err)
}

// observed records the state of an attempt in progress. It notifies the watcher only
// of another SYN.
func (r *race) observed(i int, local netip.AddrPort, k *flow.KernelTCP) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	a := &r.c.info.Attempts[i]
	before := a.Kernel
	r.c.d.observe(a, local, k)
	if k != nil && k.SYNRetransmits > 0 && (before == nil || before.SYNRetransmits != k.SYNRetransmits) {
		r.c.notify()
	}
}

// attemptDone records how attempt i ended. It closes a connection that comes after
// the end of the race.
func (r *race) attemptDone(i int, at time.Time, conn net.Conn, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over || r.Context.Err() != nil { // over, or about to be aborted
		if conn != nil {
			_ = conn.Close()
		}
		return
	}
	r.running--
	a := &r.c.info.Attempts[i]
	end(a, at, err)
	if err == nil {
		r.c.d.observe(a, addrPort(conn.LocalAddr()), nil)
		r.winner = conn
		r.finish(flow.DialLost, "another address responded first")
		return
	}
	r.errs = append(r.errs, err)
	if r.running == 0 && len(r.remaining) == 0 {
		r.err = &raceError{r.c.info.Authority, r.c.info.Attempts, r.errs}
		r.finish(flow.DialLost, "")
		return
	}
	r.c.notify()
	r.startNext()
}

// abort ends the race without a result, because the client's context ended.
func (r *race) abort(why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		r.err = fmt.Errorf("dial %s: %w", r.c.info.Authority, why)
		r.finish(flow.DialCanceled, why.Error())
	}
}

// finish ends the race and cancels attempts that are still pending: they are recorded
// with that outcome and why.
func (r *race) finish(pending flow.DialOutcome, why string) {
	now := time.Now()
	for i := range r.c.info.Attempts {
		if a := &r.c.info.Attempts[i]; a.Outcome == flow.DialPending {
			a.Outcome, a.Err, a.Took = pending, why, max(1, now.Sub(a.Start))
		}
	}
	r.c.notify()
	r.end()
}

// end ends the race. mu is held.
func (r *race) end() {
	r.over = true
	if r.next != nil {
		r.next.Stop()
	}
	close(r.done)
}

// interleave alternates between address families, beginning with that of the first
// address, and otherwise keeps the resolver's order (RFC 8305, 4). The result may be
// addrs itself.
func interleave(addrs []netip.Addr) []netip.Addr {
	if len(addrs) == 1 {
		return addrs
	}
	var families [2][]netip.Addr
	for _, a := range addrs {
		other := 0
		if a.Unmap().Is4() != addrs[0].Unmap().Is4() {
			other = 1
		}
		families[other] = append(families[other], a)
	}
	out := make([]netip.Addr, 0, len(addrs))
	for i := 0; len(out) < len(addrs); i++ {
		for _, f := range families {
			if i < len(f) {
				out = append(out, f[i])
			}
		}
	}
	return out
}

func addrPort(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		ap := t.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}

// isContextError reports whether err comes from the end of a context, rather than
// from the network at the last moment.
func isContextError(err error) bool {
	return isTimeout(err) && !isErrno(err) || errors.Is(err, context.Canceled)
}
