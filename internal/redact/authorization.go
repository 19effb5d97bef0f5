package redact

import "strings"

// authorization keeps the algorithm, the ends of the key ID, the scope and the names of the
// signed headers of a SigV4 header (AWS General Reference, "Add the signature to the HTTP
// request"), and the scheme of any other, or of a challenge.
func (p *pass) authorization(v string) string {
	scheme, rest, _ := strings.Cut(v, " ")
	if isSigV4(scheme) {
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

// isSigV4 recognises AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256.
func isSigV4(scheme string) bool {
	rest, ok := strings.CutPrefix(scheme, "AWS4-")
	return ok && rest != "" && len(rest) <= 40 && strings.Trim(rest, upper+number+"-") == ""
}

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	number = "0123456789"
	word   = lower + upper + number + "_"
)

// signature redacts Credential=…, SignedHeaders=…, Signature=….
func (p *pass) signature(v string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(v, ",") {
		name, val, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			val = p.scope(val)
		case "SignedHeaders":
			if strings.Trim(val, lower+number+";_-") != "" {
				val = p.pseudonym("header", val)
			}
		case "Signature":
			val = p.pseudonym("signature", val)
		default:
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name)
		b.WriteByte('=')
		b.WriteString(val)
	}
	if b.Len() == 0 {
		return p.pseudonym("credential", v)
	}
	return b.String()
}

// scope keeps key/20261123/region/service/aws4_request except for the middle of the key ID.
// SigV4A has no Region there. Anything else becomes a pseudonym.
func (p *pass) scope(v string) string {
	id, scope, _ := strings.Cut(v, "/")
	date, rest, _ := strings.Cut(scope, "/")
	rest, ok := strings.CutSuffix(rest, "/aws4_request")
	service := rest[strings.LastIndexByte(rest, '/')+1:]
	region := strings.TrimSuffix(rest[:len(rest)-len(service)], "/")
	if !ok || len(date) != 8 || strings.Trim(date, number) != "" || len(region) > 32 || strings.Trim(region, lower+number+"-") != "" ||
		service == "" || len(service) > 64 || strings.Trim(service, word+"-") != "" || rest[0] == '/' {
		return p.pseudonym("credential", v)
	}
	return p.keyID(id) + "/" + scope
}

// keyID keeps the first and the last four characters of an access key ID, which is enough to
// find it in IAM.
func (p *pass) keyID(id string) string {
	if head, tail, ok := strings.Cut(id, "…"); ok && len(head) == 4 && len(tail) == 4 && strings.Trim(head+tail, word) == "" {
		return id
	}
	if len(id) < 12 || len(id) > 128 || strings.Trim(id, word) != "" {
		return p.pseudonym("key", id)
	}
	if !p.terse {
		*p.tally.of("key")++
	}
	return id[:4] + "…" + id[len(id)-4:]
}
