//go:build !linux && !windows

package peeruser

import "errors"

// newFinder is never possible: these systems don't tell an ordinary user whose the sockets
// of others are.
func newFinder() (finder, error) { return nil, errors.ErrUnsupported }
