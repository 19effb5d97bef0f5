package redact

import (
	"strings"
	"testing"

	"detour/internal/flow"
)

const canary = "s3cr3tCanary0123456789"

func TestFlow_keepsWhatHappenedAndNothingElse(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{
			"Authorization", "AWS4-HMAC-SHA256 Credential=ASIAABCDEFGHIJKLMNOP/20261123/ap-northeast-1/logs/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + canary,
			"AWS4-HMAC-SHA256 Credential=ASIA…MNOP/20261123/ap-northeast-1/logs/aws4_request, SignedHeaders=host;x-amz-date, Signature=REDACTED",
		},
		{"authorization", "Bearer " + canary, "Bearer [redacted, 22 bytes]"},
		{"Authorization", canary, "[redacted, 22 bytes]"},
		{"Cookie", "aws-creds=" + canary + "; b=" + canary, "aws-creds=REDACTED; b=REDACTED"},
		{"Set-Cookie", "a=" + canary + "; Path=/; HttpOnly; Odd=" + canary, "a=REDACTED; Path=/; HttpOnly"},
		{"X-Amz-Security-Token", canary, "[redacted, 22 bytes]"},
		{"X-Unheard-Of", canary, "[redacted, 22 bytes]"},
		{"X-Amz-Target", "Logs_20140328.DescribeLogGroups", "Logs_20140328.DescribeLogGroups"},
		{"User-Agent", "x ASIAABCDEFGHIJKLMNOP y", "x ASIA…MNOP y"},
		{"Referer", "https://console.aws.amazon.com/?code=" + canary, "https://console.aws.amazon.com/?code=REDACTED"},
		{"X-Amzn-Trace-Id", "IQoJb3JpZ2lu" + canary, "REDACTED"},
	} {
		f := flow.Flow{Request: flow.Request{Headers: []flow.Header{{Name: tc.name, Value: tc.in}}}}
		Flow(&f)
		if got := f.Request.Headers[0].Value; got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestFlow_leavesTheCallersSlicesAlone(t *testing.T) {
	hs := []flow.Header{{Name: "Cookie", Value: "a=b"}}
	f := flow.Flow{Request: flow.Request{Headers: hs}, Response: &flow.Response{Headers: hs}}
	Flow(&f)
	if hs[0].Value != "a=b" {
		t.Errorf("the slice that was given is changed: %v", hs)
	}
}

func TestURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://c/ec2/ecb/elastic/?call=com.amazonaws.ec2.AmazonEC2.DescribeInstances?":                                                               "https://c/ec2/ecb/elastic/?call=com.amazonaws.ec2.AmazonEC2.DescribeInstances?",
		"https://c/p/log/1/cloudwatch/1/OP/&k0=GetMetricData_Time&m0=105151&cb=17":                                                                     "https://c/p/log/1/cloudwatch/1/OP/&k0=GetMetricData_Time&m0=105151&cb=17",
		"https://user:" + canary + "@h/p":                                                                                                              "https://REDACTED@h/p",
		"https://b.s3.amazonaws.com/k?X-Amz-Signature=" + canary + "&X-Amz-Credential=ASIAABCDEFGHIJKLMNOP%2F20261123%2Fus-east-1%2Fs3%2Faws4_request": "https://b.s3.amazonaws.com/k?X-Amz-Signature=REDACTED&X-Amz-Credential=ASIA…MNOP/20261123/us-east-1/s3/aws4_request",
		"https://h/#access_token=" + canary:                                                                                                            "https://h/#access_token=REDACTED",
		"https://h/home#Instances:":                                                                                                                    "https://h/home#Instances:",
		"https://h/?next=https%3A%2F%2Fi%2F%3Fcode%3D" + canary:                                                                                        "https://h/?next=https%3A%2F%2Fi%2F%3Fcode%3DREDACTED",
		"https://h/?a=%zz" + canary:                                                                                                                    "https://h/?a=REDACTED",
		"h.example:443":                                                                                                                                "h.example:443",
	} {
		if got := URL(in); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}

func FuzzURL(f *testing.F) {
	f.Add("https://h/a?x=1&code=", "&y=2")
	f.Add("https://h/?next=https%3A%2F%2Fi%2F%3Ftoken%3D", "#frag")
	f.Add("%", "?")
	f.Fuzz(func(t *testing.T, before, after string) {
		once := URL(before + after)
		if twice := URL(once); twice != once {
			t.Errorf("not idempotent: %q then %q", once, twice)
		}
		if got := URL("https://h/?" + "X-Amz-Security-Token=" + canary + "&" + after); strings.Contains(got, canary) {
			t.Errorf("the token survives in %q", got)
		}
	})
}

func FuzzHeader(f *testing.F) {
	f.Add("Authorization", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=c, Signature=d")
	f.Add("Set-Cookie", "a=b; Path=/")
	f.Fuzz(func(t *testing.T, name, v string) {
		once := value(strings.ToLower(name), v)
		if twice := value(strings.ToLower(name), once); twice != once {
			t.Errorf("%s not idempotent: %q then %q", name, once, twice)
		}
	})
}
