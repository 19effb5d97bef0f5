//go:build !windows

package shortage

import (
	"syscall"

	"detour/internal/flow"
)

const addrNotAvail = syscall.EADDRNOTAVAIL

var known = map[syscall.Errno]flow.Shortage{
	syscall.EMFILE:  flow.ShortDescriptors,
	syscall.ENFILE:  flow.ShortSystemDescriptors,
	syscall.ENOMEM:  flow.ShortMemory,
	syscall.ENOBUFS: flow.ShortBuffers,
}
