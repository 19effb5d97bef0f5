package flow

import "time"

// A Conn is a connection to a server, from the lookup to the handshake. It outlives the
// request that started it and may carry many flows. Snapshots while it is being made have the
// same ID.
type Conn struct {
	ID        ID
	Authority string // the requested host:port
	// UpstreamProxy is the host:port of the proxy that made the connection; "" if detour, or
	// the browser that wrote a HAR, did. In a HAR it may be an address without a port, or
	// "unknown". Resolution and Attempts then aren't those of the server.
	UpstreamProxy string
	// PAC is what a PAC file returned for the server, and the names that it looked up; "":
	// none was asked.
	PAC        string
	Start      time.Time
	Via        *Via          // the upstream proxy's part; nil if it wasn't used for connecting
	Resolution *Resolution   // of the server's name; nil until the lookup starts
	Elsewhere  []DialAttempt // to the addresses of Resolution.Reference, for comparison; only with probe --reference
	Attempts   []DialAttempt // by start, including those that lost the race; to the upstream proxy, if there is one
	TLS        *TLSInfo      // nil for plain TCP, and until the handshake starts
}

// A Via is the upstream proxy's part in a connection: its address, and its response to
// CONNECT.
type Via struct {
	Resolution *Resolution // of the proxy's name
	Status     int         // of its response to CONNECT; 0 if there was none, and for SOCKS
	Headers    []Header
	Body       string // the beginning of the body of an error, as text
	Start      time.Time
	Took       time.Duration // from the CONNECT to the response
	Err        string        // "" if it connected
}

// Winner returns the attempt that connected, or else one that was reset after it was
// accepted; nil if there is none.
func (c *Conn) Winner() *DialAttempt {
	if c == nil {
		return nil
	}
	for _, o := range []DialOutcome{DialConnected, DialReset} {
		for i := range c.Attempts {
			if c.Attempts[i].Outcome == o {
				return &c.Attempts[i]
			}
		}
	}
	return nil
}

// Decisive returns the attempt that decides the result: the winner, or else the last one; nil
// if there is none.
func (c *Conn) Decisive() *DialAttempt {
	if w := c.Winner(); w != nil || c == nil || len(c.Attempts) == 0 {
		return w
	}
	return &c.Attempts[len(c.Attempts)-1]
}
