package aws

import (
	"testing"

	"detour/internal/flow"
)

// The call of a request to a host that isn't a direct endpoint in the usual form.
func TestTag_whereItGoesAndWhatItCalls(t *testing.T) {
	tables := load(t)
	for _, tc := range []struct {
		name                                    string
		request                                 flow.Request
		origin                                  flow.Origin
		partition, region, service, op, itsAlso string
	}{
		{"a script of the console in China", ask("GET", "https://a.b.cdn.console.awsstatic.cn/a/v1/x.js"), flow.OriginStatic, "aws-cn", "", "", "", ""},
		{"sign-in", ask("GET", "https://us-gov-west-1.signin.amazonaws-us-gov.com/oauth"), flow.OriginSignIn, "aws-us-gov", "us-gov-west-1", "", "", ""},
		{"telemetry", ask("POST", "https://eu-west-1.prod.pr.panorama.console.api.aws/panoramaroute"), flow.OriginTelemetry, "aws", "eu-west-1", "", "", ""},
		{"the health page isn't the console", ask("GET", "https://status.aws.amazon.com/data.json"), flow.OriginOther, "aws", "", "", "", ""},
		{"settings of the console", ask("POST", "https://us-west-2.ccs.console.api.aws/GetCallerSettings"), flow.OriginConsole, "aws", "us-west-2", "", "", ""},
		{
			"the access portal's API", ask("GET", "https://portal.sso.us-east-1.amazonaws.com/federation/credentials?role_name=a&account_id=1"),
			flow.OriginSignIn, "aws", "us-east-1", "sso", "GetRoleCredentials", "",
		},
		{"a token", ask("POST", "https://oidc.eu-west-1.amazonaws.com/token"), flow.OriginSignIn, "aws", "eu-west-1", "sso-oidc", "CreateToken", ""},
		{
			"the console by its interface endpoint", ask("GET", "https://vpce-0abc-def.console.us-east-1.vpce.amazonaws.com/ec2/home", "Sec-Fetch-Dest", "document"),
			flow.OriginConsole, "aws", "us-east-1", "", "", "",
		},
		{"a session of CodeCatalyst", ask("GET", "https://codecatalyst.global.api.aws/session"), flow.OriginDirect, "aws", "", "codecatalyst", "VerifySession", ""},
		{
			"a cell of Timestream", ask("POST", "https://query-cell2.timestream.us-east-1.amazonaws.com/", "X-Amz-Target", "Timestream_20181101.Query"),
			flow.OriginDirect, "aws", "us-east-1", "timestream-query", "Query", "",
		},
		{
			"EventBridge", ask("POST", "https://events.us-east-1.amazonaws.com/", "X-Amz-Target", "AWSEvents.PutRule"),
			flow.OriginDirect, "aws", "us-east-1", "eventbridge", "PutRule", "events",
		},
		{
			"EventBridge as the console relays it", withBody(ask("POST", console+"/cloudwatch/proxy"), `{"headers":{"X-Amz-Target":"AWSEvents.PutRule"}}`),
			flow.OriginConsole, "aws", "ap-northeast-1", "eventbridge", "PutRule", "events",
		},
		{
			"a backslash ends the host", ask("GET", `https://monitoring.us-east-1.amazonaws.com\@evil.example/`),
			flow.OriginDirect, "aws", "us-east-1", "monitoring", "", "",
		},
		{
			"a backslash ends the host of a stranger, too", ask("GET", `https://evil.example\@monitoring.us-east-1.amazonaws.com/`),
			flow.OriginOther, "", "", "", "", "",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &flow.Flow{Request: tc.request}
			tables.Tag(f)
			got, also := f.AWS.Names(), ""
			if len(got.Also) > 0 {
				also = got.Also[0]
			}
			if f.Origin != tc.origin || got.Partition != tc.partition || got.Region != tc.region ||
				got.Service != tc.service || got.Operation != tc.op || also != tc.itsAlso {
				t.Errorf("%s %+v, want %+v", f.Origin, got, tc)
			}
		})
	}
}
