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

// news is what an attempt's goroutine has to say to the race.
type news struct {
	attempt int
	over    bool
	conn    net.Conn
	err     error
	end     time.Time
	local   netip.AddrPort
	kernel  *flow.KernelTCP
}

// race connects to the resolved addresses, one more every AttemptDelay and at
// once after a failure, until one accepts (RFC 8305, 5). The others are called
// off and recorded as lost.
func (c *call) race(ctx context.Context, port uint16) (net.Conn, error) {
	addrs := interleave(c.info.Resolution.Addrs)
	ctx, cancel := context.WithCancel(ctx)
	results := make(chan news)
	running := 0
	defer func() {
		cancel()
		go drain(results, running)
	}()
	next := time.NewTimer(0)
	defer next.Stop()
	for started := 0; ; {
		select {
		case <-ctx.Done():
			c.callOff(flow.DialCanceled, "the client left")
			c.tell()
			return nil, fmt.Errorf("dial %s: %w", c.info.Authority, context.Cause(ctx))
		case <-next.C:
			if started == len(addrs) {
				continue
			}
			addr := netip.AddrPortFrom(addrs[started], port)
			c.info.Attempts = append(c.info.Attempts, flow.DialAttempt{Addr: addr, Start: time.Now()})
			c.tell()
			go c.d.attempt(ctx, started, addr, results)
			started++
			running++
			next.Reset(c.d.cfg.AttemptDelay)
		case n := <-results:
			a := &c.info.Attempts[n.attempt]
			if n.local.IsValid() {
				a.Local, a.Interface = n.local, c.d.interfaces.name(n.local.Addr())
			}
			if n.kernel != nil {
				a.Kernel = n.kernel
			}
			if !n.over {
				continue
			}
			running--
			a.Took = n.end.Sub(a.Start)
			a.Outcome = outcomeOf(n.err)
			if n.err == nil {
				c.callOff(flow.DialLost, "another address answered first")
				c.tell()
				return n.conn, nil
			}
			a.Err = n.err.Error()
			c.tell()
			if running == 0 && started == len(addrs) {
				return nil, c.allFailed()
			}
			next.Reset(0)
		}
	}
}

// drain closes connections that came too late to be of use.
func drain(results <-chan news, running int) {
	for running > 0 {
		n := <-results
		if n.over {
			running--
			if n.conn != nil {
				_ = n.conn.Close()
			}
		}
	}
}

// callOff ends the attempts that are still pending.
func (c *call) callOff(o flow.DialOutcome, why string) {
	for i := range c.info.Attempts {
		if a := &c.info.Attempts[i]; a.Outcome == flow.DialPending {
			a.Outcome, a.Err, a.Took = o, why, time.Since(a.Start)
		}
	}
}

// allFailed is the error when no address is left: one line for each.
func (c *call) allFailed() error {
	errs := make([]error, 0, len(c.info.Attempts))
	for _, a := range c.info.Attempts {
		errs = append(errs, fmt.Errorf("dial %s: %s: %s", a.Addr, a.Outcome, a.Err))
	}
	return errors.Join(errs...)
}

// attempt makes one connection and reports it.
func (d *Dialer) attempt(ctx context.Context, i int, addr netip.AddrPort, results chan<- news) {
	observe := func(local netip.AddrPort, k *flow.KernelTCP) {
		select {
		case results <- news{attempt: i, local: local, kernel: k}:
		case <-ctx.Done():
		}
	}
	actx, cancel := ctx, context.CancelFunc(func() {})
	if t := d.cfg.Timeout; t > 0 {
		actx, cancel = context.WithTimeoutCause(ctx, t, errAttemptTimeout)
	}
	defer cancel()
	conn, err := d.cfg.Connect(actx, addr, observe)
	n := news{attempt: i, over: true, conn: conn, err: err, end: time.Now()}
	switch {
	case err == nil:
		n.local = addrPort(conn.LocalAddr())
	case ctx.Err() == nil && errors.Is(context.Cause(actx), errAttemptTimeout):
		n.err = fmt.Errorf("no answer within %v: %w", d.cfg.Timeout, errAttemptTimeout)
	}
	results <- n
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
