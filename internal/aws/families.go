package aws

import (
	"fmt"
	"slices"
	"strings"
)

// A class is a kind of host.
type class string

const (
	classNone       class = "" // not AWS
	classSignIn     class = "sign-in"
	classConsole    class = "console"
	classConsoleAPI class = "console-api" // what only the console's pages call
	classStatic     class = "static"
	classTelemetry  class = "telemetry"
	classDirect     class = "direct"   // a service's endpoint
	classOther      class = "other"    // a customer's resource
	classUnlisted   class = "unlisted" // on a domain of service endpoints, but unknown
)

// A family is a pattern of hosts of one class.
type family struct {
	class     class
	partition string
	labels    []string // from the left; "{region}" matches a Region
	any       bool     // preceded by one or more labels of any kind
}

// addFamily reads class, partition and pattern. The partition "*" stands for
// each; {suffix}, {dualstack}, {console} and {sign-in} for its domains.
func (t *Tables) addFamily(c []string) error {
	of := class(c[0])
	switch of {
	case classSignIn, classConsole, classConsoleAPI, classStatic, classTelemetry, classOther:
	case classDirect, classUnlisted, classNone:
		return fmt.Errorf("hosts of class %q are recognized by grammar, not by a pattern", of)
	default:
		return fmt.Errorf("no such class: %q", of)
	}
	if c[1] != "*" {
		return t.addPattern(of, c[1], c[2])
	}
	var done []string
	for _, p := range t.partitions {
		pattern := strings.NewReplacer("{suffix}", p.dns, "{dualstack}", p.dualstack, "{console}", p.console, "{sign-in}", p.signIn).Replace(c[2])
		if slices.Contains(done, pattern) {
			continue
		}
		done = append(done, pattern)
		if err := t.addPattern(of, p.name, pattern); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tables) addPattern(of class, partition, pattern string) error {
	f, err := newFamily(of, partition, pattern)
	if err != nil {
		return err
	}
	key := lastTwo(pattern)
	t.families[key] = append(t.families[key], f)
	return nil
}

func newFamily(of class, partition, pattern string) (family, error) {
	f := family{class: of, partition: partition, labels: strings.Split(pattern, ".")}
	if f.labels[0] == "**" {
		f.any, f.labels = true, f.labels[1:]
	}
	n := len(f.labels)
	if n > tailLabels {
		return f, fmt.Errorf("%q has more than %d labels", pattern, tailLabels)
	}
	if n < 2 || strings.ContainsAny(f.labels[n-1]+f.labels[n-2], "{*") {
		return f, fmt.Errorf("the last two labels of %q aren't literal", pattern)
	}
	return f, nil
}

// tailLabels is the maximum number of labels that are compared with patterns.
const tailLabels = 8

// A tail is the end of a name, split once for all patterns.
type tail struct {
	labels [tailLabels]string // from the right
	count  int                // of all labels of the name
}

func newTail(name string) tail {
	var t tail
	for name != "" {
		var label string
		name, label = cutLast(name)
		if t.count < tailLabels {
			t.labels[t.count] = label
		}
		t.count++
	}
	return t
}

// match compares labels from the right, where a look-alike such as
// amazonaws.com.evil.example differs.
func (f *family) match(t *Tables, name *tail) (region string, ok bool) {
	n := len(f.labels)
	if name.count < n || f.any == (name.count == n) {
		return "", false
	}
	for i, want := range f.labels {
		label := name.labels[n-1-i]
		switch want {
		case label:
		case "{region}":
			region = label
		default:
			return "", false
		}
	}
	return region, region == "" || t.partitionOf(region) != nil
}

// suffix returns the DNS suffix that covers the family's hosts: everything after the
// last label that isn't literal.
func (f *family) suffix() string {
	from := 0
	for i, l := range f.labels {
		if l == "{region}" {
			from = i + 1
		}
	}
	return strings.Join(f.labels[from:], ".")
}
