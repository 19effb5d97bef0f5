package redact

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"detour/internal/flow"
)

// credentialsByLooks are secrets that no name needs to tell; %s is what mustn't be
// seen again.
var credentialsByLooks = map[string]string{
	"an access key":    "AKIA%s",
	"a session token":  "IQoJb3JpZ2lu%s/+a==",
	"an older one":     "FwoGZXIvYXdz%s",
	"a web token":      "eyJhbGciOiJub25lIn0.%s.c2ln",
	"Bedrock's key":    "ABSK%s0123456789abcdefgh",
	"a short-lived":    "bedrock-api-key-%s",
	"a private key":    "-----BEGIN EC PRIVATE KEY-----\n%s\n-----END EC PRIVATE KEY-----",
	"a presigned URL":  "https://b.s3.amazonaws.com/k?X-Amz-Signature=%s&X-Amz-Security-Token=%[1]s",
	"CloudFront's":     "https://d.cloudfront.net/k?Policy=%s&Signature=%[1]s&Key-Pair-Id=%[1]s",
	"S3's elder":       "https://b.s3.amazonaws.com/k?AWSAccessKeyId=%s&Signature=%[1]s&Expires=1",
	"a password in it": "https://me:%s@h/p",
	"Bearer":           "Bearer %s",
	"two names deep":   `{"a":"{\"token\":\"%s\"}"}`,
}

func TestFlow_noCredentialSurvivesUnderAnyName(t *testing.T) {
	n := 0
	for place, put := range placements {
		for what, form := range credentialsByLooks {
			n++
			core := fmt.Sprintf("CANARY%04dX7", n)
			f := &flow.Flow{Request: flow.Request{URL: "https://h/p"}, Response: &flow.Response{}}
			secret := fmt.Sprintf(form, core)
			if place == "a header" || place == "SigV4" || strings.Contains(place, "user") {
				secret = url.QueryEscape(secret)
			}
			put(f, "thing", secret)
			the.Flow(f)
			if got := everything(f); strings.Contains(got, core) {
				t.Errorf("%s survives in %s: %.300s", what, place, got[strings.Index(got, core)-40:])
			}
		}
	}
}

func TestText_ofWebSocketsAndEnvironments(t *testing.T) {
	for in, want := range map[string]string{
		`{"action":"auth","token":"` + canary + `"}`:                       `{"action":"auth","token":"<token>"}`,
		`42["login",{"password":"` + canary + `"}]`:                        `42["login",{"password":"<password>"}]`,
		"HTTPS_PROXY=http://me:" + canary + "@proxy:3128":                  "HTTPS_PROXY=http://<user>@proxy:3128",
		"--upstream-proxy=http://me:" + canary + "@proxy:3128":             "--upstream-proxy=http://<user>@proxy:3128",
		"AWS_SECRET_ACCESS_KEY=" + canary:                                  "AWS_SECRET_ACCESS_KEY=<secret>",
		"proxy me:" + canary + "@proxy:3128 said no":                       "proxy <user>@proxy:3128 said no",
		"aws key is wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY, see mail":    "aws key is <secret>, see mail",
		"Encoded authorization failure message: abcdefghij" + canary + ".": "Encoded authorization failure message: <secret>.",
		"opened Dashboards at 10:05, then http://h/?a=1":                   "opened Dashboards at 10:05, then http://h/?a=1",
		"mail me@example.com: no":                                          "mail me@example.com: no",
		"default via 10.0.0.1 dev eth0 proto dhcp metric 100":              "default via 10.0.0.1 dev eth0 proto dhcp metric 100",
	} {
		if got := short(the.Text(in)); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}
