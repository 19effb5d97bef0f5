package proxy

import (
	"errors"

	"detour/internal/fault"
	"detour/internal/flow"
)

// errFault is the error of an exchange in which detour panicked.
var errFault = errors.New("a fault in detour ended the exchange; --log FILE records what happens the next time")

// exchangeLost is what a panic means to the user: as with net/http's server, what one peer has sent
// ends nothing but its own exchange.
const exchangeLost = "an exchange failed, or isn't recorded as a whole; others go on"

// guard calls do, and reports whether it returned. A panic is reported, and ends there.
func (p *Proxy) guard(do func()) (returned bool) { return p.faults.Do(exchangeLost, do) }

// put gives the Sink a revision of a flow, and reports whether it took it. If the Sink panics at
// a final one, it gets the little of it that says that the exchange is over.
func (p *Proxy) put(f *flow.Flow) bool {
	if p.guard(func() { p.cfg.Sink.Put(*f) }) {
		return true
	}
	if f.Final() {
		p.guard(func() {
			p.cfg.Sink.Put(flow.Flow{
				ID: f.ID, Rev: f.Rev, Source: f.Source, State: f.State, Times: f.Times, Failure: orFault(f.Failure),
				Request: flow.Request{Method: f.Request.Method, URL: f.Request.URL, Proto: f.Request.Proto},
			})
		})
	}
	return false
}

// orFault returns the failure of an exchange in which detour panicked, unless it had failed before.
func orFault(earlier *flow.Failure) *flow.Failure {
	if earlier != nil {
		return earlier
	}
	return &flow.Failure{Stage: flow.StageProxy, Message: errFault.Error()}
}

// panicked records that the exchange ends with a panic.
func (x *exchange) panicked() {
	x.update(func(f *flow.Flow) { f.Failure = orFault(f.Failure) })
}

// end ends the exchange. If it is deferred, it ends a panic, too.
func (x *exchange) end() {
	if v := recover(); v != nil {
		x.p.faults.Report(exchangeLost, fault.Of(v))
		x.panicked()
	}
	x.finish()
}

// breakOff ends a connection that panicked, and its exchange.
func (c *h1Conn) breakOff() {
	x := c.watch.current
	if s := c.watch.carrier; s != nil {
		_ = s.dialed.Close()
		s.endUpload()
	}
	if x != nil {
		x.panicked()
		x.finish()
	}
	c.abort()
	_ = c.Close()
	if x != nil {
		c.endWatch()
		c.p.work.Leave()
	}
}
