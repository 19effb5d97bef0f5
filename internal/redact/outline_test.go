package redact

import (
	"strings"
	"testing"

	"detour/internal/flow"
)

// TestFlow_credentialRequestsKeepWhichCallTheyAre checks that of bodies with credentials
// nothing stays but the call's name.
func TestFlow_credentialRequestsKeepWhichCallTheyAre(t *testing.T) {
	const sign = `{"Service":"logs","Endpoint":"logs.us-east-1.amazonaws.com","HttpMethod":"POST","Path":"/","Headers":{` +
		`"X-Amz-Target":"Logs_20140328.DescribeLogStreams","X-Amz-Security-Token":"CANARY"},"Body":"{\"a\":\"CANARY\"}"}`
	for in, want := range map[string]string{
		"action=iam-user-authentication&account=CANARY&username=CANARY&password=CANARY": "action=iam-user-authentication",
		"RoleArn=CANARY&Action=AssumeRole&Version=2011-06-15&Policy=CANARY":             "Action=AssumeRole&Version=2011-06-15",
		"action=CANARY1&password=x": "",
		"action=CANARY%20x":         "",
		"password=CANARY":           "",
		"CANARY":                    "",
		sign:                        `{"Service":"logs","Endpoint":"logs.us-east-1.amazonaws.com","HttpMethod":"POST","Headers":{"X-Amz-Target":"Logs_20140328.DescribeLogStreams"}}`,
		sign[:len(sign)-9]:          "",
		`{"accessKeyId":"CANARY"}`:  "",
		`{"Endpoint":"h CANARY","Service":"CANARY","Headers":{"X-Amz-Target":"a CANARY"}}`: "",
	} {
		for name, f := range map[string]*flow.Flow{
			"sign-in": {Origin: flow.OriginSignIn}, "a vend": {CredentialVend: true}, "STS": {AWS: &flow.AWS{Service: "sts"}},
		} {
			f.Request.Body, f.Response = []byte(in), &flow.Response{Body: []byte(in)}
			the.Flow(f)
			if got := string(f.Request.Body); got != want || f.Response.Body != nil {
				t.Errorf("%s: of %s stays %s, and of the response %q; want %s", name, in, got, f.Response.Body, want)
			}
			if the.Flow(f); string(f.Request.Body) != want {
				t.Errorf("%s: redacting again leaves %s", name, f.Request.Body)
			}
		}
	}
}

func TestGWT_keepsTheMethod(t *testing.T) {
	for _, method := range []string{"describeInstances", "DescribeInstances", "getVpcs_v2", "list$Default"} {
		in := "7|0|6|https://h/|0123456789ABCDEF0123456789ABCDEF|com.amazonaws.S|" + method + "|CANARY|com.amazonaws.X/1|1|2|3|4|0|"
		f := &flow.Flow{}
		body(f, "text/x-gwt-rpc", in)
		the.Flow(f)
		if got := string(f.Request.Body); !strings.Contains(got, "|"+method+"|") || strings.Contains(got, "CANARY") {
			t.Error(got)
		}
	}
}
