package redact

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"detour/internal/flow"
)

// canary stands for a secret: it must not be seen again.
const canary = "s3cr3tCanary0123456789"

// the is a Redactor of one capture.
var the = New(Options{Key: []byte("a key of thirty-two random bytes")})

func newPass() *pass { return the.pass() }

var anyPseudonym = regexp.MustCompile(`redacted(?::|%(?:25)*3A)([a-z]+)(?::|%(?:25)*3A)[0-9a-f]{10}`)

// short writes pseudonyms as <kind>, for tables.
func short(s string) string { return anyPseudonym.ReplaceAllString(s, "<$1>") }

func TestFlow_keepsWhatHappenedAndNothingElse(t *testing.T) {
	const signed = "AWS4-HMAC-SHA256 Credential=ASIAABCDEFGHIJKLMNOP/20261123/ap-northeast-1/logs/aws4_request, SignedHeaders=host;x-amz-date, Signature="
	for _, tc := range []struct{ name, in, want string }{
		{
			"Authorization", signed + canary,
			"AWS4-HMAC-SHA256 Credential=ASIA…MNOP/20261123/ap-northeast-1/logs/aws4_request, SignedHeaders=host;x-amz-date, Signature=<signature>",
		},
		{
			"authorization", "AWS4-ECDSA-P256-SHA256 Credential=ASIAABCDEFGHIJKLMNOP/20261123/s3/aws4_request,SignedHeaders=host,Signature=" + canary,
			"AWS4-ECDSA-P256-SHA256 Credential=ASIA…MNOP/20261123/s3/aws4_request, SignedHeaders=host, Signature=<signature>",
		},
		{"authorization", "AWS4-HMAC-SHA256 Credential=" + canary + "/x, SignedHeaders=" + canary, "AWS4-HMAC-SHA256 Credential=<credential>, SignedHeaders=<header>"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=a…" + canary + "/20261123/s3/aws4_request", "AWS4-HMAC-SHA256 Credential=<key>/20261123/s3/aws4_request"},
		{"authorization", "AWS4-HMAC-SHA256 " + canary, "AWS4-HMAC-SHA256 <credential>"},
		{"authorization", "AWS AKIAABCDEFGHIJKLMNOP:" + canary, "AWS <credential>"},
		{"authorization", "Bearer " + canary, "Bearer <credential>"},
		{"Authorization", canary, "<credential>"},
		{"Proxy-Authorization", "Basic " + canary, "Basic <credential>"},
		{"Proxy-Authenticate", "Negotiate", "Negotiate"},
		{"Cookie", "aws-creds=" + canary + "; b=" + canary, "aws-creds=<cookie>; b=<cookie>"},
		{"Cookie", canary, "<cookie>"},
		{"Set-Cookie", "a=" + canary + "; Path=/; HttpOnly; Odd=" + canary, "a=<cookie>; Path=/; HttpOnly"},
		{"Set-Cookie", canary, "<cookie>"},
		{
			"Set-Cookie", "a=" + canary + "; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/, b=" + canary + "; Secure,c=" + canary,
			"a=<cookie>; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/, b=<cookie>; Secure, c=<cookie>",
		},
		{"Set-Cookie", "a=" + canary + "; Path=/x?token=" + canary + "; Domain=x," + canary, "a=<cookie>; Path=/x?token=<token>; Domain=<cookie>"},
		{"Grpc-Status", "7", "7"},
		{"Grpc-Message", "permission denied", "permission denied"},
		{"Grpc-Message", "no: password%3D" + canary, "no: password=<password>"},
		{"X-Amzn-Requestid", canary + " and more", "<header>"},
		{"X-Amzn-Errortype", "AccessDenied:http://internal.amazon.com/coral/", "AccessDenied:http://internal.amazon.com/coral/"},
		{"X-Amzn-Query-Error", "AWS.SimpleQueueService.NonExistentQueue;Sender", "AWS.SimpleQueueService.NonExistentQueue;Sender"},
		{"X-Amzn-Errortype", "not a code " + canary, "<header>"},
		{"X-Amz-Id-2", strings.Repeat("x", 129), "<header>"},
		{"X-Amz-Security-Token", canary, "<token>"},
		{"x-amz-console-signature", canary, "<signature>"},
		{"X-CSRF-Token", canary, "<csrf>"},
		{"X-Unheard-Of", canary, "<header>"},
		{"X-Unheard-Of", "", ""},
		{"ETag", canary, "<header>"},
		{"X-Amz-Content-Sha256", canary, "<hash>"},
		{"X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD"},
		{"X-Amz-Target", "Logs_20140328.DescribeLogGroups", "Logs_20140328.DescribeLogGroups"},
		{"X-Amzn-Requestid", "2e9c1f4a-0000-4000-8000-000000000000", "2e9c1f4a-0000-4000-8000-000000000000"},
		{"Access-Control-Request-Headers", "authorization,x-amz-target", "authorization,x-amz-target"},
		{"Sec-Fetch-Mode", "cors", "cors"},
		{"Origin", "https://console.aws.amazon.com", "https://console.aws.amazon.com"},
		{"Referer", "https://console.aws.amazon.com/?code=" + canary, "https://console.aws.amazon.com/?code=<code>"},
		{"Location", "/x?SigninToken=" + canary, "/x?SigninToken=<token>"},
		{"User-Agent", "x ASIAABCDEFGHIJKLMNOP y", "x ASIA…MNOP y"},
		{"X-Amzn-Trace-Id", "IQoJb3JpZ2lu" + canary, "<token>"},
		{"Accept", "eyJhbGciOi." + canary + "." + canary, "<token>"},
		{"Via", "ABSK" + canary + canary, "<key>"},
		{"Server", "x -----BEGIN RSA PRIVATE KEY----- " + canary, "x <key>"},
	} {
		f := flow.Flow{Request: flow.Request{Headers: []flow.Header{{Name: tc.name, Value: tc.in}}}}
		the.Flow(&f)
		if got := f.Request.Headers[0]; short(got.Value) != tc.want || got.Name != tc.name {
			t.Errorf("%s: got %q, want %q", got.Name, short(got.Value), tc.want)
		}
	}
}

func TestFlow_separatesJoinedCookies(t *testing.T) {
	const cookie = "; Path=/; Secure"
	for _, v := range []string{
		"a=" + canary + cookie + "\nb=" + canary + cookie,
		"a=" + canary + cookie + "\r\nb=" + canary + cookie,
		`["a=` + canary + cookie + `","b=` + canary + cookie + `"]`,
	} {
		f := flow.Flow{Response: &flow.Response{Headers: []flow.Header{{Name: "x", Value: ""}, {Name: "Set-Cookie", Value: v}, {Name: "y", Value: ""}}}}
		the.Flow(&f)
		const want = "[{x } {Set-Cookie a=<cookie>; Path=/; Secure} {Set-Cookie b=<cookie>; Path=/; Secure} {y }]"
		if got := short(fmt.Sprint(f.Response.Headers)); got != want {
			t.Errorf("%q is\n%s; want\n%s", v, got, want)
		}
	}
}

func TestFlow_reachesEveryPlaceAndLeavesTheCallersValuesAlone(t *testing.T) {
	hs := []flow.Header{{Name: "Cookie", Value: "a=" + canary}}
	response := &flow.Response{Headers: hs}
	failure := &flow.Failure{Stage: flow.StageDial, Message: `Get "https://h/?token=` + canary + `&x=1": refused`}
	f := flow.Flow{
		Request: flow.Request{URL: "https://h/?token=" + canary, Headers: hs},
		Page:    "https://h/?code=" + canary, Response: response, Failure: failure,
	}
	the.Flow(&f)
	if got, want := short(f.Failure.Message), `Get "https://h/?token=<token>&x=1": refused`; got != want {
		t.Errorf("failure: %q, want %q", got, want)
	}
	for _, s := range []string{f.Request.URL, f.Page, f.Request.Headers[0].Value, f.Response.Headers[0].Value} {
		if strings.Contains(s, canary) {
			t.Errorf("the secret survives in %q", s)
		}
	}
	if hs[0].Value != "a="+canary || response.Headers[0].Value != "a="+canary || !strings.Contains(failure.Message, canary) {
		t.Error("what was given is changed")
	}
}

func FuzzHeader(f *testing.F) {
	f.Add("Authorization", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=c, Signature=d")
	f.Add("Set-Cookie", "a=b; Path=/")
	f.Add("Cookie", ";=;")
	f.Add("Referer", "https://h/?a=%2541KIAABCDEFGHIJKLMNOP")
	f.Add("Server", "AKIAABCDEFGHIJKLMNOPeyJaaaaa.b")
	f.Fuzz(func(t *testing.T, name, v string) {
		name = strings.ToLower(name)
		if once := strict.pass().field(name, v); strict.pass().field(name, once) != once {
			t.Errorf("%s not idempotent: strictly %q then %q", name, once, strict.pass().field(name, once))
		}
		once := newPass().field(name, v)
		if twice := newPass().field(name, once); twice != once {
			t.Errorf("%s not idempotent: %q then %q", name, once, twice)
		}
		if len(once) > 3*len(v)+100 {
			t.Errorf("%s grows from %d to %d bytes", name, len(v), len(once))
		}
		for _, secret := range []string{"cookie", "x-amz-security-token", "x-csrf-token", "authorization", "set-cookie"} {
			for _, v := range []string{"x=" + canary + ";" + v, v + " " + canary} {
				if got := newPass().field(secret, v); strings.Contains(got, canary) && !strings.Contains(cookieNames(v), canary) {
					t.Errorf("%s: the secret survives in %q", secret, got)
				}
			}
		}
	})
}

// cookieNames are the parts of v that a cookie header keeps: what stands before
// '=', and attributes.
func cookieNames(v string) string {
	var names []string
	for _, p := range strings.Split(v, ";") {
		name, _, ok := strings.Cut(p, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "domain", "path", "expires", "max-age", "secure", "httponly", "samesite", "partitioned", "priority":
			names = append(names, p)
		default:
			if ok {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, ";")
}

func BenchmarkFlow(b *testing.B) {
	f := flow.Flow{Request: flow.Request{
		URL: "https://ap-northeast-1.console.aws.amazon.com/ec2/ecb/elastic/?call=com.amazonaws.ec2.AmazonEC2.DescribeInstances?",
		Headers: []flow.Header{
			{Name: "authorization", Value: "AWS4-HMAC-SHA256 Credential=ASIAABCDEFGHIJKLMNOP/20261123/ap-northeast-1/logs/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"},
			{Name: "user-agent", Value: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"},
			{Name: "accept", Value: "*/*"},
			{Name: "content-type", Value: "application/x-amz-json-1.0"},
			{Name: "cookie", Value: "aws-creds=a; aws-userInfo=b; session-id=c; x=d"},
			{Name: "x-amz-target", Value: "Logs_20140328.DescribeLogGroups"},
			{Name: "x-amz-security-token", Value: strings.Repeat("x", 1000)},
			{Name: "referer", Value: "https://ap-northeast-1.console.aws.amazon.com/"},
		},
	}}
	b.ReportAllocs()
	for b.Loop() {
		g := f
		the.Flow(&g)
	}
}

func TestFlow_whatAnUpstreamProxySaidIsRedactedInACopy(t *testing.T) {
	via := &flow.Via{
		Status: 407, Err: "it answered 407 for https://u:hunter2@h/", Body: "see https://proxy.corp/login?token=hunter2",
		Headers: []flow.Header{{Name: "Set-Cookie", Value: "s=hunter2"}, {Name: "Proxy-Authenticate", Value: "Basic realm=\"corp\""}},
	}
	f := flow.Flow{Conn: &flow.Conn{Via: via}, Unused: []*flow.Conn{{}, {Via: via}}}
	unused := f.Unused
	the.Flow(&f)
	if got := fmt.Sprintf("%+v", f.Unused[1].Via); strings.Contains(got, "hunter2") {
		t.Errorf("of a dial that wasn't used is kept %s", got)
	}
	if unused[1].Via != via || f.Unused[0] != unused[0] {
		t.Error("what the flow pointed at was written to, or copied without need")
	}
	if got := fmt.Sprintf("%+v", f.Conn.Via); strings.Contains(got, "hunter2") || !strings.Contains(got, "Basic") {
		t.Errorf("kept %s", got)
	}
	if !strings.Contains(via.Body, "hunter2") {
		t.Error("the connection's own record was written to")
	}
}
