//go:build unix

package browser

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// A leash ends a browser whose detour was killed, which can't do so itself any more:
// a shell that waits for word of us, and takes the end of the pipe for our death.
// A signal at the parent's death (Linux's PR_SET_PDEATHSIG) would reach the browser
// alone or the script that started it, at once and without time to save; and macOS
// has none.
type leash struct {
	shell *exec.Cmd
	word  *os.File
}

// watching gets the id of the browser's process group, then a line if all went well.
// Else it asks the browser to end, as askToEnd does, and after the grace ends what is
// left, and takes the profile away that was to be thrown away ("$1").
const watching = `read -r group || exit 0
read -r _ && exit 0
kill -s TERM "$group"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	kill -s 0 "$group" || break
	sleep 0.1
done
kill -s KILL -- "-$group"
[ -z "$1" ] || rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }`

// newLeash is made before the browser is started, so that nothing comes between. If
// there is no shell, there is none: the next start takes away what is left.
func newLeash(throwaway string) leash {
	word, to, err := os.Pipe()
	if err != nil {
		return leash{}
	}
	defer word.Close()
	shell := exec.Command("/bin/sh", "-c", watching, "sh", throwaway) //nolint:noctx // release ends it
	shell.Stdin = word
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // neither our terminal's nor our group's end is its own
	if err := shell.Start(); err != nil {
		to.Close()
		return leash{}
	}
	return leash{shell, to}
}

// hold says which browser was started.
func (l leash) hold(cmd *exec.Cmd) {
	if l.word != nil {
		fmt.Fprintln(l.word, cmd.Process.Pid)
	}
}

// release says that the browser has ended, or that none was started.
func (l leash) release() {
	if l.word == nil {
		return
	}
	fmt.Fprintln(l.word)
	l.word.Close()
	_ = l.shell.Wait()
}
