package redact

import (
	"regexp"
	"strings"
)

// secret reports whether a key of a query, a form or JSON has a credential for
// its value: SigV4's own, OAuth's, SAML's, those of AWS sign-in and CloudFront.
// Case, hyphens and underscores don't matter.
func secret(key string) bool {
	whole := squeeze(key)
	for _, word := range [...]string{
		"token", "secret", "passw", "pwd", "signature", "credential", "csrf", "xsrf", "apikey", "accesskey",
		"privatekey", "authorization", "bearer", "assertion", "saml", "jwt", "cookie", "sessionid",
	} {
		if strings.Contains(whole, word) {
			return true
		}
	}
	switch squeeze(lastName(key)) {
	case "code", "state", "nonce", "session", "auth", "ticket", "challenge", "sig", "otp", "totp", "mfacode", "sid",
		"codeverifier", "codechallenge", "devicecode", "usercode", "registrationcode", "relaystate", "loginhash",
		"policy", "keypairid", // CloudFront's signed URLs
		"workflowstatehandle", "workflowresulthandle", "workflowid":
		return true
	}
	return false
}

// lastName is the key alone: a path may stand before it, or the names of what it
// is a part of, as in user[password] and user.password.
func lastName(key string) string {
	key = strings.TrimRight(key, "]")
	return key[strings.LastIndexAny(key, "/.[$!")+1:]
}

var squeezer = strings.NewReplacer("-", "", "_", "", " ", "")

func squeeze(s string) string { return squeezer.Replace(strings.ToLower(s)) }

// member finds the names of JSON's members.
var member = regexp.MustCompile(`"([A-Za-z0-9_.-]{1,64})"\s*:`)

// secretJSON reports whether s looks like JSON that has a credential in it.
func secretJSON(s string) bool {
	if !strings.Contains(s, `":`) && !strings.Contains(s, `" :`) {
		return false
	}
	for _, m := range member.FindAllStringSubmatch(s, -1) {
		if secret(m[1]) {
			return true
		}
	}
	return false
}
