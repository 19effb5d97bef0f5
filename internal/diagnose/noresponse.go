package diagnose

import (
	"time"

	"detour/internal/flow"
)

// clientLeft reports whether the client closed the connection before f had a response.
func clientLeft(f *flow.Flow) bool {
	return f.Final() && f.Failure != nil && f.Failure.Stage == flow.StageClient && f.Response == nil
}

// lastInstant is the last instant that f's record covers. If the client left, the
// connection may be recorded as still in progress.
func lastInstant(f *flow.Flow, now time.Time) time.Time {
	if f.Final() && !f.Times.Done.IsZero() {
		return f.Times.Done
	}
	return now
}

// tlsOutcome is how f's handshake ended, and after how long. A ClientHello without a
// response for as long as [Patience] is a timeout, whether the handshake is still in
// progress, the client has left, or the server has ended the connection after that: it
// waits no longer for a ClientHello that it doesn't get.
func tlsOutcome(f *flow.Flow, now time.Time) (flow.TLSOutcome, time.Duration) {
	t := f.Conn.TLS
	if t == nil {
		return flow.TLSPending, 0
	}
	took := t.Took
	if t.Outcome == flow.TLSPending {
		took = lastInstant(f, now).Sub(t.Start)
	}
	silent := t.Outcome == flow.TLSPending || t.Outcome == flow.TLSError && len(t.Chain) == 0
	silent = silent && (!f.Final() || clientLeft(f)) || t.Outcome == flow.TLSReset && len(t.Chain) == 0
	if silent && took >= Patience {
		return flow.TLSTimeout, took
	}
	return t.Outcome, took
}

// dnsOutcome is the outcome of f's lookup. Queries without any response for as long as
// [Patience] are a timeout, as in tlsOutcome.
func dnsOutcome(f *flow.Flow, now time.Time) flow.DNSOutcome {
	r := f.Conn.Resolution
	if r == nil {
		return flow.DNSPending
	}
	took := r.Took
	if r.Outcome == flow.DNSPending {
		took = lastInstant(f, now).Sub(r.Start)
	}
	silent := (r.Outcome == flow.DNSPending || r.Outcome == flow.DNSError) && (!f.Final() || clientLeft(f))
	for _, q := range r.Queries {
		silent = silent && q.RCode == ""
	}
	if silent && took >= Patience {
		return flow.DNSTimeout
	}
	return r.Outcome
}
