//go:build !windows

package dial

import (
	"syscall"

	"detour/internal/flow"
)

// outcomeOfNumber classifies the kernel's error numbers.
func outcomeOfNumber(errno syscall.Errno) flow.DialOutcome {
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

// meaning is what stands behind an error number that has several causes, or that
// people know from elsewhere; "" if its own words say it.
func meaning(errno syscall.Errno) string {
	switch errno {
	case syscall.ETIMEDOUT:
		return "the system gave up"
	case syscall.EACCES, syscall.EPERM: // a prohibit route, a local policy, ICMPv6 1/1
		return "prohibited by a route or a firewall"
	case syscall.EHOSTUNREACH: // Linux has no other number for ICMP 3/10 and 3/13
		return "nobody at that address, or a firewall that rejects with ICMP"
	}
	return ""
}
