package ending

import (
	"slices"
	"time"

	"detour/internal/flow"
)

// SilentDial returns the connection that f itself began and whose addresses were all silent for
// as long as [Patience], whoever carried the request in the end; nil if there is none. One that
// an address accepted after that is returned as it stood until then. A browser's HAR doesn't tell.
func SilentDial(f *flow.Flow, now time.Time) *flow.Conn {
	if FromHAR(f) {
		return nil
	}
	at := LastInstant(f, now)
	if !f.Reused {
		if c := silent(f.Conn, at); c != nil {
			return c
		}
	}
	for _, c := range f.Unused {
		if c := silent(c, at); c != nil {
			return c
		}
	}
	return nil
}

// silent returns c, or what it was until an address accepted it, if no address had answered for
// as long as Patience; else nil. An upstream proxy is another matter.
func silent(c *flow.Conn, at time.Time) *flow.Conn {
	if c == nil || c.UpstreamProxy != "" || len(c.Attempts) == 0 {
		return nil
	}
	if w := c.Winner(); w != nil {
		if w.Took < Patience || !quick(c, w) {
			return nil
		}
		at = w.Start.Add(w.Took)
		c = until(c, at)
	}
	if !Unanswered(c, at) {
		return nil
	}
	return c
}

// quick reports whether a connection shows that its path isn't slow, so that a connect that took
// long lost its first SYNs: a round trip took much less.
func quick(c *flow.Conn, w *flow.DialAttempt) bool {
	const much = 4
	if k := w.Kernel; k != nil && k.RTT > 0 {
		return k.RTT*much < w.Took
	}
	return c.TLS != nil && c.TLS.Outcome == flow.TLSOK && c.TLS.Took > 0 && c.TLS.Took*much < w.Took
}

// until returns a connection as it stood the instant before an address accepted it.
func until(c *flow.Conn, at time.Time) *flow.Conn {
	out := *c
	out.TLS, out.Attempts = nil, slices.Clone(c.Attempts)
	out.Attempts = slices.DeleteFunc(out.Attempts, func(a flow.DialAttempt) bool { return !a.Start.Before(at) })
	for i := range out.Attempts {
		a := &out.Attempts[i]
		if k := a.Kernel; k != nil && a.Outcome == flow.DialConnected && k.SYNRetransmits > 0 {
			unanswered := *k // the last one was answered
			unanswered.SYNRetransmits--
			a.Kernel = &unanswered
		}
		if a.Outcome == flow.DialPending || !a.Start.Add(a.Took).Before(at) {
			a.Outcome, a.Took, a.Err = flow.DialLost, at.Sub(a.Start), ""
		}
	}
	return &out
}

// Accepted is when a server accepted a connection, and TLS, if there is any; zero if none did.
func Accepted(c *flow.Conn) time.Time {
	w := c.Winner()
	if w == nil || c.TLS != nil && c.TLS.Outcome != flow.TLSOK {
		return time.Time{}
	}
	return w.Start.Add(w.Took)
}

// LastSYN is the last instant at which an attempt is known to have had no answer: when it was
// refused, or a bound below when the last SYN was sent that nothing answered. SYNs are sent again
// after 1, 2, 4 ... seconds (RFC 6298, 5.5). Linux sends some a second apart before that (since 6.5),
// and macOS does too: then the last one of a long connect was sent when half of it had passed.
func LastSYN(a flow.DialAttempt, now time.Time) time.Time {
	took := a.Elapsed(now)
	if !a.Unanswered(now, 0) {
		return a.Start.Add(took)
	}
	sent, again := time.Duration(0), 0
	for gap := time.Second; sent+gap <= took; gap *= 2 {
		sent += gap
		again++
	}
	if a.Kernel != nil && a.Kernel.SYNRetransmits == again {
		return a.Start.Add(sent)
	}
	sent = max(0, took-time.Second) / 2
	if a.Kernel != nil { // none is sent sooner than a second after the one before it
		sent = max(sent, min(took, time.Duration(a.Kernel.SYNRetransmits)*time.Second))
	}
	return a.Start.Add(sent)
}
