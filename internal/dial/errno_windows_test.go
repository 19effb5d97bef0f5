package dial

import (
	"golang.org/x/sys/windows"

	"detour/internal/flow"
)

const (
	connRefused   = windows.WSAECONNREFUSED
	systemTimeout = windows.WSAETIMEDOUT
	connReset     = windows.WSAECONNRESET
	prohibited    = windows.WSAEACCES
)

var shortages = []shortageCase{
	{windows.WSAEADDRINUSE, "203.0.113.1:443", flow.DialError, flow.ShortPorts},
	{windows.WSAEADDRINUSE, "[2001:db8::1]:443", flow.DialError, flow.ShortPorts},
	{windows.WSAEADDRNOTAVAIL, "203.0.113.1:443", flow.DialUnreachable, ""}, // no address to connect to
	{windows.WSAEADDRNOTAVAIL, "[2001:db8::1]:443", flow.DialUnreachable, ""},
	{windows.WSAENOBUFS, "203.0.113.1:443", flow.DialError, flow.ShortBuffers},
	{windows.ERROR_NOT_ENOUGH_MEMORY, "203.0.113.1:443", flow.DialError, flow.ShortMemory},
	{windows.WSAEMFILE, "203.0.113.1:443", flow.DialError, flow.ShortDescriptors},
	{windows.WSAENETUNREACH, "203.0.113.1:443", flow.DialUnreachable, ""},
	{windows.WSAEACCES, "203.0.113.1:443", flow.DialUnreachable, ""},
}

// afterCloseRead is the error of a read after CloseRead.
var afterCloseRead error = windows.WSAESHUTDOWN
