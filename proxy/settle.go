package proxy

import (
	"time"

	"detour/internal/flow"
)

// settleTime is how long the final revision of a canceled exchange waits for its dial to
// end. It is canceled by then, and takes microseconds to record how far it came.
const settleTime = 250 * time.Millisecond

// endDial counts a connection that was made for the exchange, or failed. Which of several it was doesn't
// matter: one that isn't needed is never waited for.
func (x *exchange) endDial() {
	x.mu.Lock()
	defer x.mu.Unlock()
	needed := x.dialing > x.spare
	x.dialing--
	x.spare = min(x.spare, x.dialing)
	if needed && x.dialing == x.spare {
		<-x.dialTurn
	}
	if x.dialEnded != nil {
		close(x.dialEnded)
		x.dialEnded = nil
	}
}

// awaitDial waits for the dial of a canceled exchange, whose record says more than the
// last snapshot: net/http returns to the handler as soon as the client has left.
func (x *exchange) awaitDial() {
	x.mu.Lock()
	if x.dialing == x.spare || x.hasConn || !x.canceled() {
		x.mu.Unlock()
		return
	}
	ended := make(chan struct{})
	x.dialEnded = ended
	x.mu.Unlock()
	t := time.NewTimer(settleTime)
	defer t.Stop()
	select {
	case <-ended:
	case <-t.C:
	}
}

// canceledFailure is the failure of an exchange that was canceled, and not by the server. How
// one would have ended that the proxy's own end has canceled isn't known.
func (x *exchange) canceledFailure() *flow.Failure {
	if x.p.ctx.Err() != nil {
		return stoppedFailure()
	}
	return &flow.Failure{Stage: flow.StageClient, Message: "the client canceled the request"}
}

func stoppedFailure() *flow.Failure {
	return &flow.Failure{Stage: flow.StageClient, Message: errStopped.Error(), Kind: flow.KindPending}
}

// canceled reports whether the client has left or the proxy is stopping.
func (x *exchange) canceled() bool { return x.client.Err() != nil || x.p.ctx.Err() != nil }

// settle ends what is pending in the connections of a flow that is about to be final. A
// connection that isn't needed any more may still be dialed, for another request.
func (x *exchange) settle(f *flow.Flow) {
	outcome, why := flow.DialLost, "the request ended without this connection"
	if x.p.ctx.Err() != nil || x.client.Err() != nil && !x.hasConn {
		outcome, why = flow.DialCanceled, x.canceledFailure().Message
	}
	f.Conn = f.Conn.Settled(f.Times.Done, outcome, why)
	for i, c := range f.Unused {
		settled := c.Settled(f.Times.Done, outcome, why)
		if settled == c {
			continue
		}
		f.Unused = append([]*flow.Conn(nil), f.Unused...) // f.Unused is published
		f.Unused[i] = settled
	}
}
