//go:build !unix

package disk

import "os"

// nameless reports whether a file was removed while it was open, which Windows doesn't
// allow.
func nameless(*os.File) bool { return false }
