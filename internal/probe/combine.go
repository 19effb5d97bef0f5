package probe

import "detour/internal/flow"

// combine sums up the tries in the result's flow.
func combine(r *Result) {
	f := &r.Flow
	if len(r.Tries) == 0 {
		return
	}
	if f.Conn == nil { // through an upstream proxy
		c := *r.Tries[0].Conn
		c.Attempts = nil
		f.Conn = &c
	}
	best := &r.Tries[0]
	for i := range r.Tries {
		t := &r.Tries[i]
		if t.Conn != nil {
			f.Conn.Attempts = append(f.Conn.Attempts, t.Conn.Attempts...)
		}
		if best.Answer == nil && (t.Answer != nil || best.Stage != "" && t.Stage == "") {
			best = t
		}
	}
	if best.Conn != nil {
		f.Conn.TLS, f.Conn.Via = best.Conn.TLS, best.Conn.Via
	}
	if best.Stage != "" {
		f.Failure = &flow.Failure{Stage: best.Stage, Message: best.Err, Plaintext: best.Plain}
		return
	}
	if best.Answer == nil {
		return
	}
	f.Response = &flow.Response{Status: best.Answer.Status, Proto: "HTTP/1.1", Headers: flow.Fields(best.Answer.headers)}
}
