// Package ending says how one request ended, as its record shows it: what kind of end it is, and
// whether a nameserver, an address, a handshake or a server was silent. It knows no rule, and no
// other request.
//
// It is pure, and may be called concurrently.
package ending

import (
	"detour/internal/flow"
)

// Reached reports whether a server responded; for a probe that asked for no more,
// whether it accepted the connection.
func Reached(f *flow.Flow) bool {
	return f.Response != nil || f.Source == flow.SourceProbe && f.Final() && f.Failure == nil
}

// Concerns reports whether a flow is for AWS, or for a host that was named.
func Concerns(f *flow.Flow) bool {
	return f.Source == flow.SourceProbe || f.Origin != flow.OriginOther && f.Origin != ""
}

// RefusedUs reports whether f is a handshake with detour that the client aborted.
func RefusedUs(f *flow.Flow) bool {
	return f.Final() && f.Failure != nil && f.Failure.Stage == flow.StageClient &&
		f.Request.Method == "CONNECT" && f.Tunnel == nil && f.Conn == nil
}
