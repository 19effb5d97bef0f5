//go:build unix

package browser

import (
	"os/exec"
	"syscall"
)

// grouped puts the browser and its helpers into a process group of their own: they can
// be killed together, and Ctrl-C in our terminal doesn't reach them.
func grouped(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// terminate asks the browser alone to exit; it then ends its helpers in order. If the
// helpers are asked as well, they lose what they haven't written yet: with Chromium 156,
// a page's local storage.
func terminate(cmd *exec.Cmd) { _ = syscall.Kill(cmd.Process.Pid, syscall.SIGTERM) }

// killGroup kills the browser and its helpers.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
