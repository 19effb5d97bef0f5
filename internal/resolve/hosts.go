package resolve

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// HostsFile returns the path of the system's hosts file.
func HostsFile() string {
	if runtime.GOOS == "windows" {
		return os.Getenv("SystemRoot") + `\System32\drivers\etc\hosts`
	}
	return "/etc/hosts"
}

// A HostsLine is a name in the hosts file.
type HostsLine struct{ Where, Addr, Name string } // Where is "/etc/hosts:7"

// HostsLines returns the names of a hosts file that wanted accepts, in order; none if
// there is no file.
func HostsLines(path string, wanted func(name string) bool) (out []HostsLine) {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		fields := strings.Fields(line)
		for i, name := range fields {
			if name = normal(name); i > 0 && wanted(name) {
				out = append(out, HostsLine{Where: fmt.Sprintf("%s:%d", path, n), Addr: fields[0], Name: name})
			}
		}
	}
	return out
}

// hostsLine returns the first line of a hosts file that has the name, as "/etc/hosts:7"; ""
// if none has it.
func hostsLine(path, name string) string {
	lines := HostsLines(path, func(n string) bool { return n == name })
	if len(lines) == 0 {
		return ""
	}
	return lines[0].Where
}
