package proxy

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/net/http2"

	"detour/internal/h2client"
)

// maxDials limits the connections that are made for one request. A server can refuse
// every request with GOAWAY, or allow none (RFC 9113, 6.8 and 5.1.2), and net/http then
// makes another connection, without a limit or a pause. Some are needed if the server
// allows few requests on a connection, and other requests get there first.
const maxDials = 8

// errUnprocessed is the error of a request for which maxDials connections were made. The
// server accepted them all: after a dial that fails, there is no other.
var errUnprocessed = fmt.Errorf("the server accepted %d connections and processed the request on none of them", maxDials)

// beginDial waits until no other connection that the request needs is being made, and counts the one that
// is about to be made. Call endDial when it is made, or has failed. net/http wants another
// connection whenever all streams of one are taken, even while the previous one is being made: none
// of those has refused the request.
func (x *exchange) beginDial(ctx context.Context) error {
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	select {
	case x.awaitTurn(giveUp) <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.dials >= maxDials || x.published {
		<-x.dialTurn
		return errUnprocessed
	}
	x.dials++
	x.dialing++
	return nil
}

// passTurn lets the next connection be made at once: the request has one that carries it, and needs
// another one only if that one fails. mu is held.
func (x *exchange) passTurn() {
	if x.dialing > x.spare {
		x.spare = x.dialing
		<-x.dialTurn
	}
}

// awaitTurn returns the dialTurn to take. Whoever waited for it gives up: its connection isn't
// wanted any more.
func (x *exchange) awaitTurn(giveUp func()) chan<- struct{} {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.dialTurn == nil {
		x.dialTurn = make(chan struct{}, 1)
	} else {
		x.giveUpTurn()
	}
	x.giveUpTurn = giveUp
	return x.dialTurn
}

// isUnprocessed reports whether the server said of a request that it didn't process it,
// each time that it was sent.
func isUnprocessed(err error) bool {
	var stream http2.StreamError
	return errors.Is(err, errUnprocessed) || errors.Is(err, errNotReplayable) || errors.Is(err, h2client.ErrUnprocessed) ||
		errors.As(err, &stream) && stream.Code == http2.ErrCodeRefusedStream
}
