package redact

import (
	"slices"
	"strings"

	"detour/internal/flow"
	"detour/internal/lazyregexp"
)

// fields redacts header fields. It returns hs if nothing has to be replaced.
func (p *pass) fields(hs []flow.Header) []flow.Header {
	if p.opt.Fleet {
		return nil
	}
	out, own := hs, false
	for i, h := range hs {
		to := rememberedField(p, h)
		if to == h {
			continue
		}
		if !own {
			out, own = slices.Clone(hs), true
		}
		out[i] = to
	}
	return separate(out)
}

// separate returns hs with a field for each cookie of a Set-Cookie field in which lines were
// joined, which isn't a valid field.
func separate(hs []flow.Header) []flow.Header {
	for i := 0; i < len(hs); i++ {
		if strings.IndexByte(hs[i].Value, '\n') < 0 || !strings.EqualFold(hs[i].Name, "Set-Cookie") {
			continue
		}
		var each []flow.Header
		for line := range strings.SplitSeq(hs[i].Value, "\n") {
			each = append(each, flow.Header{Name: hs[i].Name, Value: line})
		}
		hs = slices.Replace(hs, i, i+1, each...)
		i += len(each) - 1
	}
	return hs
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
	if isID(name) && !flow.IsRequestID(v) {
		return p.pseudonym(unknownKind, v)
	}
	if (name == "x-amzn-errortype" || name == "x-amzn-query-error") && !errorType.MatchString(v) {
		return p.pseudonym(unknownKind, v)
	}
	if name == "grpc-message" { // it has percent-encoding (gRPC over HTTP2, "Responses")
		return p.message(v)
	}
	if kept(name) && (p.members == nil || !p.members[squeeze(name)]) {
		return p.sentence(v)
	}
	if kind := p.kind(name); kind != "" {
		return p.pseudonym(kind, v)
	}
	return p.pseudonym(unknownKind, v)
}

// errorType matches an error's code with what may be around it: com.amazon#Code:http://…,
// Code;Sender.
var errorType = lazyregexp.New(`^[A-Za-z0-9_.#]{1,160}(?::[!-~]{0,200}|;[A-Za-z]{0,20})?$`)

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
		"x-amz-bucket-region", "x-amz-cf-pop", "x-amzn-trace-id", "x-amzn-errortype", "x-amzn-query-error",
		"x-amzn-query-mode", "grpc-status", "grpc-encoding", "grpc-accept-encoding", "grpc-timeout":
		return true
	}
	return isID(name)
}

// isID reports whether a header's value is an ID that AWS Support can look up.
func isID(name string) bool {
	switch name {
	case "x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id", "x-amz-id-2", "x-amz-rid", "x-amz-cf-id", "x-amz-apigw-id":
		return true
	}
	return false
}
