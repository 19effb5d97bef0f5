package aws

import (
	"strings"
	"time"

	"detour/internal/flow"
)

// requestIDs returns the headers with an ID that AWS Support can look up, in order of
// preference: of most services, S3, the console's web servers, API Gateway. CloudFront's
// x-amz-cf-id isn't among them: it is a cache's, whoever the server behind it is.
func requestIDs() [5]string {
	return [...]string{
		"x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id", "x-amz-rid", "x-amz-apigw-id",
	}
}

// maxMessage limits the message that is taken from a response.
const maxMessage = 2048

// answer takes request IDs and the error from the response.
func answer(c *flow.AWS, o flow.Origin, q *request, p *flow.Response) {
	if p == nil {
		return
	}
	r := readAnswer(c, o, p)
	for _, name := range requestIDs() {
		if id := flow.Get(p.Headers, name); flow.IsRequestID(id) {
			c.RequestID = id
			break
		}
	}
	if c.RequestID == "" && flow.IsRequestID(r.requestID) {
		c.RequestID = r.requestID
	}
	c.ExtendedRequestID = ""
	for _, id := range [...]string{flow.Get(p.Headers, "x-amz-id-2"), r.extendedID} {
		if c.ExtendedRequestID == "" && flow.IsRequestID(id) {
			c.ExtendedRequestID = id
		}
	}
	if o == flow.OriginDirect {
		c.ClockSkew = clockSkew(q, p)
	}
	c.Error = callError(p, &r)
}

// readAnswer reads the body of an error: by its status, by its form, or by what the
// console's server reports about the call that it relayed.
func readAnswer(c *flow.AWS, o flow.Origin, p *flow.Response) (r errorBody) {
	if len(p.Body) == 0 {
		return errorBody{}
	}
	contentType := flow.Get(p.Headers, "Content-Type")
	switch {
	case p.Status >= 400, o == flow.OriginDirect && isXMLError(p.Body), strings.HasPrefix(contentType, eventStream):
		r = readErrorBody(p.Body, contentType)
	case o == flow.OriginConsole:
		r = readErrorBody(p.Body, contentType)
		c.InnerStatus = r.status
		if r.status < 400 && !strings.HasSuffix(bare(r.code), "Exception") { // data may have codes and messages, too
			r = errorBody{}
		}
	}
	return r
}

// callError returns the service's error: its code is the header's, or else the body's.
// nil if there is none.
func callError(p *flow.Response, r *errorBody) *flow.AWSError {
	// Services that moved to JSON from the query protocol send both headers: the code of
	// the model, and "Code;Sender" or "Code;Receiver".
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

// bare removes the namespace before a code and the URL after it:
// com.amazon.coral#ThrottlingException:http://….
func bare(code string) string {
	code = code[strings.LastIndexByte(code, '#')+1:]
	code, _, _ = strings.Cut(code, ":")
	return code
}

// isCode reports whether s looks like an error code: a word, in EC2 with dots, or a status.
func isCode(s string) bool {
	return isWord(strings.ReplaceAll(s, ".", "_")) || len(s) == 3 && strings.Trim(s, "0123456789") == ""
}

// firstParagraph returns the part of a message that people read. The rest may be the
// signed request with its token, or EC2's encoded message, which anyone with the
// permission can decode.
func firstParagraph(message string) string {
	message, _, _ = strings.Cut(message, "\n\n")
	message, _, _ = strings.Cut(message, "Encoded authorization failure message:")
	if len(message) > maxMessage {
		message = message[:maxMessage]
	}
	return strings.TrimSpace(strings.ToValidUTF8(message, ""))
}

// clockSkew returns the time of the signature minus the time of the response.
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
