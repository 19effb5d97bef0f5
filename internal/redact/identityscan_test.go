package redact

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"detour/internal/fulltest"
)

// oneExpression finds the same as an identityScan, slowly.
var oneExpression = regexp.MustCompile(
	`(?P<left>redacted:[a-z]{1,10}:[0-9a-f]{10}@?|redacted-[a-z]{1,10}-[0-9a-f]{10}(?:@[A-Za-z0-9.-]+)?` +
		`|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})` +
		`|arn:(?P<arn>aws[a-z-]*:[a-zA-Z0-9-]*:[a-z0-9-]*:(?:[0-9]{12})?:[^\s"'<>&,;#?\\)\]}]+)` +
		`|(?P<email>[\p{L}0-9._%+-]+@[\p{L}0-9-]+(?:\.[\p{L}0-9-]+)*\.\p{L}{2,})` +
		`|(?P<address>(?:10|172\.(?:1[6-9]|2[0-9]|3[01])|192\.168|100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]))(?:\.[0-9]{1,3}){2,3}` +
		`|[fF](?:[cdCD][0-9a-fA-F]|[eE][89abAB])[0-9a-fA-F]:[0-9a-fA-F:]{2,}` +
		`|64:[fF]{2}9[bB]::[0-9a-fA-F:]+)` +
		`|(?P<mac>[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}|[0-9a-fA-F]{2}(?:-[0-9a-fA-F]{2}){5})` +
		`|(?P<host>(?:vpce-svc|vpce|vpc|subnet|eni|sgr|sg|rtb|igw|eigw|nat|acl|pcx|tgw-attach|tgw-rtb|tgw|vgw|cgw|vpn|lgw|pl|dopt` +
		`|eipalloc|eipassoc|ami|vol|snap|i|d)-[0-9a-f]{8,17}(?:-[0-9a-z]{8})?|ip-[0-9]{1,3}(?:-[0-9]{1,3}){3})` +
		`|(?P<account>[0-9]{4}-[0-9]{4}-[0-9]{4}|[0-9]{12,})`)

func byExpression(s string) (out []identityMatch) {
	for _, m := range oneExpression.FindAllStringSubmatchIndex(s, -1) {
		for i, kind := range oneExpression.SubexpNames() {
			if kind != "" && m[2*i] >= 0 {
				out = append(out, identityMatch{kind, m[2*i], m[2*i+1]})
			}
		}
	}
	return out
}

func byScan(s string) (out []identityMatch) {
	x := identityScan{s: s}
	for m := x.next(0); m.kind != ""; m = x.next(m.to) {
		out = append(out, m)
	}
	return out
}

// identityParts are what the expression consists of, and what ends it.
var identityParts = []string{
	"arn:aws:", "arn:aws-cn:logs:eu-west-1:123456789012:log-group:x", "arn%3Aaws%3Alogs%3A", "s3:::bucket/key", ":", "::", "redacted:name:0123456789",
	"redacted-name-0123456789", "redacted", "01234567-89ab-cdef-0123-456789abcdef", "12345678-", "1234", "123456789012", "1234-5678-9012", "-", "@", ".",
	"jane.doe", "example.com", "m\u00fcller", "_", "%2F", "%", "+", "10.", "10.0.1.2", "172.16.", "192.168.1.1", "100.64.0.1", "1.1", "fd00:", "fe80::1",
	"64:ff9b::", "64:", "0a:1b:2c:3d:4e:5f", "0a-1b-2c-3d-4e-5f", "vpc-", "vpce-svc-", "vpce-0123456789abcdef0-abcdefgh", "tgw-attach-", "i-01234567",
	"d-", "ip-10-0-1-2", "eipalloc-0123abcd", "snap", "x", "F", " ", "\"", "\n", "/", "\xff", "\u6771", "\U0001f600", "a", "0", "9", "f",
}

func randomIdentities(random *rand.Rand) string {
	var b strings.Builder
	for range 1 + random.IntN(24) {
		b.WriteString(identityParts[random.IntN(len(identityParts))])
	}
	return b.String()
}

func TestIdentityScan_findsWhatOneExpressionDoes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range fulltest.Or(2_000, 20_000) {
		s := randomIdentities(random)
		if want, got := byExpression(s), byScan(s); !slices.Equal(want, got) {
			t.Fatalf("%q: %v, want %v", s, got, want)
		}
	}
}

func FuzzIdentityScan(f *testing.F) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		f.Add(randomIdentities(random))
	}
	f.Fuzz(func(t *testing.T, s string) {
		if want, got := byExpression(s), byScan(s); !slices.Equal(want, got) {
			t.Fatalf("%q: %v, want %v", s, got, want)
		}
	})
}

// manyARNs are texts of that many bytes: with ARNs on lines, and in one word.
func manyARNs(n int) map[string]string {
	const arn = "arn%3Aaws%3Alogs%3Aeu-west-1%3A123456789012%3Alog-group%3A%2Faws%2Flambda%2Fname"
	return map[string]string{
		"lines": strings.Repeat(arn+"\n", n/len(arn)),
		"URL":   "https://h.example/x?a=" + strings.Repeat(arn+"%2C", n/len(arn)),
		"word":  strings.Repeat("a%40b.123456789012", n/18),
	}
}

func BenchmarkIdentities(b *testing.B) {
	strict := New(Options{Strict: true})
	for name, text := range manyARNs(1 << 20) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				redactBody(strict, text, "", nil)
			}
		})
	}
}
