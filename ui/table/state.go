package table

import (
	"time"

	"detour/internal/diagnose"
	"detour/internal/flow"
)

// Broken reports whether the network failed the flow. A client that disconnected isn't a
// network failure.
func Broken(f *flow.Flow) bool {
	return f.Failure != nil && f.Failure.Stage != flow.StageClient
}

// Failed reports whether a finished flow got no complete response: the network failed it, or the
// client gave up after waiting longer than a healthy network takes.
func Failed(f *flow.Flow) bool {
	if !f.Final() {
		return false
	}
	return Broken(f) || f.Failure != nil && f.Response == nil && f.Elapsed(f.Times.Done) >= diagnose.Patience
}

// ErrorAnswer reports whether the response to an AWS call is an error, or contains one.
func ErrorAnswer(f *flow.Flow) bool {
	return f.AWS != nil && (f.AWS.Error != nil || f.AWS.InnerStatus >= 400) ||
		f.AWS.IsCall() && f.Response != nil && f.Response.Status >= 400
}

// Stuck reports whether an unfinished flow has waited for a TCP connection longer than a
// healthy network takes.
func Stuck(f *flow.Flow, now time.Time) bool {
	if f.Final() || f.Reused || f.Conn == nil || f.Conn.Winner() != nil {
		return false
	}
	for i := range f.Conn.Attempts {
		if f.Conn.Attempts[i].Unanswered(now, diagnose.Patience) {
			return true
		}
	}
	return false
}

// Resolving reports whether the flow's own DNS lookup is in progress.
func Resolving(f *flow.Flow) bool {
	if f.Final() || f.Conn == nil || f.Reused || f.Conn.UpstreamProxy != "" {
		return false
	}
	res := f.Conn.Resolution
	return len(f.Conn.Attempts) == 0 && (res == nil && f.State == flow.StateResolving || res != nil && res.Outcome == flow.DNSPending)
}

// Connecting reports whether the flow is waiting for a TCP connection of its own.
func Connecting(f *flow.Flow) bool {
	if f.Final() || f.Conn == nil || f.Reused || f.Conn.Winner() != nil {
		return false
	}
	for i := range f.Conn.Attempts {
		if f.Conn.Attempts[i].Outcome == flow.DialPending {
			return true
		}
	}
	return f.State == flow.StateConnecting && len(f.Conn.Attempts) > 0
}

// FirstStart is when the first attempt to connect began.
func FirstStart(c *flow.Conn) time.Time {
	var first time.Time
	for i := range c.Attempts {
		if s := c.Attempts[i].Start; first.IsZero() || s.Before(first) {
			first = s
		}
	}
	return first
}
