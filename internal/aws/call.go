package aws

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"detour/internal/flow"
)

// call names the AWS call that a request makes; nil if it makes none: pages and
// their parts, sign-in, telemetry but for timing beacons, tunnels to no endpoint.
func (t *Tables) call(h host, r *request, o flow.Origin) *flow.AWS {
	c := &flow.AWS{Partition: h.partition, Region: h.region, DecodedBy: flow.Undecoded}
	switch o {
	case flow.OriginTelemetry:
		if !decodeBeacon(c, r.url.Path) {
			return nil
		}
		return c
	case flow.OriginDirect:
		t.nameService(c, h)
		t.readScope(c, r)
	case flow.OriginConsole:
		if h.class != classConsole && h.class != classConsoleAPI || r.document() || r.asset() || r.Method == "CONNECT" {
			return nil
		}
	case flow.OriginSignIn, flow.OriginStatic, flow.OriginOther:
		return nil
	}
	for _, d := range decoders {
		if d.decode(t, c, r) {
			c.DecodedBy = d.name
			break
		}
	}
	if s, ok := t.services[c.Service]; ok {
		c.ServiceName = s.name
	}
	if r.Method == "OPTIONS" && c.Operation == "" {
		c.DecodedBy = "preflight"
	}
	if r.Method == "CONNECT" {
		c.DecodedBy = ""
	}
	return c
}

// nameService takes the service from an endpoint's host. Labels that several
// services share name the first; the others are in Also.
func (t *Tables) nameService(c *flow.AWS, h host) {
	l, ok := t.labels[h.label]
	if !ok {
		c.Service = h.label
		return
	}
	c.Service = l.services[0]
	if len(l.services) > 1 {
		c.Also = l.services[1:]
	}
	c.EndpointService = t.endpointService(h)
}

// readScope takes Region and service from the signature's credential scope,
// which beats the host: that is what the service will check (SigV4:
// AKID/date/region/service/aws4_request).
func (t *Tables) readScope(c *flow.AWS, r *request) {
	scope := ""
	if _, rest, ok := strings.Cut(r.header("Authorization"), "Credential="); ok {
		scope, _, _ = strings.Cut(rest, ",")
	} else if strings.Contains(r.url.RawQuery, "X-Amz-Credential=") {
		scope = r.url.Query().Get("X-Amz-Credential")
	}
	parts := strings.Split(scope, "/")
	if len(parts) != 5 || parts[4] != "aws4_request" {
		return
	}
	if p, ok := t.partitionOf(parts[2]); ok {
		c.Region, c.Partition = parts[2], p.name
	}
	if s := t.signing[parts[3]]; s != "" && c.Service == "" {
		c.Service = s
	}
}

// A decoder tries to name the operation. It reports whether it did.
type decoder struct {
	name   string
	decode func(t *Tables, c *flow.AWS, r *request) bool
}

// decoders in the order of their authority. Adding a shape is adding a line.
var decoders = []decoder{
	{"x-amz-target", decodeTarget},
	{"rpc-v2-cbor", decodeCBORPath},
	{"action-query", decodeAction},
	{"x-amz-requested-operation", decodeRequested},
	{"console-call", decodeConsoleCall},
}

// decodeTarget reads X-Amz-Target: prefix.Operation (AWS JSON protocols).
func decodeTarget(t *Tables, c *flow.AWS, r *request) bool {
	target := r.header("X-Amz-Target")
	dot := strings.LastIndexByte(target, '.')
	if dot < 0 || !isWord(target[dot+1:]) {
		return false
	}
	c.Operation = target[dot+1:]
	if s := t.targets[target[:dot]]; s != "" {
		c.Service, c.Also = s, nil
	}
	return true
}

// decodeCBORPath reads /service/Shape/operation/Operation (Smithy RPC v2 CBOR).
func decodeCBORPath(t *Tables, c *flow.AWS, r *request) bool {
	p := strings.Split(r.url.Path, "/")
	if len(p) != 5 || p[1] != "service" || p[3] != "operation" || !isWord(p[4]) || r.header("Smithy-Protocol") == "" {
		return false
	}
	c.Operation = p[4]
	if s := t.targets[p[2]]; s != "" {
		c.Service, c.Also = s, nil
	}
	return true
}

// decodeAction reads ?Action=Operation (AWS query protocols).
func decodeAction(_ *Tables, c *flow.AWS, r *request) bool {
	if !strings.Contains(r.url.RawQuery, "Action=") {
		return false
	}
	op := r.url.Query().Get("Action")
	if !isWord(op) || r.url.Query().Get("Version") == "" {
		return false
	}
	c.Operation = op
	return true
}

// decodeRequested reads the header that the CloudWatch console signs along.
func decodeRequested(_ *Tables, c *flow.AWS, r *request) bool {
	op := r.header("X-Amz-Requested-Operation")
	if !isWord(op) {
		return false
	}
	c.Operation = capitalize(op)
	return true
}

// callClasses are the Java classes that ?call= names, where the class isn't the
// service's shape name.
var callClasses = map[string]string{
	"AmazonEC2":                   "ec2",
	"AmazonResourceSharing":       "ram",
	"GlobalAccelerator_V20180706": "globalaccelerator",
}

// decodeConsoleCall reads ?call=com.amazonaws.ec2.AmazonEC2.DescribeInstances,
// the road of the EC2 and VPC consoles. The value may end in a second '?'.
func decodeConsoleCall(t *Tables, c *flow.AWS, r *request) bool {
	if !strings.Contains(r.url.RawQuery, "call=") {
		return false
	}
	call, _, _ := strings.Cut(r.url.Query().Get("call"), "?")
	parts := strings.Split(call, ".")
	if len(parts) < 3 || !isWord(parts[len(parts)-1]) {
		return false
	}
	class := parts[len(parts)-2]
	c.Operation = strings.TrimPrefix(parts[len(parts)-1], "Merged")
	if c.Service = callClasses[class]; c.Service == "" {
		c.Service = t.targets[class]
	}
	return true
}

// beacon reports whether the path is that of a console's timing beacon:
// /p/log/1/cloudwatch/1/OP/&k0=GetMetricData_Time&m0=105151&cb=…
func beacon(path string) bool { return strings.HasPrefix(path, "/p/log/1/") }

// decodeBeacon reads what a page says that it measured. The path has its values
// behind '&' and no '?'.
func decodeBeacon(c *flow.AWS, path string) bool {
	if !beacon(path) {
		return false
	}
	_, fields, ok := strings.Cut(path, "/&")
	if !ok {
		return false
	}
	v, err := url.ParseQuery(fields)
	if err != nil {
		return false
	}
	op, timed := strings.CutSuffix(v.Get("k0"), "_Time")
	ms, err := strconv.ParseFloat(v.Get("m0"), 64)
	if !timed || !isWord(op) || err != nil || ms < 0 || ms > 1e9 {
		return false
	}
	c.Operation, c.DecodedBy = op, "beacon"
	c.Measured = time.Duration(ms * float64(time.Millisecond))
	return true
}

// answer takes from the response's head what the service says of the call.
func answer(c *flow.AWS, p *flow.Response) {
	if p == nil {
		return
	}
	for _, name := range []string{"X-Amzn-Requestid", "X-Amz-Request-Id", "X-Amz-Rid"} {
		if id := flow.Get(p.Headers, name); id != "" {
			c.RequestID = id
			break
		}
	}
	code, _, _ := strings.Cut(flow.Get(p.Headers, "X-Amzn-Errortype"), ":")
	if code == "" {
		code, _, _ = strings.Cut(flow.Get(p.Headers, "X-Amzn-Query-Error"), ";")
	}
	if _, after, ok := strings.Cut(code, "#"); ok {
		code = after
	}
	if code != "" {
		c.Error = &flow.AWSError{Code: code}
	}
}

// isWord reports whether s looks like the name of an operation.
func isWord(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_') {
			return false
		}
	}
	return true
}

func capitalize(s string) string {
	return string(unicode.ToUpper(rune(s[0]))) + s[1:]
}
