package aws

import (
	_ "embed" // the table is too large to be copied at start
	"fmt"
	"strings"
	"sync"
)

// operationsTable is data/models/operations.tsv: service, operation, and for REST
// services method, URI template and host prefix. It isn't copied; a service's lines are
// parsed when the service is first used.
//
//go:embed data/models/operations.tsv
var operationsTable string

// An operationSet has the operations of a service. It may be used concurrently.
type operationSet struct {
	lines      string                 // of the table
	conditions map[string][]condition // by operation: what its requests have besides the path
	once       sync.Once              // guards what follows
	names      map[string]string      // in the service's spelling, by lower case
	routes     map[routeKey][]route   // in order of decision
}

// addOperations finds the lines of each service, which must be adjacent.
func (t *Tables) addOperations() error {
	_, rest, _ := strings.Cut(operationsTable, "\n") // the header
	for rest != "" {
		service, _, ok := strings.Cut(rest, "\t")
		if !ok {
			return fmt.Errorf("operations.tsv: a line without a tab: %.40q", rest)
		}
		if t.operations[service] != nil {
			return fmt.Errorf("operations.tsv: the lines of %s aren't together", service)
		}
		end := 0
		for prefix := service + "\t"; strings.HasPrefix(rest[end:], prefix); {
			line := strings.IndexByte(rest[end:], '\n')
			if line < 0 {
				return fmt.Errorf("operations.tsv: the last line has no end")
			}
			end += line + 1
		}
		t.operations[service] = &operationSet{lines: rest[:end]}
		rest = rest[end:]
	}
	return nil
}

// addCondition reads service, operation, and what distinguishes its requests from
// others with the same path.
func (t *Tables) addCondition(c []string) error {
	s := t.operations[c[0]]
	if s == nil {
		return fmt.Errorf("no such service: %q", c[0])
	}
	if s.conditions == nil {
		s.conditions = map[string][]condition{}
	}
	var all []condition
	for word := range strings.FieldsSeq(c[2]) {
		all = append(all, newConditions(word)...)
	}
	s.conditions[c[1]] = all
	return nil
}

// operationsOf returns the operations of a service, nil if they aren't known.
func (t *Tables) operationsOf(service string) *operationSet {
	s := t.operations[service]
	if s != nil {
		s.once.Do(s.read)
	}
	return s
}

// haveOperation reports whether one of the services has an operation, in this spelling.
func haveOperation(t *Tables, services []string, operation string) bool {
	for _, s := range services {
		if name := t.operationsOf(s).name(operation); name != "" && name == operation {
			return true
		}
	}
	return false
}

func (s *operationSet) read() {
	s.names, s.routes = map[string]string{}, map[routeKey][]route{}
	for line := range strings.Lines(s.lines) {
		_, line, _ = strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		name, line, _ := strings.Cut(line, "\t")
		method, line, _ := strings.Cut(line, "\t")
		uri, prefix, _ := strings.Cut(line, "\t")
		s.names[strings.ToLower(name)] = name
		if method != "" {
			s.addRoute(name, method, uri, prefix)
		}
	}
	s.sortRoutes()
}

// name returns the operation with this name, ignoring case; "" if there is none.
func (s *operationSet) name(like string) string {
	if s == nil {
		return ""
	}
	return s.names[strings.ToLower(like)]
}
