//go:build !windows

package dial

import (
	"syscall"

	"detour/internal/flow"
)

// outcomeOfErrno classifies an error number of connect(2), read(2) or write(2).
func outcomeOfErrno(errno syscall.Errno) flow.DialOutcome {
	switch errno {
	case syscall.ECONNREFUSED:
		return flow.DialRefused
	case syscall.ETIMEDOUT:
		return flow.DialTimeout
	case syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.EACCES, syscall.EPERM,
		syscall.EADDRNOTAVAIL, syscall.ENETDOWN, syscall.EHOSTDOWN:
		return flow.DialUnreachable
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED:
		return flow.DialReset
	}
	return flow.DialError
}

// errnoHint explains an error number whose own message is ambiguous; "" for others.
func errnoHint(errno syscall.Errno) string {
	switch errno {
	case syscall.ETIMEDOUT:
		return "the operating system gave up"
	case syscall.EACCES, syscall.EPERM: // a prohibit route, a local firewall, ICMPv6 1/1
		return "prohibited by a route or a firewall"
	case syscall.EHOSTUNREACH: // on Linux, ICMP 3/10 and 3/13 too
		return "no host at that address, or rejected by a firewall with ICMP"
	}
	return ""
}
