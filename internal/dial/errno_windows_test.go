package dial

import "golang.org/x/sys/windows"

const (
	connRefused   = windows.WSAECONNREFUSED
	systemTimeout = windows.WSAETIMEDOUT
	connReset     = windows.WSAECONNRESET
	prohibited    = windows.WSAEACCES
)
