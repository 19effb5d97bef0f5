package proxy

import (
	"strings"

	"detour/internal/dial"
)

// lostPing is in net/http's error for an HTTP/2 connection whose server didn't answer a ping
// within pingTimeout. It exports no such error.
const lostPing = "http2: client connection lost"

// isSilence reports whether a connection that had been made failed because nothing came back
// any more, as after a VPN has gone down: the kernel gave up resending (RFC 9293, 3.8.3), or a
// ping of HTTP/2 wasn't answered.
func isSilence(err error) bool {
	return dial.IsSilence(err) || strings.Contains(err.Error(), lostPing)
}
