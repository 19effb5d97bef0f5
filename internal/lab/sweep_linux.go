package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// sweep takes away what processes have left behind that were killed before they
// could: namespaces, and files in /etc/netns, that carry a dead process's id.
func sweep() {
	out, err := exec.Command("ip", "netns", "list").Output() //nolint:noctx // it takes milliseconds
	if err != nil {
		return // then there is nothing, or nothing that can be done
	}
	for _, line := range strings.Split(string(out), "\n") {
		name, _, _ := strings.Cut(line, " ") // it may be followed by an id
		var pid, n int
		if _, err := fmt.Sscanf(name, "detour-%d-%d-", &pid, &n); err != nil || alive(pid) {
			continue
		}
		_ = ip("netns", "del", name)
		_ = os.RemoveAll(filepath.Join("/etc/netns", name))
	}
}

func alive(pid int) bool {
	_, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	return !errors.Is(err, fs.ErrNotExist)
}
