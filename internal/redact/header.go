package redact

import (
	"strings"

	"detour/internal/flow"
)

func (p *pass) fields(hs []flow.Header) []flow.Header {
	out := make([]flow.Header, len(hs))
	for i, h := range hs {
		out[i] = flow.Header{Name: p.foreign(h.Name), Value: p.field(strings.ToLower(h.Name), h.Value)}
	}
	return out
}

// field redacts the value of a header; name is in lower case.
func (p *pass) field(name, v string) string {
	return p.bounded(v, func(p *pass, v string) string { return p.fieldValue(name, v) })
}

func (p *pass) fieldValue(name, v string) string {
	switch name {
	case "authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate":
		return p.authorization(v)
	case "cookie":
		return p.cookies(v)
	case "set-cookie":
		return p.setCookie(v)
	case "referer", "location", "content-location", "origin", "access-control-allow-origin":
		return p.url(v)
	case "x-amz-content-sha256":
		if v == "UNSIGNED-PAYLOAD" || strings.HasPrefix(v, "STREAMING-") {
			return p.looks(v)
		}
		return p.pseudonym("hash", v) // a short body could be guessed from its hash
	}
	if kept(name) && (p.members == nil || !p.members[squeeze(name)]) {
		return p.sentence(v)
	}
	if kind := p.kind(name); kind != "" {
		return p.pseudonym(kind, v)
	}
	return p.pseudonym("header", v)
}

// kept reports whether a header's value is useful and no secret.
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
