package redact

import (
	"os"
	"strings"
	"testing"

	"detour/internal/lazyregexp"
)

// examples has one text for every alternative of every pattern in patterns.go.
var examples = []struct {
	pattern lazyregexp.Regexp
	texts   []string
}{
	{accessKey, []string{"A3TX0123456789ABCDEF", "AKIA0123456789ABCDEF", "ASIA0123456789ABCDEF", "ABIA0123456789ABCDEF", "ACCA0123456789ABCDEF"}},
	{sessionToken, []string{"IQoJb3JpZ2luX2VjEAA=", "FwoGZXIvYXdzEAA=", "FQoGZXIvYXdzEAA=", "AQoDYXdzEJr0123="}},
	{webToken, []string{"eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2ln"}},
	{bedrockKey, []string{"ABSKQmVkcm9ja0FQSUtleS0x", "bedrock-api-key-YmVkcm9jaw"}},
	{privateKey, []string{"-----BEGIN EC PRIVATE KEY-----\nMHc", "-----BEGIN+RSA+PRIVATE+KEY-----MHc"}},
	{secretKey, []string{"aws key: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "Secret=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}},
	{secretBesideID, []string{"AKIA0123456789ABCDEF,wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}},
	{eksToken, []string{"k8s-aws-v1.aHR0cHM6Ly9zdHM"}},
	{ssoToken, []string{"aoaAAAAAGabcdefgh:MGUCMQabcdefgh", "aorAAAAAGabcdefgh"}},
	{appSyncKey, []string{"da2-abcdefghijklmnopqrstuvwxyz"}},
	{puttyKey, []string{"Private-Lines: 1\nAAAAabcd\nPrivate-MAC: 12"}},
	{inProse, []string{"token abcdefghij0123456789A", "Password is 'abcdefghij0123456789A'"}},
	{encodedMessage, []string{"Encoded authorization failure message: abcdefghij0123456789"}},
	{bearer, []string{"Bearer abcdefgh1", "BEARER abcdefgh1", "bearer+abcdefgh1"}},
	{basic, []string{"Basic bWU6cGFzcw==", "basic+bWU6cGFzcw=="}},
}

// Each pattern is applied only after a cheaper test for its first characters, so a new
// pattern also needs a case there.
func TestPatterns_passTheTestsThatComeBeforeThem(t *testing.T) {
	for _, e := range examples {
		for _, text := range e.texts {
			if !e.pattern.MatchString(text) {
				t.Errorf("%v doesn't match its example %q", e.pattern, text)
			}
			for _, in := range []string{text, "a text with " + text} {
				p := the.pass()
				if out := p.phrases(p.credentials(in)); out == in {
					t.Errorf("%q matches %v, but isn't redacted", in, e.pattern)
				}
			}
		}
	}
}

func TestPatterns_allHaveAnExample(t *testing.T) {
	source, err := os.ReadFile("patterns.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), "lazyregexp.New("); n != len(examples) {
		t.Errorf("patterns.go has %d patterns, and %d have an example", n, len(examples))
	}
}
