package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"detour/internal/flow"
)

// A race is the connecting of one call: attempts that run side by side, and one
// record that they write to in turn. It is their context, too, which ends with it.
type race struct {
	context.Context // the client's

	c    *call
	port uint16
	next *time.Timer   // starts another attempt; nil if there is but one address
	done chan struct{} // closed when the race is over

	mu      sync.Mutex // guards what follows, and the call's record until the race is over
	left    []netip.Addr
	running int
	errs    []error
	over    bool
	winner  net.Conn
	err     error
}

// race connects to the resolved addresses, one more every AttemptDelay and at
// once after a failure, until one accepts (RFC 8305, 5). The others are called
// off and recorded as lost, there and then.
func (c *call) race(ctx context.Context, port uint16) (net.Conn, error) {
	r := &race{Context: ctx, c: c, port: port, left: interleave(c.info.Resolution.Addrs), done: make(chan struct{})}
	defer context.AfterFunc(ctx, func() { r.leave(ended(ctx)) })()
	r.mu.Lock()
	if len(r.left) > 1 {
		r.next = time.AfterFunc(c.d.cfg.AttemptDelay, r.due)
	}
	i, addr := r.start()
	r.mu.Unlock()
	r.attempt(i, addr) // in this goroutine: most addresses answer before another is due
	<-r.done
	return r.winner, r.err
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

// start makes ready attempt i, at the next address.
func (r *race) start() (i int, addr netip.AddrPort) {
	addr = netip.AddrPortFrom(r.left[0], r.port)
	r.left = r.left[1:]
	r.running++
	info := &r.c.info
	i = len(info.Attempts)
	info.Attempts = append(info.Attempts, flow.DialAttempt{Addr: addr, Start: time.Now()})
	r.c.tell()
	return i, addr
}

// due is the timer's call for one more attempt.
func (r *race) due() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		r.more()
	}
}

// more starts one more attempt, if there is an address left.
func (r *race) more() {
	if len(r.left) > 0 {
		i, addr := r.start()
		go r.attempt(i, addr)
		r.next.Reset(r.c.d.cfg.AttemptDelay)
	}
}

// attempt makes one connection and reports it.
func (r *race) attempt(i int, addr netip.AddrPort) {
	ctx, timeout := context.Context(r), r.c.d.cfg.Timeout
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	conn, err := r.c.d.cfg.Connect(ctx, addr, func(local netip.AddrPort, k *flow.KernelTCP) { r.observed(i, local, k) })
	end := time.Now()
	if err != nil && ctx.Err() != nil && r.Err() == nil && givenUp(err) {
		err = &silence{"no answer", timeout}
	}
	r.ended(i, end, conn, err)
}

// observed takes what was seen of an attempt under way. Only another SYN is news
// enough to be told.
func (r *race) observed(i int, local netip.AddrPort, k *flow.KernelTCP) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	a := &r.c.info.Attempts[i]
	r.local(a, local)
	before := a.Kernel
	if k != nil {
		a.Kernel = k
	}
	if k != nil && k.SYNRetransmits > 0 && (before == nil || before.SYNRetransmits != k.SYNRetransmits) {
		r.c.tell()
	}
}

// ended takes how an attempt ended. Nobody is left to take a connection that
// comes too late.
func (r *race) ended(i int, end time.Time, conn net.Conn, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over || r.Context.Err() != nil { // or about to be over: the client left
		if conn != nil {
			_ = conn.Close()
		}
		return
	}
	r.running--
	a := &r.c.info.Attempts[i]
	a.Took, a.Outcome = max(1, end.Sub(a.Start)), outcomeOf(err)
	if err == nil {
		r.local(a, addrPort(conn.LocalAddr()))
		r.winner = conn
		r.finish(flow.DialLost, "another address answered first")
		return
	}
	a.Err = words(err)
	r.errs = append(r.errs, err)
	if r.running == 0 && len(r.left) == 0 {
		r.err = &raceError{r.c.info.Authority, r.c.info.Attempts, r.errs}
		r.finish(flow.DialLost, "")
		return
	}
	r.c.tell()
	r.more()
}

// leave ends the race without a result, because the client left.
func (r *race) leave(why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		r.err = fmt.Errorf("dial %s: %w", r.c.info.Authority, why)
		r.finish(flow.DialCanceled, why.Error())
	}
}

// finish ends the race. What is still pending is called off.
func (r *race) finish(pending flow.DialOutcome, why string) {
	now := time.Now()
	for i := range r.c.info.Attempts {
		if a := &r.c.info.Attempts[i]; a.Outcome == flow.DialPending {
			a.Outcome, a.Err, a.Took = pending, why, max(1, now.Sub(a.Start))
		}
	}
	r.c.tell()
	r.over = true
	if r.next != nil {
		r.next.Stop()
	}
	close(r.done)
}

// local records our end of an attempt.
func (r *race) local(a *flow.DialAttempt, local netip.AddrPort) {
	if local.IsValid() && local != a.Local {
		a.Local = local
		a.Interface, a.Kind = r.c.d.interfaces.of(local.Addr())
	}
}

// interleave alternates between the families, beginning with that of the first
// address, and otherwise keeps the resolver's order (RFC 8305, 4). The result may be addrs itself.
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

// givenUp reports whether err comes from the end of a context, and not from the
// network at the very last moment.
func givenUp(err error) bool {
	return isTimeout(err) && !isErrno(err) || errors.Is(err, context.Canceled)
}
