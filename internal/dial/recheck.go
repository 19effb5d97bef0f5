package dial

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"detour/internal/flow"
	"detour/internal/shortage"
)

// Limits for rechecking addresses that lost a race.
const (
	recheckTimeout  = 4 * time.Second // a SYN is sent again after one second and after three (RFC 6298)
	recheckInterval = time.Minute     // for one address
	maxRechecks     = 16              // at a time
	maxRechecked    = 1000            // addresses remembered
)

// enoughToTell is how long an address may be silent before a check that is cut short counts.
const enoughToTell = 3 * time.Second

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

// recheckLosers starts to check the addresses that lost the race for c, and calls
// OnUpdate for each that is unreachable. It doesn't wait for them.
//
// A race cancels the other attempts once one connects, so an address that never
// answers looks the same as one that was a little slower.
func (d *Dialer) recheckLosers(c *flow.Conn) {
	if d.cfg.RecheckLoser == nil || d.cfg.OnUpdate == nil {
		return
	}
	for i, a := range c.Attempts {
		if a.Outcome == flow.DialLost && d.cfg.RecheckLoser(c.Resolution.Name, a.Addr.Addr()) && d.rechecks.begin(a.Addr, time.Now()) {
			d.background.Go(func() { d.recheckLoser(c, i) })
		}
	}
}

// recheckLoser connects once more to the address of attempt i.
func (d *Dialer) recheckLoser(c *flow.Conn, i int) {
	defer d.rechecks.done()
	ctx, cancel := context.WithTimeout(d.ctx, recheckTimeout)
	defer cancel()
	attempt := flow.DialAttempt{Addr: c.Attempts[i].Addr, Start: time.Now()}
	var mu sync.Mutex
	conn, err := d.cfg.Connect(ctx, attempt.Addr, func(local netip.AddrPort, k *flow.KernelTCP) {
		mu.Lock()
		defer mu.Unlock()
		d.observe(&attempt, local, k)
	})
	if err == nil {
		_ = conn.Close() // it was only slower
		return
	}
	if d.ctx.Err() != nil && time.Since(attempt.Start) < enoughToTell || shortage.Connecting(err, attempt.Addr.Addr().Unmap().Is4()) != "" {
		return
	}
	if ctx.Err() != nil && isContextError(err) { // it timed out, or the run has ended
		err = &timeoutError{"no response", time.Since(attempt.Start).Round(time.Millisecond)}
	}
	mu.Lock()
	defer mu.Unlock()
	end(&attempt, time.Now(), err)
	amended := *c
	amended.Attempts = append([]flow.DialAttempt(nil), c.Attempts...)
	amended.Attempts[i] = attempt
	d.cfg.OnUpdate(&amended)
}

// Close cancels the checks that run in the background (see [Config].RecheckLoser) and
// waits for them. Connections stay open.
func (d *Dialer) Close() {
	d.cancel()
	d.background.Wait()
}
