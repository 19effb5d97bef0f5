//go:build !linux

package lab

import "errors"

// Available says why the lab can't be made here.
func Available() error { return errors.New("network namespaces are Linux's") }
