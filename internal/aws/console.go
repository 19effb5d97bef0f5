package aws

import (
	"fmt"
	"strings"

	"detour/internal/flow"
)

// A pathKind is the purpose of a path on the console's hosts.
type pathKind string

const (
	pathUnknown     pathKind = ""
	pathTelemetry   pathKind = "telemetry"
	pathCredentials pathKind = "credentials" // vends credentials for calls by a page
	pathSigning     pathKind = "signing"     // signs a call by a page
	pathPage        pathKind = "page"
	pathCall        pathKind = "call" // a relay that names the operation in ?call=
)

// A consolePath is a pattern of paths on the console's hosts.
type consolePath struct {
	kind    pathKind
	match   func(path, pattern string) bool
	pattern string
	service string // the default service of a relay
}

// A consoleCall is the meaning of a relay's name for a call.
type consoleCall struct {
	service   string
	operation string // "" if there are several, or it depends on the body
}

// addConsolePath reads kind, comparison, path and service.
func (t *Tables) addConsolePath(c []string) error {
	p := consolePath{kind: pathKind(c[0]), pattern: c[2], service: c[3]}
	switch p.kind {
	case pathTelemetry, pathCredentials, pathSigning, pathPage, pathCall:
	case pathUnknown:
		return fmt.Errorf("%s has no kind", p.pattern)
	default:
		return fmt.Errorf("no such kind of path: %q", p.kind)
	}
	switch c[1] {
	case "exact":
		p.match = func(path, pattern string) bool { return path == pattern }
	case "prefix":
		p.match = strings.HasPrefix
	case "suffix":
		p.match = strings.HasSuffix
	default:
		return fmt.Errorf("no such comparison: %q", c[1])
	}
	t.paths = append(t.paths, p)
	return nil
}

// addConsoleCall reads the relay's name, service and operation.
func (t *Tables) addConsoleCall(c []string) error {
	if _, ok := t.services[c[1]]; !ok {
		return fmt.Errorf("no such service: %q", c[1])
	}
	t.calls[c[0]] = consoleCall{service: c[1], operation: c[2]}
	return nil
}

// consolePath returns the pattern that a path matches; nil if there is none.
func (t *Tables) consolePath(path string) *consolePath {
	for i := range t.paths {
		if p := &t.paths[i]; p.match(path, p.pattern) {
			return p
		}
	}
	return nil
}

func (p *consolePath) is() pathKind {
	if p == nil {
		return pathUnknown
	}
	return p.kind
}

// decodeConsoleCall reads ?call=com.amazonaws.ec2.AmazonEC2.DescribeInstances? and
// ?call=describeInstances?, which the relays of the EC2 and VPC consoles use. The value
// often ends in a second '?'.
func decodeConsoleCall(t *Tables, c *flow.AWS, r *request, path *consolePath) bool {
	call, _ := r.param("call")
	call, _, _ = strings.Cut(call, "?")
	if path.is() == pathCall {
		c.Service = path.service
	}
	if sdk, ok := strings.CutPrefix(call, "callSdk_"); ok { // callSdk_com.amazonaws.services.ec2.AmazonEC2Client_describeVpcs
		class, op, _ := strings.Cut(sdk, "_")
		return t.relay(c, strings.TrimSuffix(class, "Client"), capitalize(op))
	}
	if class, op := cutLast(call); class != "" {
		return t.relay(c, class, strings.TrimPrefix(op, "Merged"))
	}
	if path.is() != pathCall || !isWord(call) {
		return false
	}
	if known, ok := t.calls[call]; ok {
		c.Service, c.Operation = known.service, known.operation
		return known.operation != ""
	}
	c.Service = path.service
	if op, ok := strings.CutPrefix(call, "elbV2"); ok && isWord(op) {
		c.Service, call = "elasticloadbalancingv2", op
	}
	c.Operation = capitalize(call)
	return true
}

// relay sets service and operation by a relay's ?call= with the class and the method of
// the service's client. A name for several operations at once is the console's own and
// no operation.
func (t *Tables) relay(c *flow.AWS, class, op string) bool {
	if !isWord(op) {
		return false
	}
	if s := t.serviceOfClass(class); s != "" {
		narrow(c, []string{s})
	}
	narrow(c, t.shape(class))
	if known, ok := t.calls[op]; ok && known.operation == "" {
		return false
	}
	c.Operation = op
	return true
}
