// Package heapfloor makes the garbage collector run less often in a small process.
package heapfloor

import "runtime"

// size is memory that counts as used and is never touched, so the system never provides it. The
// garbage collector waits until the heap has doubled: without it, the few megabytes of a run
// would be collected many times a second (go.dev/doc/gc-guide). A large heap is collected as
// without it.
const size = 2 << 20

// Hold makes the heap count as larger until release is called.
func Hold() (release func()) {
	floor := make([]byte, size)
	return func() { runtime.KeepAlive(floor) }
}
