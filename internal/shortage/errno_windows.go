package shortage

import (
	"syscall"

	"golang.org/x/sys/windows"

	"detour/internal/flow"
)

// noPort reports that a connect failed for want of a free local port. WSAEADDRNOTAVAIL means
// that the destination is no address to connect to, or is IPv6 and the machine has no IPv6
// address (learn.microsoft.com, connect).
func noPort(n syscall.Errno, _ bool) bool { return n == windows.WSAEADDRINUSE }

// known has the numbers of Winsock and of the system. WSAENOBUFS is also what connect
// returns on Windows for want of a local port, depending on how they ran out.
var known = map[syscall.Errno]flow.Shortage{
	windows.WSAEMFILE:                 flow.ShortDescriptors,
	windows.ERROR_TOO_MANY_OPEN_FILES: flow.ShortDescriptors,
	windows.WSAENOBUFS:                flow.ShortBuffers,
	windows.ERROR_NOT_ENOUGH_MEMORY:   flow.ShortMemory,
	windows.ERROR_OUTOFMEMORY:         flow.ShortMemory,
	windows.ERROR_NO_SYSTEM_RESOURCES: flow.ShortMemory,
}
