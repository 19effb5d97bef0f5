package aws

import (
	"cmp"
	"slices"
	"strings"
)

// A route says what the requests of one operation of a REST service look like.
type route struct {
	operation string
	prefix    string      // of the host: "data-"; "" if there is none or it isn't fixed
	segments  []string    // of the path; "" is a label, which matches anything
	greedy    int         // the label that may contain slashes; -1 if there is none
	needs     []condition // besides the path
}

// A routeKey selects the routes that can match. segments is -1 for routes with a greedy
// label.
type routeKey struct {
	method   string
	segments int
}

// A condition is what a request must have besides its path.
type condition struct {
	kind  conditionKind
	name  string
	value string // of a query parameter; "" for any
}

type conditionKind string

const (
	needsQuery  conditionKind = "query"
	needsHeader conditionKind = "header"
	needsHost   conditionKind = "host"       // a host label
	deprecated  conditionKind = "deprecated" // another operation with the same route replaces it
)

// newConditions reads ?name=value&name, host:label, deprecated or a header's name.
func newConditions(word string) []condition {
	if query, ok := strings.CutPrefix(word, "?"); ok {
		var all []condition
		for pair := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(pair, "=")
			all = append(all, condition{needsQuery, name, value})
		}
		return all
	}
	if label, ok := strings.CutPrefix(word, "host:"); ok {
		return []condition{{needsHost, label, ""}}
	}
	if word == string(deprecated) {
		return []condition{{kind: deprecated}}
	}
	return []condition{{needsHeader, word, ""}}
}

// addRoute reads a method and a URI template: /{Bucket}/{Key+}?acl.
func (s *operationSet) addRoute(operation, method, uri, prefix string) {
	r := route{operation: operation, greedy: -1, needs: s.conditions[operation]}
	if !strings.Contains(prefix, "{") {
		r.prefix = prefix
	}
	uri, query, _ := strings.Cut(uri, "?")
	if query != "" {
		r.needs = append(newConditions("?"+query), r.needs...)
	}
	for i, segment := range splitPath(uri) {
		if strings.HasPrefix(segment, "{") {
			if strings.HasSuffix(segment, "+}") {
				r.greedy = i
			}
			segment = ""
		}
		r.segments = append(r.segments, segment)
	}
	key := routeKey{method, len(r.segments)}
	if r.greedy >= 0 {
		key.segments = -1
	}
	s.routes[key] = append(s.routes[key], r)
}

// sortRoutes sorts the most specific routes first: literals before labels, from the
// left, then more conditions, then a host prefix.
func (s *operationSet) sortRoutes() {
	for _, routes := range s.routes {
		slices.SortStableFunc(routes, func(a, b route) int {
			for i := range min(len(a.segments), len(b.segments)) {
				if c := cmp.Compare(a.generality(i), b.generality(i)); c != 0 {
					return c
				}
			}
			return cmp.Or(
				cmp.Compare(len(b.segments), len(a.segments)),
				cmp.Compare(len(b.needs), len(a.needs)),
				cmp.Compare(len(b.prefix), len(a.prefix)),
			)
		})
	}
}

func (r *route) generality(segment int) int {
	switch {
	case segment == r.greedy:
		return 2
	case r.segments[segment] == "":
		return 1
	}
	return 0
}

// maxSegments limits the segments of a path that is compared as a whole; the longest
// template has 12. Greedy labels may match more.
const maxSegments = 64

// splitPath splits a path at its slashes, except one at the end.
func splitPath(path string) []string {
	path = strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// A restRequest is a request in the terms of routes.
type restRequest struct {
	method   string
	segments []string
	query    string
	header   func(name string) bool // whether there is such a header
	label    string                 // of the host; "" if there is none
	left     string                 // of the host, everything before Region and suffix
}

// route returns the operation that a request calls; "" if there is none.
func (s *operationSet) route(r *restRequest) string {
	if s == nil {
		return ""
	}
	if len(r.segments) <= maxSegments {
		if op := s.match(r, routeKey{r.method, len(r.segments)}); op != "" {
			return op
		}
	}
	if op := s.match(r, routeKey{r.method, -1}); op != "" {
		return op
	}
	return s.routeARN(r)
}

// routeARN matches an ARN with unescaped slashes as one label. More of the path may
// follow.
func (s *operationSet) routeARN(r *restRequest) string {
	n := len(r.segments)
	from := slices.IndexFunc(r.segments, func(segment string) bool {
		return strings.HasPrefix(segment, "arn:") || strings.HasPrefix(segment, "arn%3A")
	})
	if from < 0 || n > maxSegments {
		return ""
	}
	joined := *r
	for to := n - 1; to > from; to-- {
		joined.segments = slices.Replace(slices.Clone(r.segments), from+1, to+1)
		if op := s.match(&joined, routeKey{r.method, len(joined.segments)}); op != "" {
			return op
		}
	}
	return ""
}

func (s *operationSet) match(r *restRequest, key routeKey) string {
	routes := s.routes[key]
	for i := range routes {
		if routes[i].matches(r) {
			return routes[i].operation
		}
	}
	return ""
}

func (r *route) matches(q *restRequest) bool {
	if r.greedy < 0 {
		if !matchSegments(r.segments, q.segments) {
			return false
		}
	} else {
		after := len(r.segments) - r.greedy - 1
		if len(q.segments) < len(r.segments) || !matchSegments(r.segments[:r.greedy], q.segments[:r.greedy]) ||
			!matchSegments(r.segments[r.greedy+1:], q.segments[len(q.segments)-after:]) {
			return false
		}
	}
	if r.prefix != "" && q.label != "" && !strings.HasPrefix(q.left, r.prefix) {
		return false
	}
	for i := range r.needs {
		if !r.needs[i].holds(q) {
			return false
		}
	}
	return true
}

func matchSegments(template, segments []string) bool {
	for i, want := range template {
		if got := segments[i]; want == "" && got == "" || want != "" && want != got {
			return false
		}
	}
	return true
}

func (c *condition) holds(q *restRequest) bool {
	switch c.kind {
	case needsQuery:
		value, ok := field(q.query, c.name)
		return ok && (c.value == "" || c.value == value)
	case needsHeader:
		return q.header(c.name)
	case needsHost:
		return q.label == c.name
	case deprecated:
	}
	return false
}
