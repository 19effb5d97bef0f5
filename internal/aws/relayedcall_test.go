package aws

import (
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/cputime"
	"detour/internal/flow"
)

func TestTag_shapesOfTheConsole(t *testing.T) {
	const wrapped = `{"headers":{"X-Amz-User-Agent":"aws-sdk-js/2.850.0 promise","X-Amz-Target":"AWSIdentityManagementV20100508.CreateAccessKey"},` +
		`"path":"/","method":"POST","region":"us-east-1","params":{},"contentString":"{\"a\":\"}\"}","operation":"ignored"}`
	for _, tc := range []struct{ name, path, body, service, op, by, region string }{
		{"the target inside beats the operation", "/iamv2/api/iam", wrapped, "iam", "CreateAccessKey", "console-relay", "us-east-1"},
		{"cut off behind the headers", "/iamv2/api/iam", wrapped[:110], "iam", "", flow.Undecoded, ""},
		{"cut off behind the target", "/iamv2/api/iam", wrapped[:len(wrapped)-30], "iam", "CreateAccessKey", "console-relay", "us-east-1"},
		{"in a form", "/iamv2/api/iam", "x=%7B%22operation%22%3A%22listRoles%22%7D", "iam", "ListRoles", "console-relay", ""},
		{"an operation that no model has", "/singlesignon/api/peregrine", `{"operation":"listMagic"}`, "sso-admin", "ListMagic", "console-relay", ""},
		{"the S3 console's own header", "/s3/proxy", `{"headers":{"x-amz-s3-console-op-name":"PutBucketEncryption"},"params":{"encryption":""},"method":"PUT","path":"/b"}`, "s3", "PutBucketEncryption", "console-relay", ""},
		{"method and path", "/apigateway/api/apigateway", `{"method":"GET","path":"/restapis"}`, "apigateway", "GetRestApis", "console-relay", ""},
		{"method, path and params as the query", "/s3/proxy", `{"params":{"encryption":""},"method":"PUT","path":"/b"}`, "s3", "PutBucketEncryption", "console-relay", ""},
		{"query protocol", "/amazon-mq/api/ec2", `{"params":{"Action":"DescribeVpcs"}}`, "ec2", "DescribeVpcs", "console-relay", ""},
		{"class and method", "/glue/rpc", `{"actions":[{"action":"com.amazonaws.console.glue.awssdk.shared.context.AWSGlueContext.getTables"}]}`, "glue", "GetTables", "", ""},
		{"GWT", "/vpc/vpc/VpcConsoleService", "7|0|6|https://x/|H|amazonaws.console.vpc.client.VpcConsoleService|getVpcAttributes|1|", "ec2", "DescribeVpcAttribute", "console-table", ""},
		{"GWT that isn't known", "/vpc/vpc/VpcConsoleService", "7|0|6|https://x/|H|amazonaws.console.vpc.client.VpcConsoleService|getMagic|1|", "ec2", "", flow.Undecoded, ""},
		{"ajax", "/lambda/services/ajax?operation=listFunctions&locale=en", "", "lambda", "ListFunctions", "", ""},
		{"ajax for a client's method", "/lambda/services/ajax?operation=proxyAwsCall", `{"operation":"proxyAwsCall","service":"lambda.AWSLambda","api":"getPolicy"}`, "lambda", "GetPolicy", "", ""},
		{"jetstream", "/cloudwatch/CloudWatch/data/jetstream.ListLambdaFunctions/", "", "lambda", "ListFunctions", "console-table", ""},
		{"a resource's route", "/iam/api/users/someone/accessKeys", "", "iam", "CreateAccessKey", "console-table", ""},
		{"S3's commands", "/s3/command", `{"cwsRequestId":"1","publicAccessSettings":{}}`, "s3", "PutPublicAccessBlock", "console-table", ""},
		{"what is to be signed", "/cloudwatch/CloudWatch/data/auth.SdkSign", `{"Service":"logs","Endpoint":"logs.us-east-1.amazonaws.com","HttpMethod":"POST","Path":"/","Headers":{"X-Amz-Target":"Logs_20140328.DescribeLogStreams"}}`, "logs", "DescribeLogStreams", "sdk-sign", "us-east-1"},
		{"a class names the service, not the page", "/lambda/services/ajax?operation=proxyAwsCall", `{"operation":"proxyAwsCall","service":"iam.AmazonIdentityManagement","api":"listRoles"}`, "iam", "ListRoles", "", ""},
		{"a class that isn't known may be any service's", "/lambda/services/ajax?operation=proxyAwsCall", `{"operation":"proxyAwsCall","service":"newthing.AWSNewThing","api":"getPolicy"}`, "", "", flow.Undecoded, ""},
		{"a target that isn't known", "/lambda/proxy", `{"headers":{"X-Amz-Target":"NewThing_2030.DoIt"}}`, "", "DoIt", "console-relay", ""},
		{"an operation that the page's service lacks", "/lambda/proxy", `{"operation":"describeVpcs"}`, "", "DescribeVpcs", "console-relay", ""},
		{"an operation that the page's service has", "/lambda/proxy", `{"operation":"listFunctions"}`, "lambda", "ListFunctions", "console-relay", ""},
		{"jetstream, for another service", "/cloudwatch/CloudWatch/data/jetstream.DescribeMagic/", "", "", "", flow.Undecoded, ""},
		{"one name for EventBridge", "/cloudwatch/proxy", `{"headers":{"X-Amz-Target":"AWSEvents.PutRule"}}`, "eventbridge", "PutRule", "console-relay", ""},
		{"a form's field", "/storagegateway/ajax/api", "type=listGateways&locale=en", "storagegateway", "ListGateways", "", ""},
		{"a form's field that the table knows", "/storagegateway/ajax/api", "gateway=x&type=describeGateway", "storagegateway", "DescribeGatewayInformation", "console-table", ""},
		{"unknown", "/newthing/api/v9/things", `{"a":1}`, "", "", flow.Undecoded, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &flow.Flow{Request: withBody(ask("POST", console+tc.path), tc.body)}
			if load(t).Tag(f); f.AWS == nil {
				t.Fatal("no call")
			}
			a := f.AWS
			if a.Service != tc.service || a.Operation != tc.op || tc.by != "" && a.DecodedBy != tc.by {
				t.Errorf("%s %s by %s, want %s %s by %s", a.Service, a.Operation, a.DecodedBy, tc.service, tc.op, tc.by)
			}
			if tc.region == "" {
				tc.region = "ap-northeast-1"
			}
			if a.Region != tc.region {
				t.Errorf("in %s, want %s", a.Region, tc.region)
			}
		})
	}
}

func TestTag_severalCallsInOneRequest(t *testing.T) {
	const class = "com.amazonaws.console.glue.awssdk.shared.context.AWSGlueContext."
	f := &flow.Flow{Request: withBody(ask("POST", console+"/glue/rpc"),
		`{"actions":[{"action":"`+class+`getTables"},{"action":"`+class+`getJobRuns"},{"action":"a.b.c"}]}`)}
	load(t).Tag(f)
	if want := []string{"glue:GetTables", "glue:GetJobRuns", ":"}; !slices.Equal(f.AWS.Batch, want) || f.AWS.Operation != "GetTables" {
		t.Errorf("%s, %q, want GetTables first of %q", f.AWS.Operation, f.AWS.Batch, want)
	}
}

func TestTag_whatCarriesCredentialsIsMarked(t *testing.T) {
	tables := load(t)
	target := func(host, target string) flow.Request {
		return ask("POST", "https://"+host+".us-east-1.amazonaws.com/", "X-Amz-Target", target)
	}
	for _, tc := range []struct {
		request flow.Request
		want    bool
	}{
		{ask("GET", console+"/s3/tb/creds"), true},
		{ask("POST", console+"/api/prod/browserCreds"), true},
		{ask("POST", console+"/cloudwatch/CloudWatch/data/auth.SdkSign"), true},
		{ask("POST", "https://signin.aws.amazon.com/oauth"), true},
		{ask("POST", "https://oidc.us-east-1.amazonaws.com/token"), true},
		{ask("GET", "https://portal.sso.us-east-1.amazonaws.com/federation/credentials"), true},
		{ask("POST", "https://sts.us-east-1.amazonaws.com/"), true},
		{target("secretsmanager", "secretsmanager.GetSecretValue"), true},
		{target("ssm", "AmazonSSM.GetParameters"), true},
		{withBody(ask("POST", console+"/iamv2/api/iam"), `{"operation":"createAccessKey"}`), true},
		{target("ssm", "AmazonSSM.DescribeInstanceInformation"), false},
		{ask("CONNECT", "sts.us-east-1.amazonaws.com:443"), false},
		{ask("GET", console+"/ec2/home"), false},
		{ask("GET", "https://example.com/saml"), false},
	} {
		f := &flow.Flow{Request: tc.request}
		if tables.Tag(f); f.CredentialVend != tc.want {
			t.Errorf("%s: %v, want %v", tc.request.URL, f.CredentialVend, tc.want)
		}
	}
	for name := range tables.vend {
		service, op, _ := strings.Cut(name, ":")
		if op != "*" && tables.operationsOf(service).name(op) != op {
			t.Errorf("%s has no operation %s", service, op)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, tc := range []struct {
		pattern, s string
		want       bool
	}{
		{"/a", "/a", true},
		{"/a", "/ab", false},
		{"/a/*", "/a/b", true},
		{"/a/*", "/a/", false},
		{"/a/*", "/a/b/c", false},
		{"/a/*/c", "/a/b/c", true},
		{"/a/*/c", "/a/b/b/c", false},
		{"/a/*/c/*", "/a/b/c/d", true},
		{"/a/*/c/*", "/a/b/c", false},
		{"/a/x-*", "/a/x-1", true},
		{"GET /r/*", "GET /r/1", true},
	} {
		if got := glob(tc.pattern, tc.s); got != tc.want {
			t.Errorf("glob(%q, %q) = %v", tc.pattern, tc.s, got)
		}
	}
}

func FuzzRelayed(f *testing.F) {
	tables := load(f)
	for _, body := range []string{
		`{"headers":{"X-Amz-Target":"a.B"},"operation":"x","params":{"Action":"y","z":1},"method":"GET","path":"/a"}`,
		`{"actions":[{"action":"a.b.c"},{"action":"d"}]}`, `7|0|6|u|h|a.B|c|1|`, `x=%7B%22operation%22%3A%22a%22%7`, `{"type":["a"]}`, `type=a&b=%7B`,
		`{"Endpoint":"https://logs.us-east-1.amazonaws.com","Headers":{"X-Amz-Target":"a.B"}}`,
	} {
		f.Add("/s3/proxy", []byte(body))
		f.Add("/cloudwatch/CloudWatch/data/auth.SdkSign?a=b", []byte(body))
	}
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		fl := &flow.Flow{Request: ask("POST", console+path), Response: &flow.Response{Status: 200, Body: body}}
		fl.Request.Body = body
		tables.Tag(fl)
		if a := fl.AWS; a != nil && (a.Operation != "" && !isWord(a.Operation) || len(a.Batch) > maxActions) {
			t.Errorf("%+v", a)
		}
	})
}

func TestTag_timeOfHostileBodiesIsBounded(t *testing.T) {
	tables := load(t)
	for name, body := range map[string]string{
		"deep":    strings.Repeat(`{"params":`, 1<<18),
		"actions": `{"actions":[` + strings.Repeat(`{"action":"a.b.c"},`, 1<<16),
		"members": "{" + strings.Repeat(`"operation":"a",`, 1<<18),
		"GWT":     "7" + strings.Repeat("|", 1<<20),
		"escapes": strings.Repeat("%7B", 1<<20),
		"path":    `{"method":"GET","path":"` + strings.Repeat("/arn:a", 1<<13) + `"}`,
	} {
		f := &flow.Flow{Request: withBody(ask("POST", console+"/iot/api/iot"), body)}
		if took := cputime.Of(func() { tables.Tag(f) }); took > time.Second {
			t.Errorf("%s takes %v", name, took)
		}
	}
}
