package resolve

import (
	"bufio"
	"io"
	"os"
	"slices"
	"strings"
)

// nsswitchConf says whom the C library asks for hosts (nsswitch.conf(5)).
const nsswitchConf = "/etc/nsswitch.conf"

// Unasked are the sources of host names that programs on this machine go to and
// that a Resolver doesn't: it reads the hosts file and asks nameservers. Where
// systemd-resolved is one of them (resolve), its stub is asked all the same if it
// is in resolv.conf. nil where there is no nsswitch.conf.
func Unasked() []string {
	f, err := os.Open(nsswitchConf)
	if err != nil {
		return nil
	}
	defer f.Close()
	return unasked(f)
}

// unasked reads the line "hosts: files mdns4_minimal [NOTFOUND=return] dns".
func unasked(conf io.Reader) (out []string) {
	for lines := bufio.NewScanner(conf); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		sources, ok := strings.CutPrefix(strings.TrimSpace(line), "hosts:")
		if !ok {
			continue
		}
		inBrackets := false
		for _, s := range strings.Fields(sources) {
			action := inBrackets || strings.HasPrefix(s, "[")
			if action {
				inBrackets = !strings.HasSuffix(s, "]")
				continue
			}
			// myhostname is this machine alone, and resolve the stub's own way in.
			if !slices.Contains([]string{"files", "dns", "myhostname", "resolve"}, s) && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}
