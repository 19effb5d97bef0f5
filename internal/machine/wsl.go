package machine

import "strings"

// WSL returns the version of the Windows Subsystem for Linux that this machine is, by its
// kernel's name; 0: it is none.
func WSL() int { return wslOf(kernel()) }

// wslOf is WSL for a kernel: 5.15.167.4-microsoft-standard-WSL2, or 4.4.0-19041-Microsoft for the
// first, which isn't Linux.
func wslOf(kernel string) int {
	kernel = strings.ToLower(kernel)
	switch {
	case !strings.Contains(kernel, "microsoft"):
		return 0
	case strings.Contains(kernel, "wsl2"), strings.Contains(kernel, "microsoft-standard"):
		return 2
	}
	return 1
}
