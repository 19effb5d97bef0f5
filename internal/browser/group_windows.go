package browser

import "os/exec"

func ownGroup(*exec.Cmd) {}

// askToEnd kills: there is no gentler word for a program without a console.
func askToEnd(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func endGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
