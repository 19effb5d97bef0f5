package redact

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"detour/internal/flow"
)

// A place is a body or a URL with a secret that has canary in it.
type place struct{ media, body, url string }

const (
	form      = "application/x-www-form-urlencoded"
	canaryKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYCanary8key"
)

func TestFlow_secretsInTheConsolesOwnForms(t *testing.T) {
	const hidden = "Canary8"
	inBase64 := base64.URLEncoding.EncodeToString([]byte(`{"x-api-key":"Canary8k2n4p6","host":"h"}`))
	for name, p := range map[string]place{
		"a downloaded access key": {media: "text/csv", body: "Access key ID,Secret access key\nAKIA0123456789ABCDEF," + canaryKey + "\n"},
		"in JSON":                 {media: "application/json", body: `{"csv":"Access key ID,Secret access key\nAKIA0123456789ABCDEF,` + canaryKey + `\n"}`},
		"s3fs":                    {media: "text/plain", body: "ASIA0123456789ABCDEF:" + canaryKey},
		"a stack's parameter":     {media: form, body: "Action=CreateStack&Parameters.member.1.ParameterKey=DBPassword&Parameters.member.1.ParameterValue=Canary8!"},
		"the value first":         {media: form, body: "Parameters.member.1.ParameterValue=Canary8!&Parameters.member.1.ParameterKey=DBPassword"},
		"an option": {
			media: form,
			body:  "OptionSettings.member.2.OptionName=DB_PASSWORD&OptionSettings.member.2.Value=Canary8!&OptionSettings.member.3.Value=x",
		},
		"XML, the value first": {media: "text/xml", body: "<r><member><ParameterValue>Canary8!</ParameterValue><ParameterKey>DBPassword</ParameterKey></member></r>"},
		"a Java property":      {media: "text/xml", body: `<r><entry key="password">Canary8!</entry></r>`},
		"a text area":          {media: "text/html", body: `<html><textarea name="secret">Canary8!</textarea></html>`},
		"YAML, a block":        {media: "application/yaml", body: "a: b\npassword: |\n  Canary8!\n  Canary8?\nc: d\n"},
		"YAML, the next line":  {media: "application/yaml", body: "password:\n    Canary8!\nc: d"},
		"an assignment in Go":  {media: "text/plain", body: `password := "Canary8!"`},
		"a hash in Ruby":       {media: "text/plain", body: `:password => 'Canary8!'`},
		"prose":                {media: "text/plain", body: "invalid refresh token 'Canary8k2n4p6q8r0s2T'"},
		"netrc":                {media: "text/plain", body: "machine h login AWS password Canary8k2n4p6q8r0s2T"},
		"a cluster's token":    {media: "text/plain", body: "use k8s-aws-v1.Canary8k2n4p6q8r0"},
		"an SSO token":         {media: "text/plain", body: "use aoaAAAAAGCanary8k2n4p6q8r0:MGUCMQCanary8k2n4p6q8r0 now"},
		"an API key":           {media: "text/plain", body: "use da2-canary8k2n4p6q8r0s2t4v6xyz now"},
		"a PuTTY key":          {media: "text/plain", body: "PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 2\nCanary8k2n4p6q8r0\nCanary8k2n4\nPrivate-MAC: 12"},
		"a code":               {media: "application/json", body: `{"ChallengeResponses":{"SMS_MFA_CODE":"Canary8","SMS_OTP_CODE":"Canary8"},"ConfirmationCode":"Canary8"}`},
		"the console's cookie": {media: "application/json", body: `{"c":"aws-creds=Canary8; a=b","creds":{"a":"Canary8"}}`},
		"a streaming URL":      {media: "application/json", body: `{"StreamingURL":"https://appstream2.eu-west-1.aws.amazon.com/authenticate?parameters=Canary8"}`},
		"a websocket's header": {url: "wss://x.appsync-realtime-api.eu-west-1.amazonaws.com/graphql?header=" + url.QueryEscape(inBase64) + "&payload=e30="},
		"a web login":          {url: "https://x.c2.airflow.eu-west-1.on.aws/aws_mwaa/aws-console-sso?login=true#Canary8k2n4p6q8r0s2t4v6X8Z0a2b4c6"},
		"an embedded page":     {url: "https://eu-west-1.quicksight.aws.amazon.com/embed/Canary8k2n4p6q8r0/dashboards/1"},
	} {
		f := &flow.Flow{Request: flow.Request{URL: "https://h/"}}
		if p.url != "" {
			f.Request.URL = p.url
		}
		if p.media != "" {
			body(f, p.media, p.body)
		}
		the.Flow(f)
		if got := everything(f); strings.Contains(strings.ToLower(got), strings.ToLower(hidden)) || !strings.Contains(got, "redacted:") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestFlow_evidenceUnderASecretsNameStays(t *testing.T) {
	for _, s := range []string{
		`{"usage":{"inputTokens":12345,"outputTokens":4096,"maxTokens":8192},"totalTokenCount":99999}`,
		`{"authorizationType":"AWS_IAM","SignatureAlgorithm":"SHA256WITHRSA","AccessKeyStatus":"Inactive"}`,
		`<MinimumPasswordLength>14</MinimumPasswordLength><MaxPasswordAge>90</MaxPasswordAge><AllowUsersToChangePassword>true</AllowUsersToChangePassword>`,
		"Action=UpdateAccountPasswordPolicy&MinimumPasswordLength=14&PasswordReusePrevention=5",
		`{"EncryptionKey":"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}`,
		"The security token included in the request is expired",
		"Token must be less than 2048 characters",
		"Parameters.member.1.ParameterKey=Size&Parameters.member.1.ParameterValue=t3.large",
		"AKIA…CDEF has a digest 0123456789abcdef0123456789abcdef01234567",
	} {
		f := &flow.Flow{}
		body(f, "", s)
		if the.Flow(f); string(f.Request.Body) != s {
			t.Errorf("%s\nbecomes %s", s, f.Request.Body)
		}
	}
	const cached = "https://h/app.js?0123456789abcdef0123456789abcdef#/dashboards/MyDashboardOfTheYear2026ForEverybodyX"
	if got := the.URL(cached); got != cached {
		t.Errorf("%s becomes %s", cached, got)
	}
}
