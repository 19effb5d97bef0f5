// Package redact takes secrets out of what may be kept or shown.
//
// It is pure and denies by default: a header's value is kept only if its name is
// on a list of names whose values are no secret; of a signature the parts that
// say who signed for what remain. It runs before anything is stored, so that no
// reader of a capture can forget it.
package redact

import (
	"fmt"
	"regexp"
	"strings"

	"detour/internal/flow"
)

// gone stands for a value inside a URL or a cookie.
const gone = "REDACTED"

// Flow rewrites the headers and URLs of f. The slices that f had are left as
// they were: they may be somebody else's.
func Flow(f *flow.Flow) {
	f.Request.URL = URL(f.Request.URL)
	f.Request.Headers = fields(f.Request.Headers)
	f.Page = URL(f.Page)
	if f.Response != nil {
		r := *f.Response
		r.Headers = fields(r.Headers)
		f.Response = &r
	}
}

func fields(hs []flow.Header) []flow.Header {
	out := make([]flow.Header, len(hs))
	for i, h := range hs {
		out[i] = flow.Header{Name: h.Name, Value: value(strings.ToLower(h.Name), h.Value)}
	}
	return out
}

// kept are the headers whose values say what happened and give nothing away.
var kept = map[string]bool{
	"accept": true, "accept-encoding": true, "accept-language": true, "accept-ranges": true, "age": true,
	"access-control-allow-credentials": true, "access-control-allow-headers": true,
	"access-control-allow-methods": true, "access-control-allow-origin": true,
	"access-control-expose-headers": true, "access-control-max-age": true,
	"access-control-request-headers": true, "access-control-request-method": true,
	"access-control-request-private-network": true, "access-control-allow-private-network": true,
	"alt-svc": true, "cache-control": true, "connection": true, "content-encoding": true,
	"content-language": true, "content-length": true, "content-range": true, "content-type": true,
	"cross-origin-opener-policy": true, "cross-origin-resource-policy": true, "date": true, "dnt": true,
	"expect": true, "expires": true, "host": true, "last-modified": true, "origin": true, "pragma": true,
	"priority": true, "proxy-status": true, "range": true, "retry-after": true, "sec-ch-ua": true,
	"sec-ch-ua-mobile": true, "sec-ch-ua-platform": true, "sec-fetch-dest": true, "sec-fetch-mode": true,
	"sec-fetch-site": true, "sec-fetch-user": true, "server": true, "smithy-protocol": true,
	"strict-transport-security": true, "te": true, "timing-allow-origin": true, "trailer": true,
	"transfer-encoding": true, "upgrade": true, "upgrade-insecure-requests": true, "user-agent": true,
	"vary": true, "via": true, "x-amz-apigw-id": true, "x-amz-cf-id": true, "x-amz-cf-pop": true,
	"x-amz-content-sha256": true, "x-amz-date": true, "x-amz-id-2": true, "x-amz-request-id": true,
	"x-amz-requested-operation": true, "x-amz-rid": true, "x-amz-target": true, "x-amz-user-agent": true,
	"x-amzn-errortype": true, "x-amzn-query-error": true, "x-amzn-query-mode": true,
	"x-amzn-requestid": true, "x-amzn-trace-id": true, "x-cache": true, "x-content-type-options": true,
	"x-frame-options": true,
}

func value(name, v string) string {
	switch name {
	case "authorization", "proxy-authorization":
		return authorization(v)
	case "cookie":
		return cookies(v)
	case "set-cookie":
		cookie, attrs, _ := strings.Cut(v, ";")
		return strings.TrimSuffix(cookies(cookie)+";"+attributes(attrs), ";")
	case "referer", "location", "content-location":
		return URL(v)
	}
	if kept[name] {
		return patterns(v)
	}
	return blank(v)
}

// blanked matches what blank makes, so that redacting twice changes nothing.
var blanked = regexp.MustCompile(`^\[redacted, \d+ bytes\]$`)

func blank(v string) string {
	if v == "" || blanked.MatchString(v) {
		return v
	}
	return fmt.Sprintf("[redacted, %d bytes]", len(v))
}

// cookies keeps the names: which cookies were there explains much.
func cookies(v string) string {
	parts := strings.Split(v, ";")
	for i, p := range parts {
		name, _, ok := strings.Cut(strings.TrimSpace(p), "=")
		if !ok {
			name = "" // a value without a name is a value
		}
		parts[i] = name + "=" + gone
	}
	return strings.Join(parts, "; ")
}

// attributes keeps the attributes of a Set-Cookie that RFC 6265 defines.
func attributes(v string) string {
	var out []string
	for _, p := range strings.Split(v, ";") {
		p = strings.TrimSpace(p)
		name, _, _ := strings.Cut(p, "=")
		switch strings.ToLower(name) {
		case "domain", "path", "expires", "max-age", "secure", "httponly", "samesite", "partitioned":
			out = append(out, " "+patterns(p))
		}
	}
	return strings.Join(out, ";")
}

// signature finds the parts of SigV4's Authorization (AWS General Reference,
// "Add the signature to the HTTP request").
var signature = regexp.MustCompile(`^(AWS4-[A-Z0-9-]{1,40}) +Credential=([^,/ ]*)/([A-Za-z0-9/_-]*), *SignedHeaders=([a-z0-9;_-]*), *Signature=\S*$`)

// authorization keeps of a SigV4 header the algorithm, the key's ends, the scope
// and the names of the signed headers; of any other the scheme.
func authorization(v string) string {
	if m := signature.FindStringSubmatch(v); m != nil {
		return fmt.Sprintf("%s Credential=%s/%s, SignedHeaders=%s, Signature=%s", m[1], keyID(m[2]), m[3], m[4], gone)
	}
	scheme, rest, ok := strings.Cut(v, " ")
	switch strings.ToLower(scheme) {
	case "basic", "bearer", "digest", "negotiate", "ntlm":
		if ok && !blanked.MatchString(rest) {
			return scheme + " " + blank(rest)
		}
		return v
	}
	return blank(v)
}

// keyID keeps the first and the last four characters of an access key's ID, as
// AWS does in its own texts.
func keyID(id string) string {
	if strings.Contains(id, "…") {
		return id
	}
	if len(id) < 12 {
		return gone
	}
	return id[:4] + "…" + id[len(id)-4:]
}

var (
	accessKey    = regexp.MustCompile(`\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b`)
	sessionToken = regexp.MustCompile(`\b(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9+/=_%-]*`)
)

// patterns takes out what is known for a credential by its looks, wherever it is.
func patterns(s string) string {
	s = accessKey.ReplaceAllStringFunc(s, keyID)
	return sessionToken.ReplaceAllString(s, gone)
}
