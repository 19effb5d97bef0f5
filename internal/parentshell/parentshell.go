// Package parentshell says which shell a program was started from, where no variable does: on
// Windows ([Name]).
package parentshell

import "strings"

// maxSteps bounds the ancestors that are looked at: a shell may start a program through others.
const maxSteps = 8

// A process is one that runs.
type process struct {
	parent  uint32
	program string // its file's name
}

// nearest is the name of the nearest ancestor of a process that is a shell, without .exe; "" if
// none is.
func nearest(all map[uint32]process, pid uint32) string {
	for range maxSteps {
		p, ok := all[pid]
		if !ok {
			return ""
		}
		pid = p.parent
		switch name := strings.TrimSuffix(strings.ToLower(all[pid].program), ".exe"); name {
		case "cmd", "powershell", "pwsh", "bash", "zsh", "sh", "fish":
			return name
		}
	}
	return ""
}
