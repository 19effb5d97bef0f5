package dial

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"detour/internal/flow"
)

// Bounds of what is asked of losers: how long one is waited for, how many at a
// time, how soon again, and how many are remembered.
const (
	loserTimeout = 10 * time.Second
	maxLosers    = 16
	loserAgain   = time.Minute
	maxKnown     = 1000
)

// losers asks addresses that lost a race whether they are alive at all. In a race
// the first to accept ends the others, so an address that never answers looks like
// one that was a little slower. The zero value is ready.
type losers struct {
	mu    sync.Mutex
	under int                          // connects under way
	asked map[netip.AddrPort]time.Time // when last
}

// take reports whether an address is to be asked now; done must follow.
func (l *losers) take(a netip.AddrPort, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, known := l.asked[a]
	if l.under >= maxLosers || known && now.Sub(last) < loserAgain || !known && len(l.asked) >= maxKnown {
		return false
	}
	if l.asked == nil {
		l.asked = make(map[netip.AddrPort]time.Time)
	}
	l.under++
	l.asked[a] = now
	return true
}

func (l *losers) done() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.under--
}

// askLosers begins to ask those that lost to the connection in c, and tells Late
// of each that is dead. It doesn't wait.
func (d *Dialer) askLosers(c *flow.Conn) {
	if d.cfg.AskLoser == nil || d.cfg.Late == nil {
		return
	}
	for i, a := range c.Attempts {
		if a.Outcome == flow.DialLost && d.cfg.AskLoser(c.Resolution.Name, a.Addr.Addr()) && d.losers.take(a.Addr, time.Now()) {
			d.back.Go(func() { d.askLoser(c, i) })
		}
	}
}

// askLoser connects to an address once more, by itself.
func (d *Dialer) askLoser(c *flow.Conn, i int) {
	defer d.losers.done()
	ctx, cancel := context.WithTimeout(d.ctx, loserTimeout)
	defer cancel()
	again := flow.DialAttempt{Addr: c.Attempts[i].Addr, Start: time.Now()}
	var mu sync.Mutex
	conn, err := d.cfg.Connect(ctx, again.Addr, func(local netip.AddrPort, k *flow.KernelTCP) {
		mu.Lock()
		defer mu.Unlock()
		again.Local = local
		again.Interface, again.Kind = d.interfaces.of(local.Addr())
		if k != nil {
			again.Kernel = k
		}
	})
	if err == nil {
		_ = conn.Close() // it was only slower
		return
	}
	if d.ctx.Err() != nil {
		return
	}
	if ctx.Err() != nil && givenUp(err) {
		err = &silence{"no answer", loserTimeout}
	}
	mu.Lock()
	defer mu.Unlock()
	again.Took, again.Outcome, again.Err = max(1, time.Since(again.Start)), outcomeOf(err), words(err)
	amended := *c
	amended.Attempts = append([]flow.DialAttempt(nil), c.Attempts...)
	amended.Attempts[i] = again
	d.cfg.Late(&amended)
}

// Close ends what goes on behind the dials that have returned.
func (d *Dialer) Close() {
	d.cancel()
	d.back.Wait()
}
