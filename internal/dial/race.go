package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"detour/internal/flow"
)

// A race is the connecting of one call. Its attempts run in goroutines of their
// own and report; the call's goroutine keeps the record.
type race struct {
	c       *call
	ctx     context.Context // ends with the race
	left    []netip.Addr    // not tried yet
	port    uint16
	running int
	news    chan news
	errs    []error
}

// news is what an attempt has to say.
type news struct {
	attempt int
	local   netip.AddrPort
	kernel  *flow.KernelTCP
	over    bool // with these:
	conn    net.Conn
	err     error
	end     time.Time
}

// race connects to the resolved addresses, one more every AttemptDelay and at
// once after a failure, until one accepts (RFC 8305, 5). The others are called
// off and recorded as lost, there and then.
func (c *call) race(ctx context.Context, port uint16) (net.Conn, error) {
	rctx, stop := context.WithCancel(ctx)
	defer stop()
	r := &race{c: c, ctx: rctx, left: interleave(c.info.Resolution.Addrs), port: port, news: make(chan news)}
	r.start()
	next := time.NewTimer(c.d.cfg.AttemptDelay)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			err := ended(ctx)
			c.callOff(flow.DialCanceled, err.Error())
			return nil, fmt.Errorf("dial %s: %w", c.info.Authority, err)
		case n := <-r.news:
			if !n.over {
				r.observed(n)
				continue
			}
			if r.ended(n); n.err == nil {
				c.callOff(flow.DialLost, "another address answered first")
				return n.conn, nil
			}
			c.tell()
			if r.running == 0 && len(r.left) == 0 {
				return nil, &raceError{c.info.Authority, c.info.Attempts, r.errs}
			}
		case <-next.C:
		}
		if len(r.left) > 0 {
			r.start()
			next.Reset(c.d.cfg.AttemptDelay)
		}
	}
}

// start makes an attempt at the next address.
func (r *race) start() {
	addr := netip.AddrPortFrom(r.left[0], r.port)
	r.left = r.left[1:]
	r.running++
	c := r.c
	c.info.Attempts = append(c.info.Attempts, flow.DialAttempt{Addr: addr, Start: time.Now()})
	c.tell()
	go r.attempt(len(c.info.Attempts)-1, addr)
}

// observed takes what was seen of an attempt under way. Only another SYN is news
// enough to be told.
func (r *race) observed(n news) {
	a := &r.c.info.Attempts[n.attempt]
	again := n.kernel != nil && n.kernel.SYNRetransmits > 0 &&
		(a.Kernel == nil || a.Kernel.SYNRetransmits != n.kernel.SYNRetransmits)
	r.facts(a, n)
	if again {
		r.c.tell()
	}
}

// ended takes how an attempt ended.
func (r *race) ended(n news) {
	r.running--
	a := &r.c.info.Attempts[n.attempt]
	r.facts(a, n)
	a.Took, a.Outcome = max(1, n.end.Sub(a.Start)), outcomeOf(n.err)
	if n.err != nil {
		a.Err = words(n.err)
		r.errs = append(r.errs, n.err)
	}
}

func (r *race) facts(a *flow.DialAttempt, n news) {
	if n.local.IsValid() && n.local != a.Local {
		a.Local, a.Interface = n.local, r.c.d.interfaces.name(n.local.Addr())
	}
	if n.kernel != nil {
		a.Kernel = n.kernel
	}
}

// attempt makes one connection and reports it. Nobody is left to take a
// connection that comes too late.
func (r *race) attempt(i int, addr netip.AddrPort) {
	ctx, timeout := r.ctx, r.c.d.cfg.Timeout
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	conn, err := r.c.d.cfg.Connect(ctx, addr, func(local netip.AddrPort, k *flow.KernelTCP) {
		r.say(news{attempt: i, local: local, kernel: k})
	})
	n := news{attempt: i, over: true, conn: conn, err: err, end: time.Now()}
	switch {
	case err == nil:
		n.local = addrPort(conn.LocalAddr())
	case ctx.Err() != nil && r.ctx.Err() == nil && givenUp(err):
		n.err = &silence{"no answer", timeout}
	}
	if !r.say(n) && conn != nil {
		_ = conn.Close()
	}
}

// say reports to the race, as long as it is on.
func (r *race) say(n news) bool {
	select {
	case r.news <- n:
		return true
	case <-r.ctx.Done():
		return false
	}
}

// callOff ends the attempts that are still pending.
func (c *call) callOff(o flow.DialOutcome, why string) {
	now := time.Now()
	for i := range c.info.Attempts {
		if a := &c.info.Attempts[i]; a.Outcome == flow.DialPending {
			a.Outcome, a.Err, a.Took = o, why, max(1, now.Sub(a.Start))
		}
	}
	c.tell()
}

// interleave alternates between the families, beginning with that of the first
// address, and otherwise keeps the resolver's order (RFC 8305, 4).
func interleave(addrs []netip.Addr) []netip.Addr {
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
