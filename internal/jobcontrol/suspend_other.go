//go:build !unix

package jobcontrol

// Suspend returns nil: this system has no job control.
func Suspend() func() error { return nil }
