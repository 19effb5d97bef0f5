package dial

import (
	"syscall"

	"golang.org/x/sys/windows"

	"detour/internal/flow"
)

// outcomeOfErrno classifies Winsock's error numbers. On Windows, syscall.ECONNREFUSED
// and the like are Go's own numbers, which no system call returns.
func outcomeOfErrno(errno syscall.Errno) flow.DialOutcome {
	switch errno {
	case windows.WSAECONNREFUSED:
		return flow.DialRefused
	case windows.WSAETIMEDOUT, windows.ERROR_SEM_TIMEOUT: // ConnectEx returns either
		return flow.DialTimeout
	case windows.WSAENETUNREACH, windows.WSAEHOSTUNREACH, windows.WSAEACCES,
		windows.WSAEADDRNOTAVAIL, windows.WSAENETDOWN, windows.WSAEHOSTDOWN:
		return flow.DialUnreachable
	case windows.WSAECONNRESET, windows.WSAECONNABORTED:
		return flow.DialReset
	}
	return flow.DialError
}

// errnoHint explains an error number whose own message is ambiguous; "" for others.
func errnoHint(errno syscall.Errno) string {
	switch errno {
	case windows.WSAETIMEDOUT, windows.ERROR_SEM_TIMEOUT:
		return "the operating system gave up"
	case windows.WSAEACCES:
		return "prohibited by a firewall"
	}
	return ""
}
