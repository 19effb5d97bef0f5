package otlp

import (
	"cmp"
	"strconv"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// The body of a record says in short what its attributes say, because stores of logs show it first.

// flowBody is the body of a flow: "CloudWatch/GetMetricData monitoring.eu-west-1.amazonaws.com:
// connection_timeout".
func flowBody(f *flow.Flow) string {
	result := errorType(f)
	if result == "" && f.Response != nil && f.Response.Status > 0 {
		result = strconv.Itoa(f.Response.Status)
	}
	return body(f, result)
}

// summaryBody is the body of a summary: "CloudWatch/GetMetricData monitoring.eu-west-1.amazonaws.com: 6
// requests, 2 failed".
func summaryBody(s *Summary) string {
	result := wording.Count(s.Flows, "request")
	if s.Failed > 0 {
		result += ", " + strconv.Itoa(s.Failed) + " failed"
	}
	return body(s.Example, result)
}

func body(f *flow.Flow, result string) string {
	subject := name(f)
	if host, _ := serverOf(f.Request.Authority()); host != "" {
		subject += " " + host
	}
	if result == "" {
		return subject
	}
	return subject + ": " + result
}

// name is what a flow is called: its AWS call, or else its method.
func name(f *flow.Flow) string {
	method := f.Request.Method
	if !isWord(method) {
		method = "HTTP"
	}
	return cmp.Or(Method(f.AWS), method)
}

// serverOf divides a host:port. The host is "" if it isn't one, and the port is that if it has none.
func serverOf(authority string) (host, port string) {
	at := strings.LastIndexByte(authority, ':')
	if at < 0 {
		return "", ""
	}
	if host = strings.Trim(authority[:at], "[]"); !isHost(host) {
		return "", ""
	}
	return strings.ToLower(host), authority[at+1:]
}
