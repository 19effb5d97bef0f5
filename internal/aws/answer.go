package aws

import (
	"strings"

	"detour/internal/flow"
)

// requestIDs are the headers that name a request to AWS support, by preference:
// most services', S3's, the console's web servers'.
func requestIDs() [3]string {
	return [...]string{"x-amzn-requestid", "x-amz-request-id", "x-amz-rid"}
}

// maxRequestID bounds what is taken for a request id; AWS's have 36 to 52 characters.
const maxRequestID = 128

// answer takes from the response's head what the service says of the call.
func answer(c *flow.AWS, p *flow.Response) {
	if p == nil {
		return
	}
	for _, name := range requestIDs() {
		if id := flow.Get(p.Headers, name); id != "" && len(id) <= maxRequestID {
			c.RequestID = id
			break
		}
	}
	// Services that came to JSON from the query protocol send both; the first is
	// the code of the model, the second "Code;Sender" or "Code;Receiver".
	code, _, _ := strings.Cut(flow.Get(p.Headers, "x-amzn-errortype"), ":")
	code = code[strings.LastIndexByte(code, '#')+1:]
	legacy, fault, _ := strings.Cut(flow.Get(p.Headers, "x-amzn-query-error"), ";")
	if code == "" {
		code = legacy
	}
	if !isWord(strings.ReplaceAll(code, ".", "_")) {
		return
	}
	c.Error = &flow.AWSError{Code: code}
	if isWord(fault) {
		c.Error.Type = fault
	}
}
