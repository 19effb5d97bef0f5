// Package redact takes secrets out of what may be kept or shown.
//
// It is pure and denies by default: a header's value is kept only if its name is
// on a list of names whose values are no secret; of a signature the parts that
// say who signed for what remain. It runs before anything is stored, so that no
// reader of a capture can forget it. Redacting twice gives the same as once.
package redact

import (
	"fmt"
	"regexp"
	"strings"

	"detour/internal/flow"
)

// gone stands for a value inside a URL or a signature.
const gone = "REDACTED"

// Flow rewrites the headers and URLs of f, and takes out the bodies that carry
// credentials. The slices and structs that f had
// are left as they were: they may be somebody else's.
func Flow(f *flow.Flow) {
	f.Request.URL = URL(f.Request.URL)
	f.Request.Headers = fields(f.Request.Headers)
	f.Page = URL(f.Page)
	if f.Response != nil {
		r := *f.Response
		r.Headers = fields(r.Headers)
		f.Response = &r
	}
	if f.CredentialVend {
		f.DropBodies()
	}
	if f.AWS != nil && f.AWS.Error != nil {
		a, e := *f.AWS, *f.AWS.Error
		e.Message = text(e.Message)
		a.Error = &e
		f.AWS = &a
	}
	f.Conn = proxied(f.Conn)
	if f.Unused != nil {
		unused := make([]*flow.Conn, len(f.Unused))
		for i, c := range f.Unused {
			unused[i] = proxied(c)
		}
		f.Unused = unused
	}
	if f.Failure != nil {
		x := *f.Failure
		x.Message = text(x.Message)
		f.Failure = &x
	}
}

// proxied redacts what an upstream proxy answered; without an answer that says
// more than yes it is the connection itself, which many flows share.
func proxied(c *flow.Conn) *flow.Conn {
	if c == nil || c.Via == nil || c.Via.Err == "" {
		return c
	}
	out, via := *c, *c.Via
	via.Headers, via.Body, via.Err = fields(via.Headers), text(via.Body), text(via.Err)
	out.Via = &via
	return &out
}

func fields(hs []flow.Header) []flow.Header {
	out := make([]flow.Header, len(hs))
	for i, h := range hs {
		out[i] = flow.Header{Name: h.Name, Value: value(strings.ToLower(h.Name), h.Value)}
	}
	return out
}

// value redacts a header's value; name is in lower case.
func value(name, v string) string {
	switch name {
	case "authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate":
		return authorization(v)
	case "cookie":
		return cookies(v)
	case "set-cookie":
		return setCookie(v)
	case "referer", "location", "content-location", "origin", "access-control-allow-origin":
		return URL(v)
	case "x-amz-content-sha256":
		if v == "UNSIGNED-PAYLOAD" || strings.HasPrefix(v, "STREAMING-") {
			return credentials(v)
		}
		return blank(v) // a short body could be guessed from its hash
	}
	if kept(name) {
		return credentials(v)
	}
	return blank(v)
}

// kept reports whether a header's value says what happened and gives nothing away.
func kept(name string) bool {
	for _, prefix := range [...]string{"accept", "access-control-", "sec-fetch-", "sec-ch-ua", "cross-origin-", "amz-sdk-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	case "host", "user-agent", "date", "server", "via", "proxy-status", "age", "vary", "allow",
		"content-type", "content-length", "content-encoding", "content-language", "content-range",
		"transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "upgrade-insecure-requests",
		"cache-control", "pragma", "expires", "last-modified", "if-modified-since", "if-unmodified-since",
		"range", "expect", "retry-after", "priority", "dnt", "alt-svc", "strict-transport-security",
		"timing-allow-origin", "x-content-type-options", "x-frame-options", "x-cache", "smithy-protocol",
		"x-amz-target", "x-amz-date", "x-amz-user-agent", "x-amz-requested-operation", "x-amz-region-set",
		"x-amz-bucket-region", "x-amz-request-id", "x-amz-id-2", "x-amz-rid", "x-amz-cf-id", "x-amz-cf-pop",
		"x-amz-apigw-id", "x-amzn-requestid", "x-amzn-trace-id", "x-amzn-errortype", "x-amzn-query-error",
		"x-amzn-query-mode":
		return true
	}
	return false
}

// blanked matches what blank makes, so that redacting twice changes nothing.
var blanked = regexp.MustCompile(`^\[redacted, \d{1,19} bytes\]$`)

func blank(v string) string {
	if v == "" || blanked.MatchString(v) {
		return v
	}
	return fmt.Sprintf("[redacted, %d bytes]", len(v))
}

// link finds URLs in a sentence.
var link = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+`)

// text redacts an error's words: libraries put whole URLs into them.
func text(s string) string {
	return credentials(link.ReplaceAllStringFunc(s, URL))
}
