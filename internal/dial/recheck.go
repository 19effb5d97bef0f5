package dial

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"detour/internal/flow"
	"detour/internal/shortage"
)

// Limits for rechecking addresses that lost a race.
const (
	recheckPatience = 3 * time.Second  // after it, an address that hasn't responded is reported
	recheckTimeout  = 10 * time.Second // after it, the check ends
	recheckInterval = time.Minute      // for one address
	maxRechecks     = 16               // at a time
	maxRechecked    = 1000             // addresses remembered
)

// backgroundLost is what a panic means to the user if nobody waits for the result.
const backgroundLost = "an address that lost a race isn't checked; connections go on"

// A recheckLimiter limits how often addresses are rechecked. Its zero value is ready
// to use.
type recheckLimiter struct {
	mu      sync.Mutex
	running int
	checked map[netip.AddrPort]time.Time // when it was checked last
}

// begin reports whether to check an address now. If so, call done afterwards.
func (l *recheckLimiter) begin(a netip.AddrPort, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, known := l.checked[a]
	if l.running >= maxRechecks || known && now.Sub(last) < recheckInterval || !known && len(l.checked) >= maxRechecked {
		return false
	}
	if l.checked == nil {
		l.checked = make(map[netip.AddrPort]time.Time)
	}
	l.running++
	l.checked[a] = now
	return true
}

func (l *recheckLimiter) done() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running--
}

// recheckLosers starts to check the addresses that lost the race for c, and reports to
// OnLater what comes of it. It doesn't wait for them.
//
// A race cancels the other attempts once one connects, so an address that never
// answers looks the same as one that was a little slower.
func (d *Dialer) recheckLosers(c *flow.Conn) {
	if d.cfg.RecheckLoser == nil || d.cfg.OnLater == nil {
		return
	}
	for _, a := range c.Attempts {
		if a.Outcome == flow.DialLost && d.cfg.RecheckLoser(c.Resolution.Name, a.Addr.Addr()) && d.rechecks.begin(a.Addr, time.Now()) {
			if !d.background.Go(func() { d.cfg.Faults.Do(backgroundLost, func() { d.recheckLoser(c.ID, a.Addr) }) }) {
				d.rechecks.done()
			}
		}
	}
}

// recheckLoser connects once more to an address that lost the race for a connection.
func (d *Dialer) recheckLoser(conn flow.ID, a netip.AddrPort) {
	defer d.rechecks.done()
	ctx, cancel := context.WithTimeout(d.ctx, recheckTimeout)
	defer cancel()
	start := time.Now()
	report := func(err error) {
		attempt := flow.DialAttempt{Addr: a, Start: start}
		end(&attempt, time.Now(), err)
		d.cfg.OnLater(conn, flow.Later{
			Kind: flow.LaterLoser, At: start, Addr: a, Outcome: attempt.Outcome, Took: attempt.Took, Err: attempt.Err,
		})
	}
	reported := make(chan struct{})
	patience := time.AfterFunc(recheckPatience, func() {
		defer close(reported)
		d.cfg.Faults.Do(backgroundLost, func() { report(&timeoutError{"no response yet", recheckPatience}) })
	})
	c, err := d.cfg.Connect(ctx, a, func(netip.AddrPort, *flow.KernelTCP) {})
	if !patience.Stop() {
		<-reported // it comes first
	}
	switch {
	case err == nil:
		_ = c.Close() // it was only slower
	case shortage.Connecting(err, a.Addr().Unmap().Is4()) != "":
		return
	case ctx.Err() == nil || !isContextError(err):
	case d.ctx.Err() != nil:
		err = fmt.Errorf("no response when the run ended: %w", context.Canceled)
	default:
		err = &timeoutError{"no response", recheckTimeout}
	}
	report(err)
}

// Close cancels the checks that run in the background (see [Config].RecheckLoser) and
// waits for them. Connections stay open.
func (d *Dialer) Close() {
	d.cancel()
	d.background.Close()
}
