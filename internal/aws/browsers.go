package aws

import (
	"fmt"
	"strings"
)

// addBrowserHost reads a browser, the host that it asks by itself, and what for. A
// leading **. stands for one or more labels.
func (t *Tables) addBrowserHost(c []string) error {
	name, below := strings.CutPrefix(c[1], "**.")
	if name == "" || strings.Contains(name, "*") || t.host(name).class != classNone {
		return fmt.Errorf("%q can't be a browser's", c[1])
	}
	if below {
		t.belowBrowsers[name] = true
	} else {
		t.browsers[name] = true
	}
	return nil
}

// byItself reports whether browsers ask this host on their own: for updates, lists of
// bad pages, experiments, and to tell their makers of themselves.
func (t *Tables) byItself(host string) bool {
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
