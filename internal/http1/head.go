// Package http1 reads the wire format of HTTP/1.1 (RFC 9112): heads with their fields in the
// order and the case in which they came, the framing of bodies, and chunked coding.
//
// [ParseRequest] is strict: what two recipients could read differently is an error.
// [ParseResponse] also reads the line ends and the folded lines that servers of old send.
// Whatever either of them reads, net/http reads in the same way.
package http1

import (
	"bytes"
	"fmt"
	"strings"

	"detour/internal/flow"
)

// A Request is the head of a request.
type Request struct {
	Method string
	Target string        // as it was sent; RFC 9112, 3.2
	Minor  int           // of the version: 1 in HTTP/1.1
	Fields []flow.Header // without the whitespace around their values
	Body   Framing
}

// A Response is the head of a response.
type Response struct {
	Minor  int
	Status int    // three digits
	Reason string // may be empty
	Fields []flow.Header
}

// EndOfHead returns the length of the head that b begins with, including the empty line that
// ends it; 0 if b has no end of it. The first seen bytes are known to have none.
func EndOfHead(b []byte, seen int) int {
	for at := max(0, seen-len("\n\r")); ; {
		n := bytes.IndexByte(b[at:], '\n')
		if n < 0 {
			return 0
		}
		at += n + 1
		switch rest := b[at:]; {
		case len(rest) > 0 && rest[0] == '\n':
			return at + 1
		case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
			return at + 2
		}
	}
}

// A MalformedError is a head that can't be read.
type MalformedError struct {
	What string // which part of it
	Text string // as it was sent
}

// maxQuoted limits what an error quotes of a head.
const maxQuoted = 100

func (e *MalformedError) Error() string {
	text := e.Text
	if len(text) > maxQuoted {
		text = text[:maxQuoted] + "…"
	}
	return fmt.Sprintf("malformed %s %q", e.What, text)
}

// ParseRequest reads the head of a request, up to and with the empty line that ends it.
func ParseRequest(head string) (r Request, err error) {
	line, rest, ok := strings.Cut(head, "\r\n")
	method, afterMethod, ok2 := strings.Cut(line, " ")
	target, version, ok3 := strings.Cut(afterMethod, " ")
	minor, ok4 := minorVersion(version)
	if !ok || !ok2 || !ok3 || !ok4 || !isToken(method) || !isTarget(target) {
		return r, &MalformedError{"request line", line}
	}
	r = Request{Method: strings.Clone(method), Target: target, Minor: minor} // a flow keeps it
	if r.Fields, err = parseFields(rest, true); err != nil {
		return r, err
	}
	r.Body, err = requestFraming(r.Fields, minor)
	return r, err
}

// ParseResponse reads the head of a response, up to and with the empty line that ends it.
func ParseResponse(head string) (r Response, err error) {
	line, rest, _ := strings.Cut(head, "\n")
	if r, err = parseStatusLine(strings.TrimSuffix(line, "\r")); err != nil {
		return r, err
	}
	r.Fields, err = parseFields(unfold(rest), false)
	return r, err
}

// CheckStart returns an error if what has arrived of a response is no beginning of one.
func CheckStart(b []byte) error {
	const name = "HTTP/"
	line, _, whole := bytes.Cut(b, []byte("\n"))
	if n := min(len(line), len(name)); string(line[:n]) != name[:n] || whole && n < len(name) {
		return &MalformedError{"HTTP response", string(line[:min(len(line), maxQuoted+1)])}
	}
	if !whole {
		return nil
	}
	_, err := parseStatusLine(string(bytes.TrimSuffix(line, []byte("\r"))))
	return err
}

func parseStatusLine(line string) (r Response, err error) {
	version, rest, ok := strings.Cut(line, " ")
	code, reason, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	minor, ok2 := minorVersion(version)
	status, ok3 := parseDigits(code)
	if !ok || !ok2 || !ok3 || len(code) != 3 || strings.ContainsAny(reason, "\r\x00") {
		return r, &MalformedError{"HTTP response", line}
	}
	return Response{Minor: minor, Status: int(status), Reason: reason}, nil
}

// minorVersion returns the minor version of HTTP/1.
func minorVersion(s string) (int, bool) {
	const major = "HTTP/1."
	if len(s) != len(major)+1 || s[:len(major)] != major || s[len(major)] < '0' || s[len(major)] > '9' {
		return 0, false
	}
	return int(s[len(major)] - '0'), true
}

// IsPath reports whether a request target is a path with an optional query, and every parser
// takes it for the same one.
func IsPath(target string) bool {
	if target == "" || target[0] != '/' || strings.IndexByte(target, '#') >= 0 {
		return false
	}
	path, _, _ := strings.Cut(target, "?")
	for {
		at := strings.IndexByte(path, '%')
		if at < 0 {
			return true
		}
		if len(path) < at+3 {
			return false
		}
		if _, ok := parseHex([]byte(path[at+1 : at+3])); !ok {
			return false
		}
		path = path[at+3:]
	}
}

// isTarget reports whether a request target has visible ASCII characters only.
func isTarget(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}
