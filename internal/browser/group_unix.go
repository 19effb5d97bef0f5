//go:build unix

package browser

import (
	"os/exec"
	"syscall"
)

// ownGroup puts the browser and its helpers into a process group, so that they
// can be ended together and a Ctrl-C at our terminal doesn't reach them.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// askToEnd asks the browser alone, which ends its helpers in order. Asked together
// with it, the helpers take what they haven't written yet with them: measured with
// Chromium 156, a page's local storage is lost.
func askToEnd(cmd *exec.Cmd) { _ = syscall.Kill(cmd.Process.Pid, syscall.SIGTERM) }

func endGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
