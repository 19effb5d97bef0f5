package redact

import (
	"encoding/base64"
	"strings"

	"detour/internal/lazyregexp"
)

// The forms of credentials. A new pattern also needs a case in the cheaper tests that come
// before it: in suspect and credentials, or in phrases.
var (
	// The prefixes of access key IDs (IAM user guide, "Unique identifiers").
	accessKey = lazyregexp.New(`(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,124}`)
	// STS session tokens are base64 of messages with the same beginning.
	sessionToken = lazyregexp.New(`(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz|AQoDYXdz)[A-Za-z0-9+/=_%.-]*`)
	// A JSON Web Token begins with base64 of {". Its second part names the user.
	webToken = lazyregexp.New(`eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)*`)
	// Bedrock API keys, long-term and short-term.
	bedrockKey = lazyregexp.New(`ABSK[A-Za-z0-9+/=%]{20,}|bedrock-api-key-[A-Za-z0-9+/=%_-]+`)
	privateKey = lazyregexp.New(`(?s)-----BEGIN[A-Z +]*PRIVATE[ +]KEY.*?(?:-----END[A-Z +]*PRIVATE[ +]KEY-----|$)`)
	// A secret access key after the word aws or secret (gitleaks, MIT).
	secretKey = lazyregexp.New(`(?i)((?:aws|secret)[^\n]{0,24}[=:"' ])([A-Za-z0-9/+]{40})(?:$|[^A-Za-z0-9/+=])`)
	// A secret access key beside the ID of an access key, as in a downloaded CSV file.
	secretBesideID = lazyregexp.New(`(^|[^A-Za-z0-9/+=])([A-Za-z0-9/+]{40})(?:$|[^A-Za-z0-9/+=])`)
	// Tokens of EKS (a presigned URL) and of IAM Identity Center, and API keys of AppSync.
	eksToken   = lazyregexp.New(`k8s-aws-v1\.[A-Za-z0-9_-]{8,}`)
	ssoToken   = lazyregexp.New(`ao[ar]AAAAA[A-Za-z0-9_-]{8,}(?::[A-Za-z0-9+/=_-]{8,})?`)
	appSyncKey = lazyregexp.New(`\bda2-[a-z0-9]{26}\b`)
	// The private part of a key that EC2 makes for PuTTY.
	puttyKey = lazyregexp.New(`(?s)(Private-Lines: \d+\r?\n)(.+?)(?:\r?\nPrivate-MAC|$)`)
	// A token or a password in a sentence, or in a .netrc file.
	inProse = lazyregexp.New(`(?i)\b((?:token|password)(?: is| was)?[ :]?[ '"(\[]{1,2})([A-Za-z0-9+/=_.~-]{20,})`)
	// EC2's encoded reason (DecodeAuthorizationMessage).
	encodedMessage = lazyregexp.New(`(?i)(authorization failure message: )([A-Za-z0-9_+/=-]{20,})`)
	bearer         = lazyregexp.New(`(?i)\b(bearer[ +])([A-Za-z0-9+/=._~-]{8,})`)
	basic          = lazyregexp.New(`\b([Bb]asic[ +])([A-Za-z0-9+/]{8,}={0,2})`)
)

// shortest is the length below which text isn't searched for credentials.
const shortest = 14

// looks redacts what has the form of a credential, and of an identity if redaction is strict.
func (p *pass) looks(s string) string { return p.identities(p.credentials(s)) }

// suspect reports whether s may have a credential. Almost no value has, so this single pass
// is all that most of them cost.
func suspect(s string) bool {
	for i := range len(s) - 2 {
		switch a, b := s[i+1], s[i+2]; s[i] {
		case 'A': // AKIA, A3T, AQoD, ABSK
			if a == 'K' || a == 'S' || a == 'B' || a == 'C' || a == '3' || a == 'Q' {
				return true
			}
		case 'I', 'F': // IQoJ, FQoG, FwoG
			if (a == 'Q' || a == 'w') && b == 'o' {
				return true
			}
		case 'Q', 'w': // QoGZ, woGZ
			if a == 'o' && b == 'G' {
				return true
			}
		case 'a': // aoaAAAAA, aorAAAAA
			if a == 'o' && (b == 'a' || b == 'r') {
				return true
			}
		case 'd': // da2-
			if a == 'a' && b == '2' {
				return true
			}
		case 'k': // k8s-aws
			if a == '8' && b == 's' {
				return true
			}
		case 'e':
			if a == 'y' && b == 'J' {
				return true
			}
		case 'b':
			if a == 'e' && b == 'd' {
				return true
			}
		case 'P':
			if a == 'R' && b == 'I' {
				return true
			}
		}
	}
	return false
}

// credentials redacts what has the form of a credential.
func (p *pass) credentials(s string) string {
	if len(s) < shortest || !suspect(s) {
		return s
	}
	for _, begin := range [...]string{"AKIA", "ASIA", "ABIA", "ACCA", "A3T"} {
		if strings.Contains(s, begin) {
			if accessKey.MatchString(s) && hasRun(s, 40) {
				s = p.second(secretBesideID, "secret", s, opaqueKey)
			}
			s = accessKey.ReplaceAllStringFunc(s, p.keyID)
			break
		}
	}
	if strings.Contains(s, "QoGZXIvYXdz") || strings.Contains(s, "woGZXIvYXdz") ||
		strings.Contains(s, "IQoJb3JpZ2lu") || strings.Contains(s, "AQoDYXdz") {
		s = p.all(sessionToken, "token", s)
	}
	if strings.Contains(s, "eyJ") {
		s = p.all(webToken, "token", s)
	}
	if strings.Contains(s, "k8s-aws-v1.") {
		s = p.all(eksToken, "token", s)
	}
	if strings.Contains(s, "AAAAA") {
		s = p.all(ssoToken, "token", s)
	}
	if strings.Contains(s, "da2-") {
		s = p.all(appSyncKey, "key", s)
	}
	if strings.Contains(s, "ABSK") || strings.Contains(s, "bedrock-api-key-") {
		s = p.all(bedrockKey, "key", s)
	}
	if strings.Contains(s, "PRIVATE KEY") || strings.Contains(s, "PRIVATE+KEY") {
		s = p.all(privateKey, "key", s)
	}
	return s
}

// all replaces all matches of re by pseudonyms.
func (p *pass) all(re lazyregexp.Regexp, kind, s string) string {
	return re.ReplaceAllStringFunc(s, func(v string) string { return p.pseudonym(kind, v) })
}

// phrases redacts what only the words before it identify as a secret.
func (p *pass) phrases(s string) string {
	if len(s) < shortest {
		return s
	}
	if hasRun(s, 40) && (mentions(s, "aws") || mentions(s, "secret")) {
		s = p.second(secretKey, "secret", s, opaqueKey)
	}
	if strings.Contains(s, "failure message: ") {
		s = p.second(encodedMessage, "secret", s, nil)
	}
	if strings.Contains(s, "Private-Lines: ") {
		s = p.second(puttyKey, "key", s, nil)
	}
	if hasRun(s, 16) && (mentions(s, "token") || mentions(s, "password")) {
		s = p.second(inProse, "token", s, mixed)
	}
	return p.schemes(s)
}

// mixed reports whether v has capitals, small letters and digits.
func mixed(v string) bool {
	return strings.ContainsAny(v, upper) && strings.ContainsAny(v, lower) && strings.ContainsAny(v, number)
}

// schemes redacts the value of an Authorization header inside other text.
func (p *pass) schemes(s string) string {
	if strings.Contains(s, "earer") || strings.Contains(s, "EARER") {
		s = p.second(bearer, "token", s, hasDigit)
	}
	if strings.Contains(s, "asic") {
		s = p.second(basic, "credential", s, userAndPassword)
	}
	return s
}

// hasRun reports whether s has n consecutive base64 characters.
func hasRun(s string, n int) bool {
	run := 0
	for i := range len(s) {
		if c := s[i]; !isWord(c) && c != '/' && c != '+' {
			run = 0
		} else if run++; run == n {
			return true
		}
	}
	return false
}

// mentions reports whether s contains word, which is in lower case, ignoring case.
func mentions(s, word string) bool {
	first, upper := word[:1], strings.ToUpper(word[:1])
	for at := 0; ; {
		i := strings.IndexAny(s[at:], first+upper)
		if i < 0 || at+i+len(word) > len(s) {
			return false
		}
		if at += i; strings.EqualFold(s[at:at+len(word)], word) {
			return true
		}
		at++
	}
}

// second replaces the second groups of all matches of re by pseudonyms, if meant returns
// true for them. nil: always.
func (p *pass) second(re lazyregexp.Regexp, kind, s string, meant func(string) bool) string {
	var b strings.Builder
	at := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
		if v := s[m[4]:m[5]]; meant == nil || meant(v) {
			b.WriteString(s[at:m[4]])
			b.WriteString(p.pseudonym(kind, v))
			at = m[5]
		}
	}
	if at == 0 {
		return s
	}
	b.WriteString(s[at:])
	return b.String()
}

// opaqueKey distinguishes a secret access key from a path or a hash of the same length.
func opaqueKey(v string) bool {
	return mixed(v) &&
		strings.Trim(v, lower+upper+number+"+/") == ""
}

func hasDigit(v string) bool { return strings.ContainsAny(v, "0123456789") }

// userAndPassword reports whether v is a credential of the scheme Basic (RFC 7617).
func userAndPassword(v string) bool {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(v, "="))
	return err == nil && strings.Contains(string(b), ":")
}
