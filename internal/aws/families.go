package aws

import (
	"fmt"
	"strings"
)

// A class is a kind of host.
type class string

const (
	classSignIn     class = "sign-in"
	classConsole    class = "console"
	classConsoleAPI class = "console-api"
	classStatic     class = "static"
	classTelemetry  class = "telemetry"
	classDirect     class = "direct"
	classOther      class = "other" // a customer's own resource
)

// A family is a pattern of hosts of one class.
type family struct {
	class     class
	partition string
	labels    []string // from the left; "{region}" stands for a Region
	any       bool     // one or more labels of any kind come before
}

func (t *Tables) addFamily(c []string) error {
	f := family{class: class(c[0]), partition: c[1], labels: strings.Split(c[2], ".")}
	if f.labels[0] == "**" {
		f.any, f.labels = true, f.labels[1:]
	}
	switch f.class {
	case classSignIn, classConsole, classConsoleAPI, classStatic, classTelemetry, classOther:
	case classDirect:
		return fmt.Errorf("hosts of class %s are told by grammar, not by a pattern", f.class)
	default:
		return fmt.Errorf("no such class: %q", f.class)
	}
	t.families = append(t.families, f)
	return nil
}

// match compares from the right, label by label: a look-alike such as
// amazonaws.com.evil.example has other labels there.
func (f *family) match(t *Tables, host []string) (region string, ok bool) {
	n := len(f.labels)
	if len(host) < n || f.any == (len(host) == n) {
		return "", false
	}
	tail := host[len(host)-n:]
	for i := n - 1; i >= 0; i-- {
		switch f.labels[i] {
		case tail[i]:
		case "{region}":
			if _, is := t.partitionOf(tail[i]); !is {
				return "", false
			}
			region = tail[i]
		default:
			return "", false
		}
	}
	return region, true
}

// suffix is the DNS suffix that covers the family's hosts: what follows the
// last part that isn't literal.
func (f *family) suffix() string {
	from := 0
	for i, l := range f.labels {
		if l == "{region}" {
			from = i + 1
		}
	}
	return strings.Join(f.labels[from:], ".")
}
