package dial

import (
	"syscall"

	"golang.org/x/sys/windows"

	"detour/internal/flow"
)

// outcomeOfNumber classifies Winsock's error numbers. syscall.ECONNREFUSED and
// its like are inventions on Windows that no call returns.
func outcomeOfNumber(errno syscall.Errno) flow.DialOutcome {
	switch errno {
	case windows.WSAECONNREFUSED:
		return flow.DialRefused
	case windows.WSAETIMEDOUT:
		return flow.DialTimeout
	case windows.WSAENETUNREACH, windows.WSAEHOSTUNREACH, windows.WSAEACCES, windows.WSAEADDRNOTAVAIL:
		return flow.DialUnreachable
	case windows.WSAECONNRESET, windows.WSAECONNABORTED:
		return flow.DialReset
	}
	return flow.DialError
}
