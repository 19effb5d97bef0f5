package intake

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"detour/internal/flow"
	"detour/internal/flow/alltext"
)

// canary is part of every secret that these tests put into a flow.
const canary = "cNrY7"

// closed has the types whose values are of closed sets. What is read from a file is checked for
// that (flow.Record.Valid).
var closed = map[reflect.Type]bool{
	reflect.TypeFor[flow.Source]():        true,
	reflect.TypeFor[flow.State]():         true,
	reflect.TypeFor[flow.Origin]():        true,
	reflect.TypeFor[flow.Evidence]():      true,
	reflect.TypeFor[flow.Exporter]():      true,
	reflect.TypeFor[flow.Stage]():         true,
	reflect.TypeFor[flow.FailureKind]():   true,
	reflect.TypeFor[flow.LaterKind]():     true,
	reflect.TypeFor[flow.CheckKind]():     true,
	reflect.TypeFor[flow.CheckOutcome]():  true,
	reflect.TypeFor[flow.Side]():          true,
	reflect.TypeFor[flow.DNSOutcome]():    true,
	reflect.TypeFor[flow.DNSSource]():     true,
	reflect.TypeFor[flow.DialOutcome]():   true,
	reflect.TypeFor[flow.InterfaceKind](): true,
	reflect.TypeFor[flow.TLSOutcome]():    true,
	reflect.TypeFor[flow.Issuer]():        true,
	reflect.TypeFor[flow.ClientCert]():    true,
	reflect.TypeFor[flow.Trait]():         true,
	reflect.TypeFor[flow.Part]():          true,
	reflect.TypeFor[flow.Shortage]():      true,

	reflect.TypeFor[flow.PreflightSource](): true,
}

// kinds are secrets as they may appear in any text; each has the canary once.
var kinds = map[string]func(n int) string{
	"a presigned URL": func(n int) string {
		return fmt.Sprintf("https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=%s%04dabcdef", canary, n)
	},
	"a named secret": func(n int) string {
		return fmt.Sprintf("aws_secret_access_key=%s%04dUtnFEMIK7MDENGbPxRfiCYEXAMPLE", canary, n)
	},
	"a bearer token":  func(n int) string { return fmt.Sprintf("Authorization: Bearer %s%04d.abcdefgh", canary, n) },
	"a web token":     func(n int) string { return fmt.Sprintf("got eyJhbGciOiJub25l.%s%04d.abc", canary, n) },
	"a session token": func(n int) string { return fmt.Sprintf("IQoJb3JpZ2luX2Vj%s%04dabcdefghijkl", canary, n) },
	"a cookie":        func(n int) string { return fmt.Sprintf("Cookie: aws-creds=%s%04dabc", canary, n) },
	"a URL's password": func(n int) string {
		return fmt.Sprintf("proxy http://user:%s%04d@proxy.example:3128 said no", canary, n)
	},
	"JSON with a token": func(n int) string { return fmt.Sprintf(`{"sessionToken":"%s%04d"}`, canary, n) },
}

// filled returns a flow with a secret in each of its texts.
func filled(secret func(n int) string) *flow.Flow {
	f, n := &flow.Flow{}, 0
	alltext.Fill(f, func(_ string, of reflect.Type) string {
		if closed[of] {
			return ""
		}
		n++
		return secret(n)
	})
	f.ID, f.State = 1, flow.StateDone
	return f
}

func checkNoCanary(t *testing.T, what string, p any) {
	t.Helper()
	alltext.Each(p, func(path, text string) {
		if strings.Contains(text, canary) {
			t.Errorf("%s: %s is %q", what, path, text)
		}
	})
}

// TestTake_leavesNoSecretInAnyText checks every text of a flow, including fields that are added
// later.
func TestTake_leavesNoSecretInAnyText(t *testing.T) {
	tables := load(t)
	for kind, secret := range kinds {
		for _, strict := range []bool{false, true} {
			in := New(Config{Tables: tables, Strict: strict})
			f := filled(secret)
			in.Take(f)
			checkNoCanary(t, kind, f)
		}
	}
}

// TestTake_leavesNoSecretInTheNamesOfACall checks what Tag takes from a request and its
// response.
func TestTake_leavesNoSecretInTheNamesOfACall(t *testing.T) {
	tables := load(t)
	for kind, secret := range kinds {
		f := filled(secret)
		f.Request.Method, f.Request.URL = "POST", "https://logs.us-east-1.amazonaws.com/"
		f.Request.Headers = []flow.Header{{Name: "X-Amz-Target", Value: "Logs_20140328.DescribeLogGroups"}, {Name: "Authorization", Value: "AWS4-HMAC-SHA256 Credential=" + secret(1)}}
		f.Response.Status = 403
		f.Response.Headers = []flow.Header{{Name: "X-Amzn-Requestid", Value: secret(2)}, {Name: "X-Amz-Id-2", Value: secret(3)}, {Name: "X-Amzn-Errortype", Value: secret(4)}}
		f.Response.Body = []byte(fmt.Sprintf(`{"__type":%q,"message":%q}`, secret(5), secret(6)))
		in := New(Config{Tables: tables})
		in.Take(f)
		if f.AWS == nil || f.AWS.Error == nil || f.AWS.Operation != "DescribeLogGroups" {
			t.Fatalf("%s: the call is %+v", kind, f.AWS)
		}
		checkNoCanary(t, kind, f)
	}
}

// TestUpdate_leavesNoSecretInWhatComesLater checks a revision that adds the result of the
// connection only.
func TestUpdate_leavesNoSecretInWhatComesLater(t *testing.T) {
	tables := load(t)
	for kind, secret := range kinds {
		for _, strict := range []bool{false, true} {
			in := New(Config{Tables: tables, Strict: strict})
			first := &flow.Flow{ID: 1, Rev: 1, State: flow.StateConnecting, Request: flow.Request{Method: "GET", URL: "https://logs.us-east-1.amazonaws.com/"}}
			in.Take(first)
			later := filled(secret)
			later.Origin, later.Why, later.AWS, later.Page, later.Request, later.Response = first.Origin, first.Why, first.AWS, first.Page, first.Request, first.Response
			later.Rev = 2
			in.Update(later)
			checkNoCanary(t, kind, later)
		}
	}
}

func TestConn_leavesNoSecretAndSharesWhatHasNone(t *testing.T) {
	in := New(Config{Tables: load(t)})
	for kind, secret := range kinds {
		c := filled(secret).Conn
		before := fmt.Sprintf("%+v", *c.TLS)
		got := in.Conn(c)
		checkNoCanary(t, kind, got)
		if now := fmt.Sprintf("%+v", *c.TLS); now != before {
			t.Errorf("%s: the connection was written to: %s", kind, now)
		}
		if in.Conn(got) != got {
			t.Errorf("%s: a connection that was redacted is copied again", kind)
		}
	}
	plain := filled(func(n int) string { return fmt.Sprintf("host-%d.example", n) }).Conn
	plain.Via.Headers = nil // unknown headers are redacted
	if in.Conn(plain) != plain {
		t.Error("a connection without a secret is copied")
	}
}

// TestRead_leavesNoSecretInWhatAFileSaysOfItself checks its environment, steps and counts.
func TestRead_leavesNoSecretInWhatAFileSaysOfItself(t *testing.T) {
	for kind, secret := range kinds {
		c, n := &flow.Capture{}, 0
		alltext.Fill(c, func(_ string, of reflect.Type) string {
			if closed[of] || of == reflect.TypeFor[flow.Level]() || of == reflect.TypeFor[flow.Confidence]() {
				return ""
			}
			n++
			return secret(n)
		})
		c.Flows, c.Findings = nil, nil // flows are prepared, findings are determined again
		c.File = ""                    // the user named it
		redactAbout(c, New(Config{}).redacts, false)
		checkNoCanary(t, kind, c)
	}
}
