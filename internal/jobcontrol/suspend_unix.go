//go:build unix

package jobcontrol

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stopTime is how soon a process stops after the signal.
const stopTime = 300 * time.Millisecond

// Suspend returns a function that stops the process group, as Ctrl-Z does in other
// programs, until a shell continues it. Without such a shell the system ignores the
// signal (POSIX.1-2017, 2.4.3: orphaned process groups), which is an error.
func Suspend() func() error {
	return func() error {
		goesOn := make(chan os.Signal, 1)
		signal.Notify(goesOn, syscall.SIGCONT)
		defer signal.Stop(goesOn)
		if err := syscall.Kill(0, syscall.SIGTSTP); err != nil {
			return err
		}
		for range 2 { // the timer runs on while the process is stopped
			select {
			case <-goesOn:
				return nil
			case <-time.After(stopTime):
			}
		}
		return errors.New("there is no shell that could continue it")
	}
}
