package cputime

import (
	"syscall"
	"time"
)

func used() time.Duration {
	self, err := syscall.GetCurrentProcess()
	if err != nil {
		panic(err) // it is a constant
	}
	var created, exited, system, programs syscall.Filetime
	if err := syscall.GetProcessTimes(self, &created, &exited, &system, &programs); err != nil {
		panic(err) // it can't fail for ourselves
	}
	return since(system) + since(programs)
}

// since is a duration, which Windows gives in units of 100 ns.
func since(t syscall.Filetime) time.Duration {
	return 100 * time.Duration(int64(t.HighDateTime)<<32|int64(t.LowDateTime))
}
