package aws

import (
	"fmt"
	"strings"
)

// A consoleRule says which call a request of a console page is, where its form alone
// says nothing or would mislead.
type consoleRule struct {
	path      string // of the request, ending in ? if it has a query; * matches anything in one segment, "" any path
	word      string // of its body (see relayed.word), or its method; * as in path
	service   string
	operation string
}

// consoleRules are rules by word; those with an asterisk in the word are under "".
type consoleRules map[string][]consoleRule

// addConsoleRule reads path, word, service, operation.
func (t *Tables) addConsoleRule(c []string) error {
	r := consoleRule{c[0], c[1], c[2], c[3]}
	if _, ok := t.services[r.service]; !ok {
		return fmt.Errorf("no such service: %q", r.service)
	}
	key := r.word
	if strings.Contains(key, "*") {
		key = ""
	}
	t.rules[key] = append(t.rules[key], r)
	return nil
}

// find returns the rule for a word and a path. A rule for the path wins over one for any
// path, and of several the first wins.
func (rules consoleRules) find(path, word string) *consoleRule {
	var anywhere *consoleRule
	for _, key := range [2]string{word, ""} {
		list := rules[key]
		for i := range list {
			switch r := &list[i]; {
			case key == "" && !glob(r.word, word):
			case r.path != "" && glob(r.path, path):
				return r
			case r.path == "" && anywhere == nil:
				anywhere = r
			}
		}
	}
	return anywhere
}

// glob reports whether s matches pattern, in which each * matches one or more bytes
// except slashes. Each part is matched at its first occurrence, which takes linear time.
func glob(pattern, s string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == s
	}
	s, ok := strings.CutPrefix(s, first)
	for ok && wild {
		var part string
		if part, rest, wild = strings.Cut(rest, "*"); !wild {
			s, ok = strings.CutSuffix(s, part)
			return ok && s != "" && strings.IndexByte(s, '/') < 0
		}
		if s == "" {
			return false
		}
		i := strings.Index(s[1:], part)
		ok = i >= 0 && strings.IndexByte(s[:1+i], '/') < 0
		if ok {
			s = s[1+i+len(part):]
		}
	}
	return false
}

// addConsoleName reads a name in the console's paths and classes, and its service.
func (t *Tables) addConsoleName(c []string) error {
	if _, ok := t.services[c[1]]; !ok {
		return fmt.Errorf("no such service: %q", c[1])
	}
	t.names[c[0]] = c[1]
	return nil
}

// serviceNamed returns the service for a name that the console uses, such as a path
// segment; "" if it isn't known.
func (t *Tables) serviceNamed(name string) string {
	if s := t.names[name]; s != "" {
		return s
	}
	if _, ok := t.services[name]; ok {
		return name
	}
	if services := t.labels[name]; len(services) > 0 {
		return services[0]
	}
	if services := t.shape(name); len(services) > 0 {
		return services[0]
	}
	if services := t.signing[name]; len(services) > 0 {
		return services[0]
	}
	return ""
}

// serviceOfClass returns the service of a client's class: as a whole, by its name without
// the SDK's additions (EC2, AmazonEC2Client), or by its package (lambda.AWSLambda); "" if
// it isn't known.
func (t *Tables) serviceOfClass(class string) string {
	if s := t.serviceNamed(class); s != "" {
		return s
	}
	pkg, name := cutLast(class)
	name = strings.TrimSuffix(name, "Client")
	for _, name := range [...]string{name, strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(name, "Amazon"), "AWS"))} {
		if s := t.serviceNamed(name); s != "" {
			return s
		}
	}
	if _, last := cutLast(pkg); last != "" {
		return t.serviceNamed(last)
	}
	return ""
}
