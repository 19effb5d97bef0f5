package disk

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// behind is by how much the writer's thread is nicer than the others. It then has half of the share
// of a processor that another thread has, if both want it: enough for what it writes, and threads
// that pass on requests rarely wait for it.
const behind = 3

// yieldToRequests gives the calling goroutine a thread of its own, of a lower priority, until it
// ends. Linux has priorities of threads (setpriority(2), NOTES), and lets every user lower them.
func yieldToRequests() {
	runtime.LockOSThread() // not unlocked: the thread ends with the goroutine
	const self, range20 = 0, 20
	left, err := unix.Getpriority(unix.PRIO_PROCESS, self) // 20 minus the nice value (getpriority(2), C library/kernel differences)
	if err == nil {
		_ = unix.Setpriority(unix.PRIO_PROCESS, self, range20-left+behind) // the system limits it to 19
	}
}
