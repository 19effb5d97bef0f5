package proxy

import (
	"errors"
	"fmt"
)

// maxDials limits the connections that are made for one request. A server can refuse
// every request with GOAWAY, or allow none (RFC 9113, 6.8 and 5.1.2), and net/http then
// makes another connection, without a limit or a pause. Some are needed if the server
// allows few requests on a connection, and other requests get there first.
const maxDials = 8

// errUnprocessed is the error of a request for which maxDials connections were made. The
// server accepted them all: after a dial that fails, there is no other.
var errUnprocessed = fmt.Errorf("the server accepted %d connections and processed the request on none of them", maxDials)

// beginDial counts a connection that is about to be made for the request. Call endDial
// when it is made, or has failed.
func (x *exchange) beginDial() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.dials >= maxDials {
		return errUnprocessed
	}
	x.dials++
	x.dialing++
	return nil
}

// isUnprocessed reports whether the server said of a request that it didn't process it,
// each time that it was sent.
func isUnprocessed(err error) bool {
	var stream streamError
	return errors.Is(err, errUnprocessed) || errors.Is(err, errNotReplayable) ||
		errors.As(err, &stream) && stream.Code == refusedStream
}

// A streamError is net/http's error for RST_STREAM, which errors.As converts to a struct
// with these fields.
type streamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

func (e streamError) Error() string { return fmt.Sprintf("HTTP/2 stream error %d", e.Code) }

// refusedStream is REFUSED_STREAM (RFC 9113, 7). net/http resends such a request seven
// times on the same connection, for a minute.
const refusedStream = 7
