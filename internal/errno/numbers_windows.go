package errno

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// Numbers of Winsock and of Windows (learn.microsoft.com, "Windows Sockets Error Codes" and
// "System Error Codes").
const (
	ConnRefused  = windows.WSAECONNREFUSED
	ConnReset    = windows.WSAECONNRESET
	TimedOut     = windows.WSAETIMEDOUT
	AddrInUse    = windows.WSAEADDRINUSE
	AddrNotAvail = windows.WSAEADDRNOTAVAIL
	Forbidden    = windows.WSAEACCES
	DiskFull     = windows.ERROR_DISK_FULL
	BrokenPipe   = windows.ERROR_BROKEN_PIPE
)

const (
	readOnly = windows.ERROR_WRITE_PROTECT
	tooLong  = windows.WSAEMSGSIZE
)

var (
	forbidden     = [...]syscall.Errno{Forbidden, windows.ERROR_ACCESS_DENIED}
	diskFull      = [...]syscall.Errno{DiskFull, windows.ERROR_HANDLE_DISK_FULL}
	readerGone    = [...]syscall.Errno{BrokenPipe, windows.ERROR_NO_DATA} // ERROR_NO_DATA: the pipe is being closed
	openElsewhere = [...]syscall.Errno{windows.ERROR_SHARING_VIOLATION, windows.ERROR_LOCK_VIOLATION, windows.ERROR_USER_MAPPED_FILE}
)
