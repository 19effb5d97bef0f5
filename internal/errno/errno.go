// Package errno says what an error of the system means, whose number depends on the system:
// on Windows, a refused connection is Winsock's WSAECONNREFUSED, never [syscall.ECONNREFUSED].
// The constants are for tests, which simulate such errors.
package errno

import (
	"errors"
	"slices"
	"syscall"
)

// among reports whether one of the errors that err wraps has one of these numbers.
func among(err error, numbers ...syscall.Errno) bool {
	var n syscall.Errno
	return errors.As(err, &n) && slices.Contains(numbers, n)
}

// IsRefused reports that nothing listens at the address of a connect.
func IsRefused(err error) bool { return among(err, ConnRefused) }

// IsAddrInUse reports that another socket has the port of a listener.
func IsAddrInUse(err error) bool { return among(err, AddrInUse) }

// IsAddrMissing reports that the machine doesn't have the address of a listener.
func IsAddrMissing(err error) bool { return among(err, AddrNotAvail) }

// IsPortForbidden reports that this user, or everybody, may not listen on a port.
func IsPortForbidden(err error) bool { return among(err, forbidden[:]...) }

// IsDiskFull reports that a file can't grow.
func IsDiskFull(err error) bool { return among(err, diskFull[:]...) }

// IsReaderGone reports that nobody reads from a pipe, or from the other end of a connection,
// any more.
func IsReaderGone(err error) bool { return among(err, readerGone[:]...) }

// IsCutOff reports that a datagram was longer than the buffer, which only Windows calls an error.
func IsCutOff(err error) bool { return among(err, tooLong) }

// IsReadOnly reports that a file is on a medium that can't be written to.
func IsReadOnly(err error) bool { return among(err, readOnly) }

// IsOpenElsewhere reports that another program has a file open and doesn't share it, which
// Windows alone knows.
func IsOpenElsewhere(err error) bool { return among(err, openElsewhere[:]...) }
