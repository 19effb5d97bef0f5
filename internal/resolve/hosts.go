package resolve

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// HostsFile is where the system's hosts file is.
func HostsFile() string {
	if runtime.GOOS == "windows" {
		return os.Getenv("SystemRoot") + `\System32\drivers\etc\hosts`
	}
	return "/etc/hosts"
}

// hostsLine is the first line of a hosts file that has the name: "/etc/hosts:7".
// It is "" if none has it.
func hostsLine(path, name string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		fields := strings.Fields(line)
		for i, alias := range fields {
			if i > 0 && normal(alias) == name {
				return fmt.Sprintf("%s:%d", path, n)
			}
		}
	}
	return ""
}
