package redact

import (
	"regexp"
	"strings"
)

// authorization keeps of a SigV4 header the algorithm, the key's ends, the scope
// and the names of the signed headers (AWS General Reference, "Add the signature
// to the HTTP request"); of any other, and of challenges, the scheme.
func (p *pass) authorization(v string) string {
	scheme, rest, _ := strings.Cut(v, " ")
	if sigV4.MatchString(scheme) {
		return scheme + " " + p.signature(rest)
	}
	switch strings.ToLower(scheme) {
	case "basic", "bearer", "digest", "negotiate", "ntlm", "aws":
		if rest == "" {
			return scheme
		}
		return scheme + " " + p.pseudonym("credential", rest)
	}
	return p.pseudonym("credential", v)
}

var (
	sigV4         = regexp.MustCompile(`^AWS4-[A-Z0-9-]{1,40}$`) // AWS4-HMAC-SHA256, AWS4-ECDSA-P256-SHA256
	signedHeaders = regexp.MustCompile(`^[a-z0-9;_-]*$`)
)

// signature redacts Credential=…, SignedHeaders=…, Signature=….
func (p *pass) signature(v string) string {
	var out []string
	for _, part := range strings.Split(v, ",") {
		name, val, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			out = append(out, "Credential="+p.scope(val))
		case "SignedHeaders":
			if !signedHeaders.MatchString(val) {
				val = p.pseudonym("header", val)
			}
			out = append(out, "SignedHeaders="+val)
		case "Signature":
			out = append(out, "Signature="+p.pseudonym("signature", val))
		}
	}
	if out == nil {
		return p.pseudonym("credential", v)
	}
	return strings.Join(out, ", ")
}

// credential is a key's ID and its scope: date, Region, service. SigV4A has no
// Region there.
var credential = regexp.MustCompile(`^([^/]*)(/[0-9]{8}(?:/[a-z0-9-]{1,32})?/[A-Za-z0-9_-]{1,64}/aws4_request)$`)

// scope keeps the credential's scope and the ends of the key's ID. What doesn't
// look like a credential is gone.
func (p *pass) scope(v string) string {
	m := credential.FindStringSubmatch(v)
	if m == nil {
		return p.pseudonym("credential", v)
	}
	return p.keyID(m[1]) + m[2]
}

var (
	wholeID   = regexp.MustCompile(`^[A-Za-z0-9_]{12,128}$`)
	reducedID = regexp.MustCompile(`^[A-Za-z0-9_]{4}…[A-Za-z0-9_]{4}$`)
)

// keyID keeps the first and the last four characters of an access key's ID,
// which is enough to find it in IAM.
func (p *pass) keyID(id string) string {
	switch {
	case reducedID.MatchString(id):
		return id
	case wholeID.MatchString(id):
		if !p.terse {
			*p.tally.of("key")++
		}
		return id[:4] + "…" + id[len(id)-4:]
	}
	return p.pseudonym("key", id)
}
