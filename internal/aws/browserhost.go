package aws

import (
	"fmt"
	"strings"
)

// addBrowserHost reads a browser, a host that it uses for itself, and the purpose. A
// leading **. matches one or more labels.
func (t *Tables) addBrowserHost(c []string) error {
	name, below := strings.CutPrefix(c[1], "**.")
	if name == "" || strings.Contains(name, "*") || t.host(name).class != classNone {
		return fmt.Errorf("%q can't be a browser host", c[1])
	}
	if below {
		t.belowBrowsers[name] = true
	} else {
		t.browsers[name] = true
	}
	return nil
}

// isBrowserHost reports whether browsers use this host for themselves: for updates,
// block lists, experiments or telemetry.
func (t *Tables) isBrowserHost(host string) bool {
	name := normalize(host)
	if t.browsers[name] {
		return true
	}
	for {
		_, rest, ok := strings.Cut(name, ".")
		if !ok {
			return false
		}
		if t.belowBrowsers[rest] {
			return true
		}
		name = rest
	}
}
