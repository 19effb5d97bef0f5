package aws

import (
	"bytes"
	"net/url"
	"strings"
)

// A relayed request is one that a page asks the console's server to send to a service.
// The console has several forms of it, each with some of these fields.
type relayed struct {
	target    string // X-Amz-Target or its equivalent
	s3op      string // a header of the S3 console
	operation string // in JavaScript spelling
	action    string // of the query protocol
	method    string // of the request to the service
	path      string // the same, with a query
	region    string
	service   string   // class of a client: "lambda.AWSLambda", "com.amazonaws.services.ec2.AmazonEC2Client"
	api       string   // of proxyAwsCall, or a client's method
	kind      string   // "type", which some consoles use for the operation
	actions   []string // of a request with several calls
	key       string   // what a command of the S3 console sets
}

// maxRelayed limits the body that is read.
const maxRelayed = 64 << 10

// maxActions limits the calls that are read from one request.
const maxActions = 32

// readRelayed reads a body; nil if it has no known form.
func readRelayed(body []byte) *relayed {
	body = space(body[:min(len(body), maxRelayed)])
	if len(body) == 0 {
		return nil
	}
	switch {
	case body[0] == '{':
	case '0' <= body[0] && body[0] <= '9':
		return readGWT(body)
	default: // a form with JSON as its only field, or the field's name; or with the call's
		form := string(body)
		if body = unescapeForm(body); body == nil {
			return readForm(form)
		}
	}
	q := &relayed{}
	members(body, func(key string, value []byte) bool {
		q.member(key, value)
		return true
	})
	return q
}

// readForm reads the name of the call from a form's field, as the Storage Gateway console
// sends it: type=describeGateway&gatewayARN=…; nil if there is none.
func readForm(form string) *relayed {
	kind, ok := field(form, "type")
	if !ok || !isWord(kind) {
		return nil
	}
	return &relayed{kind: kind}
}

// unescapeForm returns the JSON object in a form; nil if there is none.
func unescapeForm(body []byte) []byte {
	text := string(body)
	if !strings.Contains(text, "%7B") && !strings.Contains(text, "{") {
		return nil
	}
	if i := strings.LastIndexByte(text, '%'); i > len(text)-3 {
		text = text[:i] // a truncated escape
	}
	text, err := url.QueryUnescape(text)
	if err != nil {
		return nil
	}
	i := strings.IndexByte(text, '{')
	if i < 0 {
		return nil
	}
	return []byte(text[i:])
}

func (q *relayed) member(key string, value []byte) {
	switch key {
	case "headers":
		members(value, func(name string, value []byte) bool {
			switch strings.ToLower(name) {
			case "x-amz-target":
				q.target = text(value)
			case "operation":
				if strings.Contains(text(value), ".") && q.target == "" {
					q.target = text(value)
				}
			case "x-amz-s3-console-op-name":
				q.s3op = text(value)
			}
			return true
		})
	case "operation":
		q.operation = text(value)
	case "params":
		q.params(value)
	case "method":
		q.method = text(value)
	case "path":
		if q.path != "" { // params came first
			q.path = text(value) + q.path
		} else {
			q.path = text(value)
		}
	case "region":
		q.region = text(value)
	case "service", "clientType":
		q.service = text(value)
	case "api", "methodName":
		q.api = text(value)
	case "type":
		if len(value) > 0 && value[0] == '[' {
			elements(value, func(v []byte) {
				if q.kind == "" {
					q.kind = text(v)
				}
			})
		} else {
			q.kind = text(value)
		}
	case "actions":
		elements(value, func(v []byte) {
			if name := text(member(v, "action")); name != "" && len(q.actions) < maxActions {
				q.actions = append(q.actions, name)
			}
		})
	case "publicAccessSettings":
		q.key = key
	}
}

// params reads the query parameters of the request to the service.
func (q *relayed) params(value []byte) {
	var query []byte
	members(value, func(name string, value []byte) bool {
		if name == "Action" {
			q.action = text(value)
		}
		query = append(query, '&')
		query = append(query, url.QueryEscape(name)...)
		query = append(query, '=')
		query = append(query, url.QueryEscape(text(value))...)
		return true
	})
	if len(query) > 0 {
		query[0] = '?'
		q.path += string(query)
	}
}

// readGWT reads a call of the Google Web Toolkit: version|flags|strings|module URL|hash|
// interface|method|…; nil if it isn't one.
func readGWT(body []byte) *relayed {
	fields := bytes.SplitN(body, []byte("|"), 8)
	if len(fields) < 7 || !isWord(string(fields[6])) {
		return nil
	}
	return &relayed{service: string(fields[5]), api: string(fields[6])}
}

// word returns the most specific name that the request has for its call; "" if there is
// none.
func (q *relayed) word() string {
	if q == nil {
		return ""
	}
	if q.operation == "proxyAwsCall" {
		return q.api
	}
	for _, w := range [...]string{q.target, q.s3op, q.operation, q.action, q.api, q.kind, q.key} {
		if w != "" {
			return w
		}
	}
	path, _, _ := strings.Cut(q.path, "?")
	switch {
	case len(q.actions) > 0:
		return q.actions[0]
	case q.method != "" && path != "":
		return q.method + " " + path
	}
	return q.method
}
