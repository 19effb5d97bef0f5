//go:build !windows

package dial

import (
	"io"
	"syscall"

	"detour/internal/flow"
)

const (
	connRefused   = syscall.ECONNREFUSED
	systemTimeout = syscall.ETIMEDOUT
	connReset     = syscall.ECONNRESET
	prohibited    = syscall.EACCES
)

var shortages = []shortageCase{
	{syscall.EADDRNOTAVAIL, "203.0.113.1:443", flow.DialError, flow.ShortPorts},
	{syscall.EADDRNOTAVAIL, "[2001:db8::1]:443", flow.DialUnreachable, ""}, // the machine has no IPv6
	{syscall.ENOBUFS, "[2001:db8::1]:443", flow.DialError, flow.ShortBuffers},
	{syscall.ENOMEM, "203.0.113.1:443", flow.DialError, flow.ShortMemory},
	{syscall.ENFILE, "203.0.113.1:443", flow.DialError, flow.ShortSystemDescriptors},
	{syscall.ENETUNREACH, "203.0.113.1:443", flow.DialUnreachable, ""},
}

// afterCloseRead is the error of a read after CloseRead.
var afterCloseRead = io.EOF
