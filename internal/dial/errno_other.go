//go:build !windows

package dial

import (
	"syscall"

	"detour/internal/flow"
)

// outcomeOfNumber classifies the kernel's error numbers. EACCES and EPERM are
// what Linux makes of a prohibit route, a local firewall's verdict and an ICMP
// "administratively prohibited".
func outcomeOfNumber(errno syscall.Errno) flow.DialOutcome {
	switch errno {
	case syscall.ECONNREFUSED:
		return flow.DialRefused
	case syscall.ETIMEDOUT:
		return flow.DialTimeout
	case syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.EACCES, syscall.EPERM, syscall.EADDRNOTAVAIL:
		return flow.DialUnreachable
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED:
		return flow.DialReset
	}
	return flow.DialError
}
