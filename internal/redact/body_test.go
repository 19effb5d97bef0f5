package redact

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"detour/internal/flow"
)

// redactBody is what Flow makes of a request's body.
func redactBody(r *Redactor, body, contentType string, a *flow.AWS) string {
	f := flow.Flow{AWS: a, Request: flow.Request{Body: []byte(body), Headers: []flow.Header{{Name: "content-type", Value: contentType}}}}
	r.Flow(&f)
	return string(f.Request.Body)
}

func TestFlow_bodiesKeepTheirShape(t *testing.T) {
	b64 := base64.StdEncoding.EncodeToString
	const (
		jsonType = "application/x-amz-json-1.1"
		formType = "application/x-www-form-urlencoded; charset=UTF-8"
	)
	for _, tc := range []struct{ name, media, in, want string }{
		{"no secret", jsonType, `{ "logGroupName" : "a\/b\u0041", "limit":50 , "x":[1.5e3,true,null]}`, `{ "logGroupName" : "a\/b\u0041", "limit":50 , "x":[1.5e3,true,null]}`},
		{"a member", jsonType, `{"a": 1, "SecretString" : "` + canary + `"}`, `{"a": 1, "SecretString" : "<secret>"}`},
		{"case and hyphens", jsonType, `{"x-AMZ_security-Token":"` + canary + `"}`, `{"x-AMZ_security-Token":"<token>"}`},
		{"what a secret holds", jsonType, `{"credentials":{"a":["` + canary + `",{"b":"` + canary + `"}],"n":1234567,"t":true}}`, `{"credentials":{"a":["<credential>",{"b":"<credential>"}],"n":"<credential>","t":true}}`},
		{"bytes as numbers", jsonType, `{"privateKey":[12,255,3]}`, `{"privateKey":[0,0,0]}`},
		{"a count is none", jsonType, `{"minimumPasswordLength":14,"hasPassword":true,"password":null}`, `{"minimumPasswordLength":14,"hasPassword":true,"password":null}`},
		{"an error's code", jsonType, `{"code":"AccessDeniedException","state":"running"}`, `{"code":"AccessDeniedException","state":"running"}`},
		{"an opaque code", jsonType, `{"code":"` + canary + `"}`, `{"code":"<code>"}`},
		{"named by a sibling", jsonType, `[{"name":"DB_PASSWORD","value":"` + canary + `"},{"Value":"` + canary + `","Key":"api-token"}]`, `[{"name":"DB_PASSWORD","value":"<password>"},{"Value":"<token>","Key":"api-token"}]`},
		{"fields as pairs", jsonType, `{"headers":[["Cookie","a=` + canary + `"],["X-Amz-Security-Token","` + canary + `"]]}`, `{"headers":[["Cookie","a=<cookie>"],["X-Amz-Security-Token","<token>"]]}`},
		{"Lambda's environment", jsonType, `{"Environment":{"Variables":{"HOST":"` + canary + `"}}}`, `{"Environment":{"Variables":{"HOST":"<secret>"}}}`},
		{"JSON in a string", jsonType, `{"contentString":"{\"a\":1,\"sessionToken\":\"` + canary + `\"}"}`, `{"contentString":"{\"a\":1,\"sessionToken\":\"<token>\"}"}`},
		{"a form in a string", jsonType, `{"contentString":"Action=X&Password=` + canary + `"}`, `{"contentString":"Action=X&Password=<password>"}`},
		{"XML in a string", jsonType, `{"s":"<a><Password>` + canary + `</Password></a>"}`, `{"s":"<a><Password><password></Password></a>"}`},
		{"escapes", jsonType, `{"\u0070assword":"\u0041` + canary + `"}`, `{"\u0070assword":"<password>"}`},
		{"a presigned URL", jsonType, `{"Location":"https://b.s3.amazonaws.com/k?X-Amz-Signature=` + canary + `&x=1"}`, `{"Location":"https://b.s3.amazonaws.com/k?X-Amz-Signature=<signature>&x=1"}`},
		{"SigV4 in JSON", jsonType, `{"Authorization":"AWS4-HMAC-SHA256 Credential=ASIAABCDEFGHIJKLMNOP/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=` + canary + `"}`, `{"Authorization":"AWS4-HMAC-SHA256 Credential=ASIA…MNOP/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=<signature>"}`},
		{"cut in a secret", jsonType, `{"a":1,"password":"` + canary, `{"a":1,"password":"<password>`},
		{"cut in a nested one", jsonType, `{"s":"{\"password\":\"` + canary + `\u00`, `{"s":"{\"password\":\"<password>`},
		{"several values", "application/x-ndjson", `{"token":"` + canary + "\"}\n{\"token\":\"" + canary + `"}`, "{\"token\":\"<token>\"}\n{\"token\":\"<token>\"}"},
		{"guarded", "application/json", ")]}',\n{\"token\":\"" + canary + `"}`, ")]}',\n{\"token\":\"<token>\"}"},
		{"JavaScript", "text/javascript", `var a = {csrfToken: '` + canary + `', b: 1}`, `var a = {csrfToken: '<csrf>', b: 1}`},
		{"no JSON after all", "application/json", `{password: ` + canary + ` = 1}`, `{password: <password> <value>`},

		{"a form", formType, "Action=X&Version=1&SecretString=" + canary + "%3D&UserName=me", "Action=X&Version=1&SecretString=<secret>&UserName=me"},
		{"JSON in a form", formType, "q=" + url.QueryEscape(`{"token":"`+canary+`"}`), "q=%7B%22token%22%3A%22<token>%22%7D"},
		{"OAuth in a form", formType, "code=" + canary + "&client_secret=" + canary, "code=<code>&client_secret=<secret>"},
		{"base64 of JSON", jsonType, `{"d":"` + b64([]byte(`{"a":"b","password":"`+canary+`"}`)) + `"}`, ""},
		{"a secret key alone", jsonType, `{"k":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}`, `{"k":"<secret>"}`},
		{"a hash alone", jsonType, `{"k":"da39a3ee5e6b4b0d3255bfef95601890afd80709"}`, `{"k":"da39a3ee5e6b4b0d3255bfef95601890afd80709"}`},
		{"a web token", jsonType, `{"d":"eyJhbGciOiJub25lIn0.` + canary + "." + canary + `"}`, `{"d":"<token>"}`},

		{"XML", "text/xml", "<?xml version=\"1.0\"?>\n<R><Credentials><AccessKeyId>" + canary + "</AccessKeyId></Credentials><x a=\"1\"/> <Id>7</Id></R>", "<?xml version=\"1.0\"?>\n<R><Credentials><AccessKeyId><key></AccessKeyId></Credentials><x a=\"1\"/> <Id>7</Id></R>"},
		{"XML's error", "application/xml", "<Error><Code>AccessDenied</Code><Message>no &amp; no</Message><RequestId>1</RequestId></Error>", "<Error><Code>AccessDenied</Code><Message>no &amp; no</Message><RequestId>1</RequestId></Error>"},
		{"CDATA, cut", "text/xml", "<a><![CDATA[{\"token\":\"" + canary, "<a><![CDATA[{\"token\":\"<token>"},
		{"attributes", "text/html", `<meta name="tb-data" content="{&#34;csrfToken&#34;:&#34;` + canary + `&#34;}"><input name=csrf value=` + canary + `><p token='` + canary + `'>`, `<meta name="tb-data" content="{&#34;csrfToken&#34;:&#34;<csrf>&#34;}"><input name=csrf value=<csrf>><p token='<token>'>`},
		{"a script", "text/html", `<script>var x = {"accessToken": "` + canary + `"} < 1;</script><b>y</b>`, `<script>var x = {"accessToken": "<token>"} < 1;</script><b>y</b>`},

		{"GWT", "text/x-gwt-rpc; charset=utf-8", "7|0|6|https://h/console/|A1B2C3D4A1B2C3D4A1B2C3D4A1B2C3D4|com.amazonaws.Service|call|java.lang.String/2004016611|" + canary + "|1|2|3|4|1|5|6|", "7|0|6|https://h/console/|A1B2C3D4A1B2C3D4A1B2C3D4A1B2C3D4|com.amazonaws.Service|call|java.lang.String/2004016611|<value>|1|2|3|4|1|5|6|"},
		{"GWT's answer", "application/json", `//OK[2,'WZk1',1,["java.lang.String/2004016611","` + canary + `","i-0123456789abcdef0"],0,7]`, `//OK[2,'WZk1',1,["java.lang.String/2004016611","<value>","i-0123456789abcdef0"],0,7]`},

		{"multipart", `multipart/form-data; boundary="b1"`, "--b1\r\nContent-Disposition: form-data; name=\"policy\"\r\n\r\n" + canary + "\r\n--b1\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\nContent-Type: application/octet-stream\r\n\r\n\x00\x01\r\n--b1--\r\n", "--b1\r\nContent-Disposition: form-data; name=\"policy\"\r\n\r\n<signature>\r\n--b1\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--b1--\r\n"},
		{"events", "text/event-stream", "event: m\ndata: {\"token\":\ndata: \"" + canary + "\"}\n\nid: 1\n", "event: m\ndata: {\"token\":\ndata: \"<token>\"}\n\nid: 1\n"},
		{"text", "text/plain", "POST\nx-amz-security-token:" + canary + "\nAuthorization: Bearer " + canary + "\npassword = '" + canary + "' see https://h/?token=" + canary + " ok", "POST\nx-amz-security-token:<token>\nAuthorization: Bearer <credential>\npassword = '<password>' see https://h/?token=<token> ok"},
		{"a sentence", "text/plain", "The security token included in the request is expired. ExpiredToken: The token: none", "The security token included in the request is expired. ExpiredToken: The token: none"},
		{"an action and its resource", jsonType, `{"message":"not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf"}`, `{"message":"not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf"}`},
		{"a secret behind an ARN", "text/plain", "arn:aws:x:y:password=" + canary, "arn:aws:x:y:password=<password>"},
		{"binary", "application/cbor", "\xa1\x65token\x78" + canary, ""},
		{"none of it known", "", canary, canary},
	} {
		got := short(redactBody(the, tc.in, tc.media, nil))
		if tc.name == "base64 of JSON" {
			raw, _, _ := strings.Cut(strings.TrimPrefix(got, `{"d":"`), `"`)
			dec, err := base64.StdEncoding.DecodeString(raw)
			if want := `{"a":"b","password":"<password>"}`; err != nil || short(string(dec)) != want {
				t.Errorf("%s: got %q, %v, want %s", tc.name, dec, err, want)
			}
			continue
		}
		if got != tc.want {
			t.Errorf("%s: %s\n got %s\nwant %s", tc.name, tc.in, got, tc.want)
		}
	}
}
