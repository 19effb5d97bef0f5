package aws

import (
	"slices"
	"strings"

	"detour/internal/flow"
)

// A decoder tries to name the operation, and reports whether it did.
type decoder struct {
	name   string
	origin flow.Origin // of the requests that have this form; "" for all
	decode func(*Tables, *flow.AWS, *request, *consolePath) bool
}

// decoders returns the rules, the most authoritative first.
func decoders() [11]decoder {
	return [...]decoder{
		{"x-amz-target", "", decodeTarget},
		{"rpc-v2-cbor", flow.OriginDirect, decodeCBOR},
		{"action-query", flow.OriginDirect, decodeAction},
		{"action-form", flow.OriginDirect, decodeForm},
		{"x-amz-requested-operation", flow.OriginDirect, decodeRequested},
		{"console-call", flow.OriginConsole, decodeConsoleCall},
		{"console-table", flow.OriginConsole, decodeConsoleRule},
		{"console-relay", flow.OriginConsole, decodeRelayed},
		{"console-class", flow.OriginConsole, decodeConsoleClass},
		{"console-path", flow.OriginConsole, decodeConsolePath},
		{"rest", flow.OriginDirect, decodeREST},
	}
}

func (t *Tables) decode(c *flow.AWS, o flow.Origin, r *request, path *consolePath) {
	if r.connect() {
		return
	}
	if path.is() == pathSigning { // its target is the signer's
		if decodeSigning(t, c, r) {
			c.DecodedBy = signingRule
		}
		return
	}
	escapes := *r // because the decoders are values; most requests get no further than here
	for _, d := range decoders() {
		if (d.origin == "" || d.origin == o) && d.decode(t, c, &escapes, path) {
			c.DecodedBy = d.name
			t.keepThoseOffering(c)
			return
		}
	}
}

// keepThoseOffering removes services that don't have the operation, unless none is known
// to have it.
func (t *Tables) keepThoseOffering(c *flow.AWS) {
	if len(c.Also) == 0 {
		return
	}
	var offer []string
	for _, s := range append([]string{c.Service}, c.Also...) {
		if t.operationsOf(s).name(c.Operation) == c.Operation {
			offer = append(offer, s)
		}
	}
	if len(offer) > 0 && len(offer) <= len(c.Also) {
		setServices(c, offer)
	}
}

// decodeTarget reads X-Amz-Target: prefix.Operation (AWS JSON protocols). The operation
// is certain even if the prefix isn't known.
func decodeTarget(t *Tables, c *flow.AWS, r *request, _ *consolePath) bool {
	target := r.header("X-Amz-Target")
	dot := strings.LastIndexByte(target, '.')
	if dot < 0 || !isWord(target[dot+1:]) {
		return false
	}
	c.Operation = target[dot+1:]
	narrow(c, t.shape(target[:dot]))
	return true
}

// shape returns the services of a target prefix or Java class, with or without a
// package.
func (t *Tables) shape(name string) []string {
	if s := t.targets[name]; s != nil {
		return s
	}
	return t.targets[name[strings.LastIndexByte(name, '.')+1:]]
}

// decodeCBOR reads …/service/Shape/operation/Operation (Smithy RPC v2 CBOR). The path
// alone could be an object's in S3, so there must be the header or a known shape.
func decodeCBOR(t *Tables, c *flow.AWS, r *request, _ *consolePath) bool {
	rest, op, ok := cutPath(r.path)
	rest, word, _ := cutPath(rest)
	if !ok || word != "operation" || !isWord(op) {
		return false
	}
	rest, shape, _ := cutPath(rest)
	if _, word, _ = cutPath(rest); word != "service" {
		return false
	}
	services := t.shape(shape)
	if services == nil && r.header("Smithy-Protocol") == "" {
		return false
	}
	c.Operation = op
	narrow(c, services)
	return true
}

func cutPath(p string) (rest, segment string, ok bool) {
	i := strings.LastIndexByte(p, '/')
	if i < 0 {
		return "", p, false
	}
	return p[:i], p[i+1:], true
}

// decodeAction reads ?Action=Operation&Version=… (AWS query and EC2 protocols).
// The version distinguishes services that share a host.
func decodeAction(t *Tables, c *flow.AWS, r *request, _ *consolePath) bool {
	return t.action(c, r.query)
}

// decodeForm reads the same from a form in the body. A body without a content type
// counts as a form if the path is the root, as in such calls.
func decodeForm(t *Tables, c *flow.AWS, r *request, _ *consolePath) bool {
	if len(r.Body) == 0 || r.Method != "POST" {
		return false
	}
	contentType := r.header("Content-Type")
	form := strings.HasPrefix(contentType, "application/x-www-form-urlencoded") || contentType == "" && (r.path == "/" || r.path == "")
	return form && t.action(c, string(r.Body[:min(len(r.Body), maxRelayed)]))
}

func (t *Tables) action(c *flow.AWS, fields string) bool {
	op, ok := field(fields, "Action")
	if !ok || !isWord(op) {
		return false
	}
	version, _ := field(fields, "Version")
	if version == "" && !t.speaksQuery(c.Service) {
		return false
	}
	c.Operation = op
	if len(c.Also) > 0 {
		var known []string
		for _, s := range append([]string{c.Service}, c.Also...) {
			if slices.Contains(t.services[s].versions, version) {
				known = append(known, s)
			}
		}
		narrow(c, known)
	}
	return true
}

func (t *Tables) speaksQuery(service string) bool {
	for _, p := range t.services[service].protocols {
		if p == "query" || p == "ec2" {
			return true
		}
	}
	return false
}

// decodeRequested reads a header that the CloudWatch console adds and signs.
func decodeRequested(_ *Tables, c *flow.AWS, r *request, _ *consolePath) bool {
	op := r.header("X-Amz-Requested-Operation")
	if !isWord(op) {
		return false
	}
	c.Operation = capitalize(op)
	return true
}

// Limits of a name that isn't in the tables. AWS's longest operation has 63 characters, and
// none has more than four digits; a token may have any number of both.
const (
	maxName   = 80
	maxDigits = 8
)

// isWord reports whether s looks like the name of an operation: it may come from the
// network, and is shown and written as it is.
func isWord(s string) bool {
	if s == "" || len(s) > maxName {
		return false
	}
	digits := 0
	for i, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_':
		case '0' <= c && c <= '9' && i > 0:
			digits++
		default:
			return false
		}
	}
	return digits <= maxDigits
}

// capitalize turns a JavaScript name into an operation: describeLogStreams.
func capitalize(s string) string {
	if s != "" && 'a' <= s[0] && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}
