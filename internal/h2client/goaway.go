package h2client

import (
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/net/http2"
)

// ErrUnprocessed is the error of a request that a server hasn't processed, as its GOAWAY says. Such a
// request is sent again if its body can be.
var ErrUnprocessed = errors.New("http2: the server closes the connection without processing the request")

var (
	errUnusable = errors.New("http2: the connection takes no more requests")
	errFromPeer = errors.New("received from peer") // the cause of a StreamError that the server has sent
)

// A goAwayError is the error of requests on a connection that the server has ended with a GOAWAY.
type goAwayError struct {
	lastID uint32 // the last stream that the server may process
	code   http2.ErrCode
	debug  string
}

// maxDebug limits what an error says of the data in a GOAWAY.
const maxDebug = 200

func (e goAwayError) Error() string {
	s := fmt.Sprintf("http2: the server ended the connection with GOAWAY %v, last stream %d", e.code, e.lastID)
	if e.debug != "" {
		s += fmt.Sprintf(", %q", e.debug)
	}
	return s
}

// gotGoAway ends the requests that the server won't process. The others go on. mu is held.
func (c *conn) gotGoAway(f *http2.GoAwayFrame) {
	if c.goAway == nil {
		c.goAway = &goAwayError{}
	}
	if c.goAway.debug == "" {
		debug := f.DebugData()
		c.goAway.debug = string(debug[:min(len(debug), maxDebug)])
	}
	c.goAway.lastID = f.LastStreamID
	if c.goAway.code == http2.ErrCodeNo {
		c.goAway.code = f.ErrCode
	}
	for id, s := range c.streams {
		switch {
		case id <= f.LastStreamID:
		case id == 1 && c.goAway.code != http2.ErrCodeNo:
			// It would probably be the same on another connection.
			s.end(*c.goAway)
		default:
			s.end(ErrUnprocessed)
		}
	}
	c.retire()
}

// gotReset ends a request that the server has reset. mu is held.
func (c *conn) gotReset(s *stream, f *http2.RSTStreamFrame) {
	if f.ErrCode == http2.ErrCodeProtocol {
		c.unfit = true // the two sides may disagree about the connection's state
	}
	if s != nil {
		s.end(http2.StreamError{StreamID: s.id, Code: f.ErrCode, Cause: errFromPeer})
	}
	c.closeIfDone()
}

// maySendAgain reports whether a request that failed may be sent again: the server didn't process
// it, or it is safe, and would perhaps succeed on a connection about whose state the two sides
// agree.
func maySendAgain(r *http.Request, err error, reused bool) bool {
	if errors.Is(err, ErrUnprocessed) || errors.Is(err, errUnusable) {
		return true
	}
	var reset http2.StreamError
	if !errors.As(err, &reset) {
		return false
	}
	disagree := reused && reset.Code == http2.ErrCodeProtocol && errors.Is(reset.Cause, errFromPeer)
	return reset.Code == http2.ErrCodeRefusedStream || disagree && IsSafe(r.Method)
}

// IsSafe reports whether a method only reads (RFC 9110, 9.2.1).
func IsSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions || method == ""
}
