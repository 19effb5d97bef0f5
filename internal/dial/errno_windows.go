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
	case windows.WSAETIMEDOUT, windows.ERROR_SEM_TIMEOUT: // ConnectEx knows both
		return flow.DialTimeout
	case windows.WSAENETUNREACH, windows.WSAEHOSTUNREACH, windows.WSAEACCES,
		windows.WSAEADDRNOTAVAIL, windows.WSAENETDOWN, windows.WSAEHOSTDOWN:
		return flow.DialUnreachable
	case windows.WSAECONNRESET, windows.WSAECONNABORTED:
		return flow.DialReset
	}
	return flow.DialError
}

// meaning is what stands behind an error number that has several causes, or that
// people know from elsewhere; "" if its own words say it.
func meaning(errno syscall.Errno) string {
	switch errno {
	case windows.WSAETIMEDOUT, windows.ERROR_SEM_TIMEOUT:
		return "the system gave up"
	case windows.WSAEACCES:
		return "prohibited by a firewall"
	}
	return ""
}
