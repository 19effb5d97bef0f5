package aws

import (
	"bytes"
	"encoding/xml"
	"io"
	"strconv"
	"strings"
)

// An errorBody is what the body of a response says about a call.
type errorBody struct {
	code, message, fault  string
	requestID, extendedID string
	status                int // of a response inside the response; 0 if there is none
}

// maxErrorBody limits the body that is read: an error has a few hundred bytes.
const maxErrorBody = 64 << 10

// eventStream is the media type of AWS's event streams.
const eventStream = "application/vnd.amazon.eventstream"

// readErrorBody reads an error's body in any of AWS's protocols. The content type
// identifies CBOR and event streams, the first bytes identify the others.
func readErrorBody(body []byte, contentType string) (r errorBody) {
	body = body[:min(len(body), maxErrorBody)]
	switch kind, _, _ := strings.Cut(contentType, ";"); kind {
	case "application/cbor":
		readCBOR(body, &r)
		return r
	case eventStream:
		readEvents(body, &r)
		return r
	}
	body = space(bytes.TrimPrefix(body, []byte("\ufeff")))
	switch {
	case len(body) == 0:
	case body[0] == '{':
		readJSON(body, &r, maxWrapped)
	case body[0] == '<':
		readXML(body, &r)
	}
	return r
}

// maxWrapped is how deeply the console's server may wrap a service's response.
const maxWrapped = 2

// readJSON reads {"__type":"ns#Code","message":…} and similar forms: REST services have
// the fault in "Type", query-compatible ones an "Error" object, and the console's server
// has the service's response in a member.
func readJSON(body []byte, r *errorBody, depth int) {
	members(body, func(key string, value []byte) bool {
		r.take(key, text(value))
		switch strings.ToLower(key) {
		case "error": // not recursive: AWS has no deeper ones
			members(value, func(key string, value []byte) bool {
				r.take(key, text(value))
				return true
			})
		case "body", "content", "contentstring", "response":
			if depth > 0 {
				readWrapped(value, r, depth-1)
			}
		case "status", "statuscode", "httpstatuscode":
			if n, err := strconv.Atoi(strings.Trim(string(value), `"`)); err == nil && 100 <= n && n <= 599 {
				r.status = n
			}
		}
		return true
	})
}

// readWrapped reads a response inside another: JSON, or a string with JSON or XML.
func readWrapped(value []byte, r *errorBody, depth int) {
	if s := text(value); s != "" {
		value = space([]byte(s))
	}
	switch {
	case len(value) == 0:
	case value[0] == '{':
		readJSON(value, r, depth)
	case value[0] == '<':
		readXML(value, r)
	}
}

// take sets a field by its name. The first value of each kind counts, but __type
// overrides code.
func (r *errorBody) take(name, value string) {
	if value == "" {
		return
	}
	set := func(to *string) {
		if *to == "" {
			*to = value
		}
	}
	switch strings.ToLower(name) {
	case "__type":
		r.code = value
	case "code", "errorcode":
		set(&r.code)
	case "error": // OAuth's
		if isWord(value) {
			set(&r.code)
		}
	case "message", "errormessage", "error_description":
		set(&r.message)
	case "type", "fault":
		set(&r.fault)
	case "requestid":
		set(&r.requestID)
	case "hostid":
		set(&r.extendedID)
	}
}

// readXML reads <ErrorResponse><Error><Code>… (query), <Response><Errors>… (EC2) and
// <Error><Code>… (S3), even if the body is truncated.
func readXML(body []byte, r *errorBody) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	name := ""
	for {
		token, err := d.RawToken()
		if err != nil {
			return
		}
		switch token := token.(type) {
		case xml.StartElement:
			name = token.Name.Local
		case xml.CharData:
			r.take(name, strings.TrimSpace(string(token)))
		case xml.EndElement:
			name = ""
		}
	}
}

// isXMLError reports whether the root of a body is S3's <Error>: some operations send
// the status 200 before they know their result.
func isXMLError(body []byte) bool {
	body = space(body)
	if bytes.HasPrefix(body, []byte("<?xml")) {
		_, rest, ok := bytes.Cut(body[:min(len(body), maxErrorBody)], []byte("?>"))
		if !ok {
			return false
		}
		body = space(rest)
	}
	return bytes.HasPrefix(body, []byte("<Error>"))
}
