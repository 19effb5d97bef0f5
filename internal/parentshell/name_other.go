//go:build !windows

package parentshell

// Name returns "": SHELL says it.
func Name() string { return "" }
