// Package wsl recognizes the Windows Subsystem for Linux ([Read]) and says whose network the
// browsers of such a machine use.
package wsl

import (
	"os"
	"strings"
)

// A Version is that of the subsystem: 1 or 2; 0: this machine is none.
type Version int

// Read returns the version that this machine is, by its kernel's name.
func Read() Version {
	b, _ := os.ReadFile("/proc/sys/kernel/osrelease") // only Linux has it
	return ofKernel(string(b))
}

// ofKernel is the version for a kernel: 5.15.167.4-microsoft-standard-WSL2, or
// 4.4.0-19041-Microsoft for the first, which isn't Linux.
func ofKernel(kernel string) Version {
	kernel = strings.ToLower(kernel)
	switch {
	case !strings.Contains(kernel, "microsoft"):
		return 0
	case strings.Contains(kernel, "wsl2"), strings.Contains(kernel, "microsoft-standard"):
		return 2
	}
	return 1
}

// What version 2 has to say. Networking modes: learn.microsoft.com/windows/wsl/networking.
const (
	twoNetworks = "WSL 2 has its own network (unless networkingMode is mirrored): " +
		"a browser on Windows uses the DNS, VPN and proxy of Windows"
	runOnWindows = "to see what a browser on Windows does, run detour.exe there, in PowerShell; here, use a browser of this Linux"
)

// Network says whose network is seen, and what to do to see the other one; fix is "" if there is
// only one, and both are on a machine that is none.
func (v Version) Network() (text, fix string) {
	switch v {
	case 0:
		return "", ""
	case 1:
		return "WSL 1 uses the network of Windows", ""
	}
	return twoNetworks, runOnWindows
}

// Notices are what a run says before its browser opens; none if there is one network only.
func (v Version) Notices() []string {
	text, fix := v.Network()
	if fix == "" {
		return nil
	}
	return []string{text + "; " + fix}
}
