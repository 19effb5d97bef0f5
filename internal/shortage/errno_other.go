//go:build !windows

package shortage

import (
	"syscall"

	"detour/internal/flow"
)

// noPort reports that a connect failed for want of a free local port. Of a connect to an IPv6
// address, EADDRNOTAVAIL usually means that the machine has no IPv6 address (connect(2)).
func noPort(n syscall.Errno, is4 bool) bool { return is4 && n == syscall.EADDRNOTAVAIL }

var known = map[syscall.Errno]flow.Shortage{
	syscall.EMFILE:  flow.ShortDescriptors,
	syscall.ENFILE:  flow.ShortSystemDescriptors,
	syscall.ENOMEM:  flow.ShortMemory,
	syscall.ENOBUFS: flow.ShortBuffers,
}
