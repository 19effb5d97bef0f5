package aws

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/internal/flow"
)

func load(tb testing.TB) *Tables {
	tb.Helper()
	t, err := Load()
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

const (
	console = "https://ap-northeast-1.console.aws.amazon.com"
	auth    = "AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20261123/ap-northeast-1/monitoring/aws4_request, SignedHeaders=host, Signature=00"
)

func post(url string, headers ...string) flow.Request {
	r := flow.Request{Method: "POST", URL: url}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Headers = append(r.Headers, flow.Header{Name: headers[i], Value: headers[i+1]})
	}
	return r
}

func TestTag_theStorysOwnRequests(t *testing.T) {
	tables := load(t)
	page := console + "/cloudwatch/home"
	for _, tc := range []struct {
		name    string
		request flow.Request
		origin  flow.Origin
		why     []flow.Evidence
		page    string
		aws     *flow.AWS
	}{
		{
			name: "DescribeInstances, relayed by the console",
			request: post(console+"/ec2/ecb/elastic/?call=com.amazonaws.ec2.AmazonEC2.DescribeInstances?",
				"Origin", console, "Referer", console+"/ec2/home?region=ap-northeast-1#Instances:"),
			origin: flow.OriginConsole,
			why:    []flow.Evidence{flow.EvidenceOrigin, flow.EvidenceReferer, flow.EvidenceHost},
			page:   console + "/ec2/home",
			aws: &flow.AWS{
				Partition: "aws", Region: "ap-northeast-1", Service: "ec2", ServiceName: "EC2",
				Operation: "DescribeInstances", DecodedBy: "console-call",
			},
		},
		{
			name: "GetMetricData, straight from the page",
			request: post("https://monitoring.ap-northeast-1.amazonaws.com/", "Authorization", auth,
				"X-Amz-Target", "GraniteServiceVersion20100801.GetMetricData", "Origin", console, "Referer", page),
			origin: flow.OriginDirect,
			why: []flow.Evidence{
				flow.EvidenceSigV4Header, flow.EvidenceOrigin, flow.EvidenceReferer, flow.EvidenceHost,
			},
			page: page,
			aws: &flow.AWS{
				Partition: "aws", Region: "ap-northeast-1", Service: "monitoring", ServiceName: "CloudWatch",
				Operation: "GetMetricData", DecodedBy: "x-amz-target",
				EndpointService: "com.amazonaws.ap-northeast-1.monitoring",
			},
		},
		{
			name: "its preflight",
			request: flow.Request{Method: "OPTIONS", URL: "https://logs.ap-northeast-1.amazonaws.com/", Headers: []flow.Header{
				{Name: "Access-Control-Request-Headers", Value: "authorization,x-amz-target"}, {Name: "Origin", Value: console},
			}},
			origin: flow.OriginDirect,
			why:    []flow.Evidence{flow.EvidencePreflight, flow.EvidenceOrigin, flow.EvidenceHost},
			aws: &flow.AWS{
				Partition: "aws", Region: "ap-northeast-1", Service: "logs", ServiceName: "CloudWatch Logs",
				DecodedBy: "preflight", EndpointService: "com.amazonaws.ap-northeast-1.logs",
			},
		},
		{
			name:    "the page's own measurement",
			request: flow.Request{Method: "GET", URL: console + "/p/log/1/cloudwatch/1/OP/&k0=GetMetricData_Time&m0=105151&cb=1700000000000"},
			origin:  flow.OriginTelemetry,
			why:     []flow.Evidence{flow.EvidenceHost, flow.EvidencePath},
			aws: &flow.AWS{
				Partition: "aws", Region: "ap-northeast-1", Operation: "GetMetricData", DecodedBy: "beacon",
				Measured: 105151 * time.Millisecond,
			},
		},
		{
			name: "the page itself",
			request: flow.Request{Method: "GET", URL: console + "/ec2/home?region=ap-northeast-1", Headers: []flow.Header{
				{Name: "Sec-Fetch-Dest", Value: "document"},
			}},
			origin: flow.OriginConsole, why: []flow.Evidence{flow.EvidenceHost}, page: console + "/ec2/home",
		},
		{
			name:    "a relayed call of a shape that isn't known stays visible",
			request: post(console + "/somewhere/api/thing"),
			origin:  flow.OriginConsole, why: []flow.Evidence{flow.EvidenceHost},
			aws: &flow.AWS{Partition: "aws", Region: "ap-northeast-1", DecodedBy: flow.Undecoded},
		},
		{
			name:    "a tunnel",
			request: flow.Request{Method: "CONNECT", URL: "update.example.com:443"},
			origin:  flow.OriginOther, why: []flow.Evidence{flow.EvidenceConnect},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &flow.Flow{Request: tc.request}
			tables.Tag(f)
			if f.Origin != tc.origin || f.Page != tc.page {
				t.Errorf("origin %q page %q, want %q %q", f.Origin, f.Page, tc.origin, tc.page)
			}
			if d := cmp.Diff(tc.why, f.Why); d != "" {
				t.Errorf("why (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tc.aws, f.AWS); d != "" {
				t.Errorf("aws (-want +got):\n%s", d)
			}
		})
	}
}

func TestTag_readsWhatTheServiceAnswered(t *testing.T) {
	f := &flow.Flow{
		Request: post("https://logs.us-east-1.amazonaws.com/", "X-Amz-Target", "Logs_20140328.DescribeLogGroups"),
		Response: &flow.Response{Status: 400, Headers: []flow.Header{
			{Name: "X-Amzn-Requestid", Value: "req-1"},
			{Name: "X-Amzn-Errortype", Value: "com.amazonaws.logs#AccessDeniedException:http://x"},
		}},
	}
	load(t).Tag(f)
	if f.AWS.RequestID != "req-1" || f.AWS.Error == nil || f.AWS.Error.Code != "AccessDeniedException" {
		t.Errorf("got %+v %+v", f.AWS, f.AWS.Error)
	}
}

func TestTag_theSignatureBeatsTheHost(t *testing.T) {
	f := &flow.Flow{Request: post("https://monitoring.us-east-1.amazonaws.com/", "Authorization", auth)}
	load(t).Tag(f)
	if f.AWS.Region != "ap-northeast-1" {
		t.Errorf("region %q, want the credential scope's", f.AWS.Region)
	}
}

func TestHost_families(t *testing.T) {
	tables := load(t)
	for name, want := range map[string]host{
		"console.aws.amazon.com":                                     {class: classConsole, partition: "aws"},
		"Ap-Northeast-1.Console.AWS.amazon.com.":                     {class: classConsole, partition: "aws", region: "ap-northeast-1"},
		"000000000000-aaaaaaaa.eu-west-1.console.aws.amazon.com:443": {class: classConsole, partition: "aws", region: "eu-west-1"},
		"console.amazonaws-us-gov.com":                               {class: classConsole, partition: "aws-us-gov"},
		"cn-north-1.console.amazonaws.cn":                            {class: classConsole, partition: "aws-cn", region: "cn-north-1"},
		"signin.aws.amazon.com":                                      {class: classSignIn, partition: "aws"},
		"eu-west-1.signin.aws":                                       {class: classSignIn, partition: "aws"},
		"opfcaptcha-prod.s3.amazonaws.com":                           {class: classSignIn, partition: "aws"},
		"a.b.cdn.console.awsstatic.com":                              {class: classStatic, partition: "aws"},
		"d2ziyq7zksuzai.cloudfront.net":                              {class: classStatic, partition: "aws"},
		"us-east-1.prod.pr.panorama.console.api.aws":                 {class: classTelemetry, partition: "aws"},
		"something.console.api.aws":                                  {class: classConsoleAPI, partition: "aws"},
		"monitoring.ap-northeast-1.amazonaws.com":                    {class: classDirect, partition: "aws", region: "ap-northeast-1", label: "monitoring"},
		"monitoring-fips.us-gov-west-1.amazonaws.com":                {class: classDirect, partition: "aws-us-gov", region: "us-gov-west-1", label: "monitoring"},
		"logs.us-east-1.api.aws":                                     {class: classDirect, partition: "aws", region: "us-east-1", label: "logs"},
		"ec2.cn-north-1.amazonaws.com.cn":                            {class: classDirect, partition: "aws-cn", region: "cn-north-1", label: "ec2"},
		"api.ecr.us-east-1.amazonaws.com":                            {class: classDirect, partition: "aws", region: "us-east-1", label: "api.ecr"},
		"my.dotted.bucket.s3.eu-central-1.amazonaws.com":             {class: classDirect, partition: "aws", region: "eu-central-1", label: "s3"},
		"bucket.s3.dualstack.eu-central-1.amazonaws.com":             {class: classDirect, partition: "aws", region: "eu-central-1", label: "s3"},
		"bucket.s3-eu-west-1.amazonaws.com":                          {class: classDirect, partition: "aws", region: "eu-west-1", label: "s3"},
		"bucket.s3.amazonaws.com":                                    {class: classDirect, partition: "aws", label: "s3"},
		"iam.amazonaws.com":                                          {class: classDirect, partition: "aws", label: "iam"},
		"iam.global.api.aws":                                         {class: classDirect, partition: "aws", label: "iam"},
		"vpce-0abc-def.monitoring.us-east-1.vpce.amazonaws.com":      {class: classDirect, partition: "aws", region: "us-east-1", label: "monitoring"},
		"abc123.execute-api.us-east-1.amazonaws.com":                 {class: classOther, partition: "aws", region: "us-east-1"},
		"abc.lambda-url.us-east-1.on.aws":                            {class: classOther, partition: "aws"},
		"mydb.abc.us-east-1.rds.amazonaws.com":                       {class: classOther, partition: "aws", region: "us-east-1"},
	} {
		got, ok := tables.host(name)
		if !ok || got != want {
			t.Errorf("%s: %+v %v, want %+v", name, got, ok, want)
		}
	}
}

func TestIsAWS_lookAlikesNever(t *testing.T) {
	tables := load(t)
	for _, name := range []string{
		"", ".", "amazonaws.com.evil.example", "evilamazonaws.com", "console.aws.amazon.com.evil.example",
		"xn--amazonaws-9za.com", "amazonaws.com", "example.com", "10.0.1.23", "[fd00::1]:443", "a..amazonaws.com",
		"amazon.com", "www.amazon.com", "unknown.cloudfront.net", "ap-northeast-1.console.aws.amazon.com@evil.example",
		"monitoring.ap-northeast-1.amazonaws。com", "console.aws.amazon.com\x00.evil.example",
	} {
		if tables.IsAWS(name) {
			t.Errorf("%q is taken for AWS", name)
		}
	}
}

func TestSuffixes_coverEveryHostThatIsAWS(t *testing.T) {
	tables := load(t)
	for _, name := range []string{
		"console.aws.amazon.com", "signin.aws", "x.signin.aws", "a.b.cdn.console.awsstatic.com", "logs.us-east-1.api.aws",
		"d2ziyq7zksuzai.cloudfront.net", "abc.lambda-url.us-east-1.on.aws", "logs.us-isob-east-1.sc2s.sgov.gov",
	} {
		if tables.IsAWS(name) && !covered(tables.Suffixes(), name) {
			t.Errorf("%s isn't covered by %v", name, tables.Suffixes())
		}
	}
}

func covered(suffixes []string, name string) bool {
	for _, s := range suffixes {
		if name == s || strings.HasSuffix(name, "."+s) {
			return true
		}
	}
	return false
}

func TestEndpointService(t *testing.T) {
	tables := load(t)
	for name, want := range map[string]string{
		"logs.ap-northeast-1.amazonaws.com":      "com.amazonaws.ap-northeast-1.logs",
		"api.ecr.us-east-1.amazonaws.com":        "com.amazonaws.us-east-1.ecr.api",
		"athena.cn-north-1.amazonaws.com.cn":     "cn.com.amazonaws.cn-north-1.athena",
		"ap-northeast-1.console.aws.amazon.com":  "",
		"monitoring.ap-northeast-1.evil.example": "",
	} {
		if got := tables.EndpointService(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func FuzzTag(f *testing.F) {
	tables := load(f)
	suffixes := tables.Suffixes()
	f.Add("POST", console+"/ec2/ecb/elastic/?call=a.b.C?", "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request", "a.B", console)
	f.Add("GET", console+"/p/log/1/x/1/OP/&k0=A_Time&m0=1e300", "", "", "")
	f.Add("CONNECT", "monitoring.us-east-1.amazonaws.com:443", "", "", "")
	f.Fuzz(func(t *testing.T, method, url, authorization, target, referer string) {
		fl := &flow.Flow{Request: flow.Request{Method: method, URL: url, Headers: []flow.Header{
			{Name: "authorization", Value: authorization}, {Name: "x-amz-target", Value: target},
			{Name: "referer", Value: referer},
		}}}
		tables.Tag(fl)
		if fl.Origin == "" {
			t.Error("no origin")
		}
		if h := normalize(url); h != "" && tables.IsAWS(url) && !covered(suffixes, h) {
			t.Errorf("%q is AWS but no suffix covers it", url)
		}
	})
}

func BenchmarkTag_targetedCall(b *testing.B) {
	tables := load(b)
	r := post("https://monitoring.ap-northeast-1.amazonaws.com/", "Authorization", auth,
		"X-Amz-Target", "GraniteServiceVersion20100801.GetMetricData", "Origin", console, "Referer", console+"/cloudwatch/home")
	b.ReportAllocs()
	for b.Loop() {
		f := flow.Flow{Request: r}
		tables.Tag(&f)
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		load(b)
	}
}
