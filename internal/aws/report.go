package aws

import (
	"bytes"
	"encoding/xml"
	"io"
	"strconv"
	"strings"
)

// A report is what an answer's body says of a call.
type report struct {
	code, message, fault  string
	requestID, extendedID string
	status                int // of an answer within the answer; 0 if there is none
}

// maxReport bounds the body that is looked at: an error's is a few hundred bytes.
const maxReport = 64 << 10

// eventStream is the media type of AWS's event streams.
const eventStream = "application/vnd.amazon.eventstream"

// readReport reads an error's body in any of AWS's protocols; which, its first
// bytes tell, and for CBOR and event streams the content type.
func readReport(body []byte, contentType string) (r report) {
	body = body[:min(len(body), maxReport)]
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

// maxWrapped is how deep a service's answer may be in that of the console's server.
const maxWrapped = 2

// readJSON reads {"__type":"ns#Code","message":…} and its likes: REST services
// have "Type" for whose fault it is, query-compatible ones an "Error" object, and
// the console's server has the service's answer in a member of its own.
func readJSON(body []byte, r *report, depth int) {
	members(body, func(key string, value []byte) bool {
		r.take(key, text(value))
		switch strings.ToLower(key) {
		case "error": // once: what is deeper is none of AWS's
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

// readWrapped reads an answer that is a value in another's: JSON, or the text of it.
func readWrapped(value []byte, r *report, depth int) {
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

// take takes one field by its name, the first of each kind that isn't empty;
// __type beats code.
func (r *report) take(name, value string) {
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

// readXML reads <ErrorResponse><Error><Code>… (query), <Response><Errors>… (EC2)
// and <Error><Code>… (S3), as far as the body goes.
func readXML(body []byte, r *report) {
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

// isXMLError reports whether the root of a body is S3's <Error>: some of its
// operations begin their answer, 200, before they know how they end.
func isXMLError(body []byte) bool {
	body = space(body)
	if bytes.HasPrefix(body, []byte("<?xml")) {
		_, rest, ok := bytes.Cut(body[:min(len(body), maxReport)], []byte("?>"))
		if !ok {
			return false
		}
		body = space(rest)
	}
	return bytes.HasPrefix(body, []byte("<Error>"))
}
