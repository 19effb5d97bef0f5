package dial

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"

	"detour/internal/flow"
)

// outcomeOfErrno classifies by Winsock's error number. syscall.ECONNREFUSED and
// its like are inventions on Windows that no call returns.
func outcomeOfErrno(err error) (flow.DialOutcome, bool) {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return "", false
	}
	switch errno {
	case windows.WSAECONNREFUSED:
		return flow.DialRefused, true
	case windows.WSAETIMEDOUT:
		return flow.DialTimeout, true
	case windows.WSAENETUNREACH, windows.WSAEHOSTUNREACH, windows.WSAEACCES, windows.WSAEADDRNOTAVAIL:
		return flow.DialUnreachable, true
	case windows.WSAECONNRESET, windows.WSAECONNABORTED:
		return flow.DialReset, true
	}
	return "", false
}
