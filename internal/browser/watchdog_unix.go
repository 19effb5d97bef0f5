//go:build unix

package browser

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// A watchdog ends the browser if detour is killed: a shell reads from a pipe, and takes
// the end of the pipe for detour's death. A signal at the parent's death (Linux's
// PR_SET_PDEATHSIG) would reach only the browser or the script that started it, and leave
// no time to save; and macOS has none.
type watchdog struct {
	shell *exec.Cmd
	pipe  *os.File
}

// watching reads the id of the browser's process group, then a line once the browser has
// ended. If the pipe ends first, it asks the browser to exit, as terminate does, kills
// what is left after the grace period, and removes the temporary profile ("$1").
const watching = `read -r group || exit 0
read -r _ && exit 0
kill -s TERM "$group"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	kill -s 0 "$group" || break
	sleep 0.1
done
kill -s KILL -- "-$group"
[ -z "$1" ] || rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }`

// newWatchdog starts the watchdog before the browser, so that there is no gap. Without a
// shell there is none; the next run removes what is left.
func newWatchdog(temporary string) watchdog {
	from, to, err := os.Pipe()
	if err != nil {
		return watchdog{}
	}
	defer from.Close()
	shell := exec.Command("/bin/sh", "-c", watching, "sh", temporary) //nolint:noctx // release ends it
	shell.Stdin = from
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // signals to our terminal or our group don't reach it
	if err := shell.Start(); err != nil {
		to.Close()
		return watchdog{}
	}
	return watchdog{shell, to}
}

// start starts the browser and tells the watchdog about it.
func (d watchdog) start(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	if d.pipe != nil {
		fmt.Fprintln(d.pipe, cmd.Process.Pid)
	}
	return nil
}

// release ends the watchdog: the browser has ended, or none was started.
func (d watchdog) release() {
	if d.pipe == nil {
		return
	}
	fmt.Fprintln(d.pipe)
	d.pipe.Close()
	_ = d.shell.Wait()
}
