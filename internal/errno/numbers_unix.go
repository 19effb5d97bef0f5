//go:build !windows

package errno

import "syscall"

// Numbers of connect(2), bind(2) and write(2).
const (
	ConnRefused  = syscall.ECONNREFUSED
	ConnReset    = syscall.ECONNRESET
	TimedOut     = syscall.ETIMEDOUT
	AddrInUse    = syscall.EADDRINUSE
	AddrNotAvail = syscall.EADDRNOTAVAIL
	Forbidden    = syscall.EACCES
	DiskFull     = syscall.ENOSPC
	BrokenPipe   = syscall.EPIPE
)

const (
	readOnly = syscall.EROFS
	tooLong  = syscall.EMSGSIZE
)

var (
	forbidden     = [...]syscall.Errno{Forbidden, syscall.EPERM}
	diskFull      = [...]syscall.Errno{DiskFull}
	readerGone    = [...]syscall.Errno{BrokenPipe}
	openElsewhere = [...]syscall.Errno{}
)
