package proxy

import (
	"errors"

	"detour/internal/dial"
	"detour/internal/h2client"
)

// isSilence reports whether a connection that had been made failed because nothing came back
// any more, as after a VPN has gone down: the kernel gave up resending (RFC 9293, 3.8.3), or a
// ping of HTTP/2 wasn't answered.
func isSilence(err error) bool {
	return dial.IsSilence(err) || errors.Is(err, h2client.ErrLost)
}
