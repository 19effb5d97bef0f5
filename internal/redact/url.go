package redact

import (
	"net/url"
	"strings"
)

// secretKeys are the query and form keys whose values are credentials: SigV4's
// own, OAuth's, SAML's, the AWS sign-in's.
var secretKeys = map[string]bool{
	"x-amz-signature": true, "x-amz-security-token": true, "signature": true, "awsaccesskeyid": true,
	"code": true, "token": true, "access_token": true, "id_token": true, "refresh_token": true, "state": true,
	"nonce": true, "samlresponse": true, "samlrequest": true, "relaystate": true, "signintoken": true,
	"session": true, "sessiontoken": true, "securitytoken": true, "password": true, "secret": true,
	"client_secret": true, "code_verifier": true, "code_challenge": true, "device_code": true,
	"user_code": true, "csrf": true, "csrftoken": true, "xsrf": true, "apikey": true, "api_key": true,
	"key-pair-id": true, "policy": true, "auth": true, "jwt": true, "ticket": true, "assertion": true,
	"workflowstatehandle": true, "workflowresulthandle": true, "orgid": true, "otp": true, "mfacode": true,
}

// URL takes credentials out of a URL: the password, values of telling keys in
// the query, in the fragment and in a path that has its values behind '&', and
// URLs inside values. What cannot be parsed loses its query.
func URL(s string) string { return redactURL(s, 2) }

func redactURL(s string, depth int) string {
	if s == "" {
		return s
	}
	rest, fragment, hasFragment := strings.Cut(s, "#")
	rest, query, hasQuery := strings.Cut(rest, "?")
	out := userinfo(rest)
	if base, values, ok := strings.Cut(out, "/&"); ok {
		out = base + "/&" + pairs(values, depth)
	}
	if hasQuery {
		out += "?" + pairs(query, depth)
	}
	if hasFragment {
		out += "#" + redactFragment(fragment, depth)
	}
	return patterns(out)
}

// userinfo drops the password in scheme://user:password@host.
func userinfo(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	authority, path, hasPath := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		authority = gone + authority[i:]
	}
	if hasPath {
		path = "/" + path
	}
	return scheme + "://" + authority + path
}

// redactFragment keeps a console's view (#Instances:) and drops tokens.
func redactFragment(f string, depth int) string {
	if strings.Contains(f, "=") {
		return pairs(f, depth)
	}
	return f
}

// pairs redacts key=value&key=value, keeping order and coding.
func pairs(query string, depth int) string {
	parts := strings.Split(query, "&")
	for i, p := range parts {
		key, v, ok := strings.Cut(p, "=")
		if !ok {
			continue
		}
		parts[i] = key + "=" + pairValue(key, v, depth)
	}
	return strings.Join(parts, "&")
}

func pairValue(key, v string, depth int) string {
	plain, err := url.QueryUnescape(key)
	if err != nil {
		plain = key
	}
	plain = strings.ToLower(plain)
	switch {
	case v == "" || v == gone:
		return v
	case plain == "x-amz-credential":
		id, scope, _ := strings.Cut(strings.ReplaceAll(strings.ReplaceAll(v, "%2F", "/"), "%2f", "/"), "/")
		return keyID(id) + "/" + scope
	case secretKeys[plain], secretKeys[plain[strings.LastIndexAny(plain, ".[")+1:]]:
		return gone
	}
	inner, err := url.QueryUnescape(v)
	if err != nil {
		return gone // it can't be read, so it can't be judged
	}
	if !strings.ContainsAny(inner, "?=&") {
		return v
	}
	if depth == 0 {
		return gone // nested deeper than anyone needs
	}
	if clean := redactURL(inner, depth-1); clean != inner {
		return url.QueryEscape(clean)
	}
	return v
}
