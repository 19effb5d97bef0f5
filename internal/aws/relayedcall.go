package aws

import (
	"strings"

	"detour/internal/flow"
)

// decodeConsoleRule looks up the request in the table of console rules.
func decodeConsoleRule(t *Tables, c *flow.AWS, r *request, _ *consolePath) bool {
	word := r.relayed.word()
	if word == "" {
		word, _ = r.ajax()
	}
	if word == "" {
		if r.BodySize > 0 && len(r.Body) == 0 {
			return false // the body, which wasn't captured, says more than the method
		}
		word = r.Method
	}
	path := strings.TrimSuffix(r.path, "/")
	var rule *consoleRule
	if r.query != "" {
		rule = t.rules.find(path+"?", word)
	}
	if rule == nil || rule.path == "" {
		rule = t.rules.find(path, word)
	}
	if rule == nil {
		return false
	}
	c.Service, c.Operation = rule.service, rule.operation
	t.batch(c, r)
	return true
}

// decodeRelayed reads requests of the SDK for JavaScript that a page sends as JSON:
// {headers, path, method, region, params, contentString, operation}. The header that
// names the service's operation is the most reliable.
func decodeRelayed(t *Tables, c *flow.AWS, r *request, _ *consolePath) bool {
	q := r.relayed
	if q == nil {
		return false
	}
	var page bool
	c.Service, page = t.serviceOfPath(r.path)
	prefix, op := cutLast(q.target)
	switch {
	case isWord(op) && prefix != "":
		services := t.shape(prefix)
		if page && services != nil {
			c.Service, page = "", false
		}
		narrow(c, services)
		c.Operation = op
	case isWord(q.s3op):
		c.Service, c.Operation = "s3", q.s3op
		return true
	case q.operation != "" && isWord(q.operation) && q.api == "":
		if q.service != "" {
			if s := t.serviceOfClass(q.service); s != "" {
				c.Service, page = s, false
			} else if page {
				c.Service = ""
			}
		}
		if !t.spell(c, q.operation) {
			c.Operation = capitalize(q.operation) // consoles use operations that no model has
		}
	case isWord(q.action):
		c.Operation = q.action
	default:
		t.relayedRoute(c, q)
	}
	t.dropPage(c, page)
	return c.Operation != ""
}

// dropPage removes the service if it is only that of the page, and doesn't have the
// operation: the page called another service, which the request doesn't name.
func (t *Tables) dropPage(c *flow.AWS, page bool) {
	if page && t.operationsOf(c.Service).name(c.Operation) == "" {
		c.Service, c.Also = "", nil
	}
}

// relayedRoute finds the operation by method and path of the request to the service.
func (t *Tables) relayedRoute(c *flow.AWS, q *relayed) bool {
	if q.method == "" || q.path == "" {
		return false
	}
	path, query, _ := strings.Cut(q.path, "?")
	rest := restRequest{method: q.method, segments: splitPath(path), query: query, header: func(string) bool { return false }}
	services := t.labels[c.Service]
	if len(services) > 1 {
		setServices(c, first(services, c.Service))
	}
	return t.routeAmong(c, &rest)
}

// decodeConsoleClass reads calls that name a class and a method: of the Google Web
// Toolkit, {actions: [{action: class.method}]}, and {service, api}.
func decodeConsoleClass(t *Tables, c *flow.AWS, r *request, _ *consolePath) bool {
	q := r.relayed
	if q == nil {
		return false
	}
	class, op := q.service, q.api
	if len(q.actions) > 0 {
		class, op = cutLast(q.actions[0])
	}
	if !isWord(op) {
		return false
	}
	t.batch(c, r)
	return t.classCall(c, r.path, class, op)
}

// classCall sets the call that a method of a class makes. The service is the one of the
// class, or else of the path. What a client's class calls that isn't known may be any
// service's, not only the page's.
func (t *Tables) classCall(c *flow.AWS, path, class, method string) bool {
	var page bool
	if c.Service = t.serviceOfClass(class); c.Service == "" {
		c.Service, page = t.serviceOfPath(path)
		if page && class != "" && !strings.Contains(class, "console") {
			c.Service = ""
		}
	}
	t.spell(c, strings.TrimSuffix(method, "Default"))
	t.dropPage(c, page)
	return c.Operation != ""
}

// batch sets the calls of a request with several actions.
func (t *Tables) batch(c *flow.AWS, r *request) {
	if r.relayed == nil || len(r.relayed.actions) < 2 {
		return
	}
	c.Batch = nil
	for _, action := range r.relayed.actions {
		one := flow.AWS{}
		if rule := t.rules.find(strings.TrimSuffix(r.path, "/"), action); rule != nil {
			one.Service, one.Operation = rule.service, rule.operation
		} else {
			class, op := cutLast(action)
			if !t.classCall(&one, r.path, class, op) {
				one.Service = ""
			}
		}
		c.Batch = append(c.Batch, one.Service+":"+one.Operation)
	}
}

// decodeConsolePath reads operations from the path or query of the console's own routes:
// /ls/api/2016-11-28/GetInstances, /cloudwatch/…/jetstream.ListRoles/,
// /lambda/services/ajax?operation=listFunctions, /opsworks/s/describe-layers. It accepts
// only operations that the service has.
func decodeConsolePath(t *Tables, c *flow.AWS, r *request, _ *consolePath) bool {
	service, page := t.serviceOfPath(r.path)
	word, ajax := r.ajax()
	if !ajax {
		if r.relayed != nil && r.relayed.kind != "" {
			word = r.relayed.kind
		} else {
			_, word, _ = cutPath(strings.TrimSuffix(r.path, "/"))
		}
	}
	if after, ok := strings.CutPrefix(word, "jetstream."); ok {
		word = after
	}
	op := t.operationsOf(service).name(strings.ReplaceAll(strings.ReplaceAll(word, "-", ""), "_", ""))
	switch {
	case op != "":
		c.Service, c.Operation = service, op
	case !page && c.Service == "":
		c.Service = service
	}
	return op != ""
}

// ajax returns the operation in the query of a console's route; ok is false if it has
// none.
func (r *request) ajax() (op string, ok bool) {
	if !strings.Contains(r.path, "/ajax") {
		return "", false
	}
	for _, name := range [...]string{"operation", "type"} {
		if op, ok := r.param(name); ok && isWord(op) && op != "proxyAwsCall" {
			return op, true
		}
	}
	return "", false
}

// spell sets the operation in the service's spelling, if the service has it.
func (t *Tables) spell(c *flow.AWS, name string) bool {
	op := t.operationsOf(c.Service).name(name)
	if op != "" {
		c.Operation = op
	}
	return op != ""
}

// serviceOfPath returns the service that a console path names, by its last segment that
// is a service's name. page reports that the segment is the first: the console's own name,
// whose pages call other services as well.
func (t *Tables) serviceOfPath(path string) (service string, page bool) {
	segments := splitPath(path[:min(len(path), 1024)])
	for i := len(segments) - 1; i >= 0; i-- {
		name := strings.TrimSuffix(segments[i], "-proxy")
		if name == "proxy" || name == "api" || name == "service" || name == "console" {
			continue
		}
		if s := t.serviceNamed(name); s != "" {
			return s, i == 0
		}
	}
	return "", false
}
