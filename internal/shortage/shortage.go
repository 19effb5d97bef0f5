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
// That no local port is free isn't among it: see [Connecting].
func Of(err error) flow.Shortage {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return ""
	}
	return known[errno]
}

// Connecting is Of for the error of a connect without a given local address. is4 says that
// the destination is an IPv4 address.
func Connecting(err error, is4 bool) flow.Shortage {
	var errno syscall.Errno
	if errors.As(err, &errno) && noPort(errno, is4) {
		return flow.ShortPorts
	}
	return Of(err)
}
