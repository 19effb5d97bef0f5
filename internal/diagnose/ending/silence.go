package ending

import (
	"time"

	"detour/internal/flow"
)

// Patience is how long a connect may go unanswered before a finding mentions it. A SYN
// is sent again after one second and after three (RFC 6298, 2.1 and 5.5), so by then two
// have been lost.
const Patience = 3 * time.Second

// ClientLeft reports whether the client closed the connection before f had a response.
func ClientLeft(f *flow.Flow) bool {
	return f.Final() && f.Failure != nil && f.Failure.Stage == flow.StageClient && f.Response == nil
}

// LastInstant is the last instant that f's record covers. If the client left, the
// connection may be recorded as still in progress.
func LastInstant(f *flow.Flow, now time.Time) time.Time {
	if f.Final() && !f.Times.Done.IsZero() {
		return f.Times.Done
	}
	return now
}

// TLS is how f's handshake ended, and after how long. A ClientHello without a
// response for as long as [Patience] is a timeout, whether the handshake is still in
// progress, the client has left, or the server has ended the connection after that: it
// waits no longer for a ClientHello that it doesn't get.
func TLS(f *flow.Flow, now time.Time) (flow.TLSOutcome, time.Duration) {
	t := f.Conn.TLS
	if t == nil {
		return flow.TLSPending, 0
	}
	took := t.Took
	if t.Outcome == flow.TLSPending {
		took = LastInstant(f, now).Sub(t.Start)
	}
	silent := t.Outcome == flow.TLSPending || t.Outcome == flow.TLSError && len(t.Chain) == 0
	silent = silent && (!f.Final() || ClientLeft(f)) || t.Outcome == flow.TLSReset && len(t.Chain) == 0
	if silent && took >= Patience {
		return flow.TLSTimeout, took
	}
	return t.Outcome, took
}

// DNS is the outcome of f's lookup. Queries without any response for as long as
// [Patience] are a timeout, as in [TLS].
func DNS(f *flow.Flow, now time.Time) flow.DNSOutcome {
	r := f.Conn.Resolution
	if r == nil {
		return flow.DNSPending
	}
	took := r.Took
	if r.Outcome == flow.DNSPending {
		took = LastInstant(f, now).Sub(r.Start)
	}
	silent := (r.Outcome == flow.DNSPending || r.Outcome == flow.DNSError) && (!f.Final() || ClientLeft(f))
	for _, q := range r.Queries {
		silent = silent && q.RCode == ""
	}
	if silent && took >= Patience {
		return flow.DNSTimeout
	}
	return r.Outcome
}

// Unanswered reports whether no address that was tried responded.
func Unanswered(c *flow.Conn, now time.Time) bool {
	waited := false
	for _, a := range c.Attempts {
		switch {
		case a.Unanswered(now, Patience):
			waited = true
		case a.Outcome == flow.DialPending, a.Outcome == flow.DialLost, a.Outcome == flow.DialCanceled:
			// too early to tell
		default:
			return false
		}
	}
	return waited
}

// All reports whether every finished attempt ended as o.
func All(c *flow.Conn, o flow.DialOutcome) bool {
	n := 0
	for _, a := range c.Attempts {
		switch a.Outcome {
		case o:
			n++
		case flow.DialLost, flow.DialCanceled:
		case flow.DialPending, flow.DialConnected, flow.DialRefused, flow.DialTimeout,
			flow.DialUnreachable, flow.DialReset, flow.DialError:
			return false
		}
	}
	return n > 0
}

// Waited is how long a request that was sent had no response.
func Waited(f *flow.Flow, now time.Time) time.Duration {
	if f.Phases != nil {
		return f.Phases.Wait
	}
	if f.Times.WroteRequest.IsZero() {
		return 0
	}
	return LastInstant(f, now).Sub(f.Times.WroteRequest)
}

// Silent reports whether the record itself shows that an address, a handshake or a nameserver
// was silent: then it doesn't matter who ended the wait.
func Silent(f *flow.Flow, now time.Time) bool {
	at := LastInstant(f, now)
	o, _ := TLS(f, at)
	return Unanswered(f.Conn, at) || o == flow.TLSTimeout || DNS(f, at) == flow.DNSTimeout
}
