package netns

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// sweep removes what killed processes left: namespaces, and files in /etc/netns, with the
// ID of a process that no longer runs.
func sweep() {
	out, err := exec.Command("ip", "netns", "list").Output() //nolint:noctx // it takes milliseconds
	if err != nil {
		return // there is nothing to remove, or no way to
	}
	for _, line := range strings.Split(string(out), "\n") {
		name, _, _ := strings.Cut(line, " ") // it may be followed by a number
		var pid, n int
		if _, err := fmt.Sscanf(name, "detour-%d-%d-", &pid, &n); err != nil || alive(pid) {
			continue
		}
		_ = IP("netns", "del", name)
		_ = os.RemoveAll(filepath.Join("/etc/netns", name))
	}
}

func alive(pid int) bool {
	_, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	return !errors.Is(err, fs.ErrNotExist)
}
