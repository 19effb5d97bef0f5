package redact

import (
	"testing"

	"detour/internal/flow"
)

func TestText_aHostIsNotTheNameOfASecret(t *testing.T) {
	for _, s := range []string{
		"secretsmanager.us-east-1.amazonaws.com:443",
		"dial tcp: lookup secretsmanager.us-east-1.amazonaws.com: i/o timeout",
		"secretsmanager.us-east-1.amazonaws.com.cn: 10.0.1.5, 10.0.2.5",
		"token.corp.example:8443",
		"my-secret-bucket.s3.eu-west-1.amazonaws.com=52.218.0.1",
		`{"secretsmanager.us-east-1.api.aws": {"ip": "10.0.1.5"}, "credentials.iot.us-east-1.amazonaws.com:443": "refused"}`,
	} {
		if got := the.Text(s); got != s {
			t.Errorf("%s\nbecomes %s", s, got)
		}
	}
	for _, s := range []string{"db.password:12345", "db.password:443", "user.token: 8443"} {
		if got := the.Text(s); got == s {
			t.Errorf("%s stays", s)
		}
	}
}

func TestFlow_theAuthorityOfASecretsHostStays(t *testing.T) {
	const authority = "secretsmanager.us-east-1.amazonaws.com:443"
	f := &flow.Flow{
		AWS:  &flow.AWS{Service: "cognito-idp"},
		Conn: &flow.Conn{Authority: authority, Resolution: &flow.Resolution{Name: "secretsmanager.us-east-1.amazonaws.com"}},
	}
	if the.Flow(f); f.Conn.Authority != authority {
		t.Errorf("got %s", f.Conn.Authority)
	}
}

// TestText_keepsThePatternOfABrowsersPolicy: what stands before the colon of a password looks like it.
func TestText_keepsThePatternOfABrowsersPolicy(t *testing.T) {
	const s = "set the policy to https://[*.]console.aws.amazon.com (Chrome and Edge)"
	if got := the.Text(s); got != s {
		t.Errorf("%q", got)
	}
}
