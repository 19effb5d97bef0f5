//go:build unix

package main

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stopTime is how soon a process that is told to stop has done so.
const stopTime = 300 * time.Millisecond

// suspend returns what stops the process group, as Ctrl-Z does elsewhere, until a
// shell has it go on. Where no shell would, the system stops nobody, and that is an
// error (POSIX.1-2017, 2.4.3: orphaned process groups).
func suspend() func() error {
	return func() error {
		goesOn := make(chan os.Signal, 1)
		signal.Notify(goesOn, syscall.SIGCONT)
		defer signal.Stop(goesOn)
		if err := syscall.Kill(0, syscall.SIGTSTP); err != nil {
			return err
		}
		for range 2 { // the time that passes while it is stopped counts, too
			select {
			case <-goesOn:
				return nil
			case <-time.After(stopTime):
			}
		}
		return errors.New("no shell is there that would have it go on")
	}
}
