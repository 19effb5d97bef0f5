package aws

import (
	"strings"

	"detour/internal/flow"
)

// decodeREST finds the operation by method, path and query in the models of the services
// that the host may be. It is the last decoder: all others read the operation's name.
func decodeREST(t *Tables, c *flow.AWS, r *request, _ *consolePath) bool {
	q := restRequest{method: r.Method, query: r.query, header: r.has}
	h := &r.endpoint
	q.label, q.left = h.label, h.left
	if r.Method == "OPTIONS" { // the request that it prepares has the same path
		q.method = r.header("Access-Control-Request-Method")
		q.header = func(name string) bool { return r.asked(name) }
	}
	path := r.path
	if c.Service == "s3" {
		if op, ok := field(r.query, "x-id"); ok && t.operationsOf("s3").name(op) == op && op != "" {
			c.Operation = op // added by the SDKs
			return true
		}
		if h.bucket() && path != "/WriteGetObjectResponse" { // a function's response has its own route
			path = "/bucket" + path
		}
	}
	q.segments = splitPath(path)
	return t.routeAmong(c, &q)
}

// routeAmong looks for a route in the services that a call may go to, and removes those
// without one.
func (t *Tables) routeAmong(c *flow.AWS, q *restRequest) bool {
	op := t.operationsOf(c.Service).route(q)
	if len(c.Also) == 0 {
		c.Operation = op
		return op != ""
	}
	var have []string
	if op != "" {
		have = append(have, c.Service)
	}
	for _, s := range c.Also {
		switch its := t.operationsOf(s).route(q); {
		case its == "" || op != "" && its != op:
		default:
			op, have = its, append(have, s)
		}
	}
	if op == "" {
		return false
	}
	c.Operation = op
	setServices(c, have)
	return true
}

// bucket reports whether the host names a bucket or an access point before S3's label,
// instead of the path.
func (h *host) bucket() bool {
	before := h.before
	if i := strings.Index(before, "vpce-"); i >= 0 { // bucket.vpce-….s3.region.vpce…
		before = strings.TrimSuffix(before[:i], ".")
		for _, kind := range [...]string{"bucket", "accesspoint"} {
			if rest, ok := strings.CutSuffix(before, kind); ok {
				before = rest
				break
			}
		}
	}
	return before != "" && before != "fips"
}

// has reports whether there is a header of this name.
func (r *request) has(name string) bool { return flow.Has(r.Headers, name) }

// asked reports whether a preflight names a header.
func (r *request) asked(name string) bool {
	for asked := range strings.SplitSeq(r.header("Access-Control-Request-Headers"), ",") {
		if strings.EqualFold(strings.TrimSpace(asked), name) {
			return true
		}
	}
	return false
}
