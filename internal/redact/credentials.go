package redact

import (
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
	privateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY.*`)
)

// credentials takes out what is known for a credential by its looks. The plain
// searches come first because almost no value holds one.
func credentials(s string) string {
	for _, begin := range [...]string{"AKIA", "ASIA", "ABIA", "ACCA", "A3T"} {
		if strings.Contains(s, begin) {
			s = accessKey.ReplaceAllStringFunc(s, keyID)
			break
		}
	}
	if strings.Contains(s, "QoGZXIvYXdz") || strings.Contains(s, "woGZXIvYXdz") ||
		strings.Contains(s, "IQoJb3JpZ2lu") || strings.Contains(s, "AQoDYXdz") {
		s = sessionToken.ReplaceAllLiteralString(s, gone)
	}
	if strings.Contains(s, "eyJ") {
		s = webToken.ReplaceAllLiteralString(s, gone)
	}
	if strings.Contains(s, "ABSK") || strings.Contains(s, "bedrock-api-key-") {
		s = bedrockKey.ReplaceAllLiteralString(s, gone)
	}
	if strings.Contains(s, "PRIVATE KEY") {
		s = privateKey.ReplaceAllLiteralString(s, gone)
	}
	return s
}
