package resolve

import (
	"bufio"
	"io"
	"os"
	"slices"
	"strings"
)

// nsswitchConf lists the sources that the C library uses for hosts (nsswitch.conf(5)).
const nsswitchConf = "/etc/nsswitch.conf"

// Unasked returns the sources of host names that programs on this machine use and a
// Resolver doesn't, if an AWS name may be among theirs: it uses the hosts file and nameservers. It does use the stub of
// systemd-resolved (resolve) if that is in resolv.conf. nil if there is no nsswitch.conf.
func Unasked() []string {
	f, err := os.Open(nsswitchConf)
	if err != nil {
		return nil
	}
	defer f.Close()
	return unasked(f)
}

// unasked parses the line "hosts: files mdns4_minimal [NOTFOUND=return] dns".
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
			// myhostname is this machine only, and resolve is the stub. The minimal forms of
			// nss-mdns answer for .local only (its README), where AWS has no names.
			known := []string{"files", "dns", "myhostname", "resolve", "mdns_minimal", "mdns4_minimal", "mdns6_minimal"}
			if !slices.Contains(known, s) && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}
