package shortage

import (
	"syscall"

	"golang.org/x/sys/windows"

	"detour/internal/flow"
)

const addrNotAvail = windows.WSAEADDRNOTAVAIL

// known has the numbers of Winsock and of the system. WSAENOBUFS is also what connect
// returns on Windows when no local port is free.
var known = map[syscall.Errno]flow.Shortage{
	windows.WSAEMFILE:                 flow.ShortDescriptors,
	windows.ERROR_TOO_MANY_OPEN_FILES: flow.ShortDescriptors,
	windows.WSAENOBUFS:                flow.ShortBuffers,
	windows.ERROR_NOT_ENOUGH_MEMORY:   flow.ShortMemory,
	windows.ERROR_OUTOFMEMORY:         flow.ShortMemory,
	windows.ERROR_NO_SYSTEM_RESOURCES: flow.ShortMemory,
}
