package redact

import (
	"encoding/base64"
	"regexp"
	"strings"
)

// What a credential looks like, wherever it is.
var (
	// The prefixes of access key IDs (IAM user guide, "Unique identifiers").
	accessKey = regexp.MustCompile(`(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,124}`)
	// Session tokens of STS are base64 of a message that begins alike.
	sessionToken = regexp.MustCompile(`(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz|AQoDYXdz)[A-Za-z0-9+/=_%.-]*`)
	// A JSON Web Token begins with base64 of {". Its middle names the user.
	webToken = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)*`)
	// API keys of Bedrock, long and short-lived.
	bedrockKey = regexp.MustCompile(`ABSK[A-Za-z0-9+/=%]{20,}|bedrock-api-key-[A-Za-z0-9+/=%_-]+`)
	privateKey = regexp.MustCompile(`(?s)-----BEGIN[A-Z +]*PRIVATE[ +]KEY.*?(?:-----END[A-Z +]*PRIVATE[ +]KEY-----|$)`)
	// A secret access key, where the word aws or secret is near (gitleaks, MIT).
	secretKey = regexp.MustCompile(`(?i)((?:aws|secret)[^\n]{0,24}[=:"' ])([A-Za-z0-9/+]{40})(?:$|[^A-Za-z0-9/+=])`)
	// What EC2 says instead of why (DecodeAuthorizationMessage).
	encodedMessage = regexp.MustCompile(`(?i)(authorization failure message: )([A-Za-z0-9_+/=-]{20,})`)
	bearer         = regexp.MustCompile(`(?i)\b(bearer[ +])([A-Za-z0-9+/=._~-]{8,})`)
	basic          = regexp.MustCompile(`\b([Bb]asic[ +])([A-Za-z0-9+/]{8,}={0,2})`)
)

// shortest is the length below which nothing is known by its looks.
const shortest = 14

// looks takes out what is known for a credential by its looks, and strictly what
// identifies somebody.
func (p *pass) looks(s string) string { return p.identities(p.credentials(s)) }

// suspect reports whether s may hold a credential: almost no value does, so this
// one look at each byte is all that most of them cost.
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

// credentials takes out what is known for a credential by its looks.
func (p *pass) credentials(s string) string {
	if len(s) < shortest || !suspect(s) {
		return s
	}
	for _, begin := range [...]string{"AKIA", "ASIA", "ABIA", "ACCA", "A3T"} {
		if strings.Contains(s, begin) {
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
	if strings.Contains(s, "ABSK") || strings.Contains(s, "bedrock-api-key-") {
		s = p.all(bedrockKey, "key", s)
	}
	if strings.Contains(s, "PRIVATE KEY") || strings.Contains(s, "PRIVATE+KEY") {
		s = p.all(privateKey, "key", s)
	}
	return s
}

// all makes pseudonyms of all that re matches.
func (p *pass) all(re *regexp.Regexp, kind, s string) string {
	return re.ReplaceAllStringFunc(s, func(v string) string { return p.pseudonym(kind, v) })
}

// phrases takes out what only words before it tell.
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
	return p.schemes(s)
}

// schemes takes out what Authorization has, where it is in other words.
func (p *pass) schemes(s string) string {
	if strings.Contains(s, "earer") || strings.Contains(s, "EARER") {
		s = p.second(bearer, "token", s, hasDigit)
	}
	if strings.Contains(s, "asic") {
		s = p.second(basic, "credential", s, userAndPassword)
	}
	return s
}

// hasRun reports whether n characters of base64 follow one another.
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

// mentions reports whether word, in lower case, is in s in any case.
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

// second makes pseudonyms of the second groups of all that re matches, if they are
// what is meant. nil: all are.
func (p *pass) second(re *regexp.Regexp, kind, s string, meant func(string) bool) string {
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

// opaqueKey tells a secret access key from a path or a hash of the same length.
func opaqueKey(v string) bool {
	return strings.ContainsAny(v, upper) && strings.ContainsAny(v, lower) && strings.ContainsAny(v, number) && strings.Trim(v, lower+upper+number+"+/") == ""
}

func hasDigit(v string) bool { return strings.ContainsAny(v, "0123456789") }

// userAndPassword reports whether v is what Basic sends (RFC 7617).
func userAndPassword(v string) bool {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(v, "="))
	return err == nil && strings.Contains(string(b), ":")
}
