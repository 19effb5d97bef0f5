// Package parentshell says which shell a program was started from ([Detect]). On Windows no variable
// does ([Name]).
package parentshell

import (
	"cmp"
	"os"
	"runtime"
	"strings"

	"detour/internal/shellenv"
)

// Detect returns the shell that this program was started from.
func Detect() shellenv.Shell {
	return shellenv.Detect(runtime.GOOS, cmp.Or(Name(), os.Getenv("SHELL")))
}

// OnWindows is Detect on Windows, and "" elsewhere.
func OnWindows() shellenv.Shell {
	if runtime.GOOS != "windows" {
		return ""
	}
	return Detect()
}

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
