package diagnose

import (
	"time"

	"detour/internal/flow"
)

// left reports whether the client went away while f was under way.
func left(f *flow.Flow) bool {
	return f.Final() && f.Failure != nil && f.Failure.Stage == flow.StageClient && f.Response == nil
}

// until is how far f's time goes. A connection that a client left may be in its
// record as it was then, still under way.
func until(f *flow.Flow, now time.Time) time.Time {
	if f.Final() && !f.Times.Done.IsZero() {
		return f.Times.Done
	}
	return now
}

// tlsOutcome is how f's handshake ended, and after how long. A hello that was met by
// silence for as long as a connect may be is a timeout, whether it is still waited for
// or the client has left meanwhile.
func tlsOutcome(f *flow.Flow, now time.Time) (flow.TLSOutcome, time.Duration) {
	t := f.Conn.TLS
	if t == nil {
		return flow.TLSPending, 0
	}
	took := t.Took
	if t.Outcome == flow.TLSPending {
		took = until(f, now).Sub(t.Start)
	}
	silent := t.Outcome == flow.TLSPending || t.Outcome == flow.TLSError && len(t.Chain) == 0
	silent = silent && (!f.Final() || left(f))
	if silent && took >= Patience {
		return flow.TLSTimeout, took
	}
	return t.Outcome, took
}

// dnsOutcome is what f's lookup came to. Questions of which none was answered for as
// long as a connect may be are a timeout, as with tlsOutcome.
func dnsOutcome(f *flow.Flow, now time.Time) flow.DNSOutcome {
	r := f.Conn.Resolution
	if r == nil {
		return flow.DNSPending
	}
	took := r.Took
	if r.Outcome == flow.DNSPending {
		took = until(f, now).Sub(r.Start)
	}
	silent := (r.Outcome == flow.DNSPending || r.Outcome == flow.DNSError) && (!f.Final() || left(f))
	for _, q := range r.Queries {
		silent = silent && q.RCode == ""
	}
	if silent && took >= Patience {
		return flow.DNSTimeout
	}
	return r.Outcome
}
