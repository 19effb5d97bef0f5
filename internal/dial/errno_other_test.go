//go:build !windows

package dial

import "syscall"

const (
	connRefused   = syscall.ECONNREFUSED
	systemTimeout = syscall.ETIMEDOUT
	connReset     = syscall.ECONNRESET
	prohibited    = syscall.EACCES
)
