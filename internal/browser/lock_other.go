//go:build !windows

package browser

// heldAlone is false: browsers make links here, which name the process.
func heldAlone(string) bool { return false }
