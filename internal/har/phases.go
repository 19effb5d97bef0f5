package har

import (
	"time"

	"detour/internal/flow"
)

// outTimings are the phases in milliseconds. Blocked, dns, connect and ssl are -1 if they
// don't apply; send, wait and receive must not be negative (HAR 1.2, timings).
type outTimings struct {
	Blocked float64 `json:"blocked"`
	DNS     float64 `json:"dns"`
	Connect float64 `json:"connect"` // includes ssl
	SSL     float64 `json:"ssl"`
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

// phases returns a flow's phases and their sum, without ssl, which connect includes. The
// rest of the total time counts as the phase in which the flow ended: a request that
// never got a connection was blocked, one without a response waited.
func phases(f *flow.Flow) (sum float64, out outTimings) {
	t := f.Timings()
	spent := max(0, t.Blocked) + max(0, t.DNS) + max(0, t.Connect) + max(0, t.Send) + max(0, t.Wait) + max(0, t.Receive)
	if left := f.Times.Done.Sub(f.Times.Start) - spent; !f.Times.Done.IsZero() && left > 0 {
		in := last(f.Times, &t)
		*in = max(0, *in) + left
	}
	out = outTimings{
		ms(t.Blocked), ms(t.DNS), ms(t.Connect), ms(t.SSL),
		flow.MS(max(0, t.Send)), flow.MS(max(0, t.Wait)), flow.MS(max(0, t.Receive)),
	}
	whole := max(0, t.Blocked) + max(0, t.DNS) + max(0, t.Connect) + max(0, t.Send) + max(0, t.Wait) + max(0, t.Receive)
	return flow.MS(whole), out
}

// last returns the phase in which a flow ended.
func last(at flow.Times, t *flow.Timings) *time.Duration {
	switch {
	case !at.FirstByte.IsZero():
		return &t.Receive
	case !at.WroteRequest.IsZero():
		return &t.Wait
	case !at.GotConn.IsZero():
		return &t.Send
	}
	return &t.Blocked
}

func ms(d time.Duration) float64 {
	if d == flow.NotApplicable {
		return -1
	}
	return flow.MS(d)
}
