package probe

import (
	"cmp"

	"detour/internal/flow"
)

// Later returns the result's connects to the host's addresses, and to those of the reference,
// as they are added to an earlier flow. Those to an upstream proxy are left out.
func (r Result) Later() (out []flow.Later) {
	add := func(kind flow.LaterKind, all []flow.DialAttempt, failed string) {
		for _, a := range all {
			out = append(out, flow.Later{
				Kind: kind, At: a.Start, Addr: a.Addr, Outcome: a.Outcome, Took: a.Took, Err: cmp.Or(a.Err, failed),
			})
		}
	}
	for _, t := range r.Tries {
		if t.Conn != nil && t.Conn.UpstreamProxy == "" {
			add(flow.LaterProbe, t.Conn.Attempts, t.Err)
		}
	}
	if c := r.Flow.Conn; c != nil {
		add(flow.LaterOther, c.Elsewhere, "")
	}
	return out
}
