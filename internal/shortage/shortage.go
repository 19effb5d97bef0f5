// Package shortage recognises errors that mean that this process or machine has run out of
// something: file descriptors, memory or ports. Such an error says nothing about the network
// or the file that was asked for, whatever failed with it.
package shortage

import (
	"errors"
	"syscall"

	"detour/internal/flow"
)

// Of returns what has run out according to err, or "" if err means something else.
//
// EADDRNOTAVAIL isn't among it: of a connect to an IPv6 address it usually means that the
// machine has no IPv6 address. See [Connecting].
func Of(err error) flow.Shortage {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return ""
	}
	return known[errno]
}

// Connecting is Of for the error of a connect without a given local address. is4 says that
// the destination is an IPv4 address: then EADDRNOTAVAIL means that no local port is free
// (connect(2)).
func Connecting(err error, is4 bool) flow.Shortage {
	if is4 && errors.Is(err, addrNotAvail) {
		return flow.ShortPorts
	}
	return Of(err)
}
