package flow

import (
	"slices"
	"time"
)

// Settled returns a connection that nobody waits for any more as a copy without pending
// outcomes: what was pending at that instant ended then, a lookup and a handshake with an
// error, attempts with that outcome. why says why. It returns c if nothing was pending.
func (c *Conn) Settled(at time.Time, attempts DialOutcome, why string) *Conn {
	if c == nil || !c.pending() {
		return c
	}
	out := *c
	if r := c.Resolution; r != nil && r.Outcome == DNSPending {
		ended := *r
		ended.Outcome, ended.Took, ended.Err = DNSError, tookUntil(at, r.Start), why
		out.Resolution = &ended
	}
	out.Attempts = slices.Clone(c.Attempts)
	for i := range out.Attempts {
		if a := &out.Attempts[i]; isPending(*a) {
			a.Outcome, a.Took, a.Err = attempts, tookUntil(at, a.Start), why
		}
	}
	if t := c.TLS; t != nil && t.Outcome == TLSPending {
		ended := *t
		ended.Outcome, ended.Took, ended.Err = TLSError, tookUntil(at, t.Start), why
		out.TLS = &ended
	}
	return &out
}

// pending reports whether an outcome of the connection may still change.
func (c *Conn) pending() bool {
	return c.Resolution != nil && c.Resolution.Outcome == DNSPending || c.TLS != nil && c.TLS.Outcome == TLSPending ||
		slices.ContainsFunc(c.Attempts, isPending)
}

func isPending(a DialAttempt) bool { return a.Outcome == DialPending }

// tookUntil is the duration of what ended at an instant; 0 would mean pending.
func tookUntil(at, start time.Time) time.Duration { return max(1, at.Sub(start)) }
