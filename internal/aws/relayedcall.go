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
	c.Service = t.serviceOfPath(r.path)
	prefix, op := cutLast(q.target)
	switch {
	case isWord(op) && prefix != "":
		narrow(c, t.shape(prefix))
		c.Operation = op
		return true
	case isWord(q.s3op):
		c.Service, c.Operation = "s3", q.s3op
		return true
	case q.operation != "" && isWord(q.operation) && q.api == "":
		if s := t.serviceNamed(q.service); q.service != "" && s != "" {
			c.Service = s
		}
		if !t.spell(c, q.operation) {
			c.Operation = capitalize(q.operation) // consoles use operations that no model has
		}
		return true
	case isWord(q.action):
		c.Operation = q.action
		return true
	}
	return t.relayedRoute(c, q)
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
// class, or else of the path.
func (t *Tables) classCall(c *flow.AWS, path, class, method string) bool {
	if c.Service = t.serviceNamed(class); c.Service == "" {
		c.Service = t.serviceOfPath(path)
	}
	return t.spell(c, strings.TrimSuffix(method, "Default"))
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
	service := t.serviceOfPath(r.path)
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
	op := t.operationsOf(service).name(strings.NewReplacer("-", "", "_", "").Replace(word))
	c.Service = service
	if op == "" {
		return false
	}
	c.Operation = op
	return true
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
// is a service's name.
func (t *Tables) serviceOfPath(path string) string {
	segments := splitPath(path[:min(len(path), 1024)])
	for i := len(segments) - 1; i >= 0; i-- {
		name := strings.TrimSuffix(segments[i], "-proxy")
		if name == "proxy" || name == "api" || name == "service" || name == "console" {
			continue
		}
		if s := t.serviceNamed(name); s != "" {
			return s
		}
	}
	return ""
}
