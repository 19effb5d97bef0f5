// Package fulltest tells a test whether it has the time that make full gives it.
package fulltest

import "os"

// On reports whether tests run whole, as in make full.
func On() bool { return os.Getenv("DETOUR_FULL_TESTS") != "" }

// Or returns what a test takes in make full, and short everywhere else.
func Or[T any](short, full T) T {
	if On() {
		return full
	}
	return short
}
