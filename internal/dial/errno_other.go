//go:build !windows

package dial

import (
	"errors"
	"syscall"

	"detour/internal/flow"
)

// outcomeOfErrno classifies by the kernel's error number. EACCES and EPERM are
// what Linux makes of a prohibit route, a local firewall's verdict and an ICMP
// "administratively prohibited".
func outcomeOfErrno(err error) (flow.DialOutcome, bool) {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return "", false
	}
	switch errno {
	case syscall.ECONNREFUSED:
		return flow.DialRefused, true
	case syscall.ETIMEDOUT:
		return flow.DialTimeout, true
	case syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.EACCES, syscall.EPERM, syscall.EADDRNOTAVAIL:
		return flow.DialUnreachable, true
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED:
		return flow.DialReset, true
	}
	return "", false
}
