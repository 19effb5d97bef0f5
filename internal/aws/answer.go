package aws

import (
	"strings"
	"time"

	"detour/internal/flow"
)

// requestIDs are the headers that name a request to AWS support, by preference:
// most services', S3's, the console's web servers', API Gateway's, CloudFront's.
func requestIDs() [6]string {
	return [...]string{
		"x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id", "x-amz-rid", "x-amz-apigw-id", "x-amz-cf-id",
	}
}

// Bounds on what is taken over from an answer. AWS's request ids have 36 to 52
// characters, S3's extended ones 76.
const (
	maxRequestID = 128
	maxMessage   = 2048
)

// answer takes from the response what the service says of the call.
func answer(c *flow.AWS, o flow.Origin, q *request, p *flow.Response) {
	if p == nil {
		return
	}
	r := readAnswer(c, o, p)
	for _, name := range requestIDs() {
		if id := flow.Get(p.Headers, name); id != "" && len(id) <= maxRequestID {
			c.RequestID = id
			break
		}
	}
	if c.RequestID == "" && len(r.requestID) <= maxRequestID {
		c.RequestID = r.requestID
	}
	if c.ExtendedRequestID = flow.Get(p.Headers, "x-amz-id-2"); c.ExtendedRequestID == "" {
		c.ExtendedRequestID = r.extendedID
	}
	if len(c.ExtendedRequestID) > maxRequestID {
		c.ExtendedRequestID = ""
	}
	if o == flow.OriginDirect {
		c.ClockSkew = clockSkew(q, p)
	}
	c.Error = callError(p, &r)
}

// readAnswer reads the body where it is an error's: by its status, by its form,
// or because the console's server says so of the call that it relayed.
func readAnswer(c *flow.AWS, o flow.Origin, p *flow.Response) (r report) {
	if len(p.Body) == 0 {
		return report{}
	}
	contentType := flow.Get(p.Headers, "Content-Type")
	switch {
	case p.Status >= 400, o == flow.OriginDirect && isXMLError(p.Body), strings.HasPrefix(contentType, eventStream):
		r = readReport(p.Body, contentType)
	case o == flow.OriginConsole:
		r = readReport(p.Body, contentType)
		c.InnerStatus = r.status
		if r.status < 400 && !strings.HasSuffix(bare(r.code), "Exception") { // codes and messages are data, too
			r = report{}
		}
	}
	return r
}

// callError is the service's own account of a failed call: the header's code
// first, then the body's. nil if there is none.
func callError(p *flow.Response, r *report) *flow.AWSError {
	// Services that came to JSON from the query protocol send both; the first is
	// the code of the model, the second "Code;Sender" or "Code;Receiver".
	code := bare(flow.Get(p.Headers, "x-amzn-errortype"))
	legacy, fault, _ := strings.Cut(flow.Get(p.Headers, "x-amzn-query-error"), ";")
	for _, next := range [...]string{bare(r.code), legacy} {
		if code == "" {
			code = next
		}
	}
	if !isCode(code) {
		code = ""
	}
	message := firstParagraph(r.message)
	if code == "" && message == "" {
		return nil
	}
	e := &flow.AWSError{Code: code, Message: message}
	for _, f := range [...]string{fault, r.fault} {
		if e.Type == "" && isWord(f) {
			e.Type = f
		}
	}
	denial(e)
	return e
}

// bare takes the namespace before a code off, and the URL behind it:
// com.amazon.coral#ThrottlingException:http://….
func bare(code string) string {
	code = code[strings.LastIndexByte(code, '#')+1:]
	code, _, _ = strings.Cut(code, ":")
	return code
}

// isCode reports whether s looks like an error's code: a word, with dots in EC2.
func isCode(s string) bool { return isWord(strings.ReplaceAll(s, ".", "_")) }

// firstParagraph is what of a message is for people. What follows may be the
// whole request that was signed, with its token; EC2's encoded message tells
// nothing without a further call, and that much to others.
func firstParagraph(message string) string {
	message, _, _ = strings.Cut(message, "\n\n")
	message, _, _ = strings.Cut(message, "Encoded authorization failure message:")
	if len(message) > maxMessage {
		message = message[:maxMessage]
	}
	return strings.TrimSpace(strings.ToValidUTF8(message, ""))
}

// clockSkew is the signature's time less that of the answer.
func clockSkew(q *request, p *flow.Response) time.Duration {
	signed := q.header("X-Amz-Date")
	if signed == "" {
		signed, _ = q.param("X-Amz-Date")
	}
	if signed == "" {
		return 0
	}
	at, err := time.Parse("20060102T150405Z", signed)
	if err != nil {
		return 0
	}
	answered, err := time.Parse(time.RFC1123, flow.Get(p.Headers, "Date"))
	if err != nil {
		return 0
	}
	return at.Sub(answered)
}
