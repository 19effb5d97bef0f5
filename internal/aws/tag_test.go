package aws

import (
	"slices"
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

func ask(method, url string, headers ...string) flow.Request {
	r := flow.Request{Method: method, URL: url}
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
			request: ask("POST", console+"/ec2/ecb/elastic/?call=com.amazonaws.ec2.AmazonEC2.DescribeInstances?",
				"Origin", console, "Referer", console+"/ec2/home?region=ap-northeast-1#Instances:"),
			origin: flow.OriginConsole,
			why:    []flow.Evidence{flow.EvidenceOrigin, flow.EvidenceReferer, flow.EvidenceHost},
			page:   console + "/ec2/home",
			aws: &flow.AWS{
				Partition: "aws", Region: "ap-northeast-1", Service: "ec2", ServiceName: "EC2",
				Operation: "DescribeInstances", DecodedBy: "console-call",
				EndpointService: "com.amazonaws.ap-northeast-1.console",
			},
		},
		{
			name: "GetMetricData, straight from the page",
			request: ask("POST", "https://monitoring.ap-northeast-1.amazonaws.com/", "Authorization", auth,
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
			name: "the same in the console's own model of CloudWatch",
			request: ask("POST", "https://monitoring.ap-northeast-1.amazonaws.com/",
				"x-amz-target", "CloudWatchVersion20130116.GetMetricData"),
			origin: flow.OriginDirect,
			why:    []flow.Evidence{flow.EvidenceHost},
			aws: &flow.AWS{
				Partition: "aws", Region: "ap-northeast-1", Service: "monitoring", ServiceName: "CloudWatch",
				Operation: "GetMetricData", DecodedBy: "x-amz-target",
				EndpointService: "com.amazonaws.ap-northeast-1.monitoring",
			},
		},
		{
			name: "DescribeLogGroups, straight from the page",
			request: ask("POST", "https://logs.ap-northeast-1.amazonaws.com/",
				"x-amz-target", "Logs_20140328.DescribeLogGroups", "referer", console+"/"),
			origin: flow.OriginDirect,
			why:    []flow.Evidence{flow.EvidenceReferer, flow.EvidenceHost},
			page:   console + "/",
			aws: &flow.AWS{
				Partition: "aws", Region: "ap-northeast-1", Service: "logs", ServiceName: "CloudWatch Logs",
				Operation: "DescribeLogGroups", DecodedBy: "x-amz-target",
				EndpointService: "com.amazonaws.ap-northeast-1.logs",
			},
		},
		{
			name: "its preflight",
			request: ask("OPTIONS", "https://logs.ap-northeast-1.amazonaws.com/",
				"Access-Control-Request-Headers", "authorization,x-amz-target", "Origin", console),
			origin: flow.OriginDirect,
			why:    []flow.Evidence{flow.EvidencePreflight, flow.EvidenceOrigin, flow.EvidenceHost},
			aws: &flow.AWS{
				Partition: "aws", Region: "ap-northeast-1", Service: "logs", ServiceName: "CloudWatch Logs",
				DecodedBy: "preflight", EndpointService: "com.amazonaws.ap-northeast-1.logs",
			},
		},
		{
			name:    "the page's own measurement",
			request: ask("GET", console+"/p/log/1/cloudwatch/1/OP/&k0=GetMetricData_Time&m0=105151&cb=1700000000000"),
			origin:  flow.OriginTelemetry,
			why:     []flow.Evidence{flow.EvidenceHost, flow.EvidencePath},
			aws: &flow.AWS{
				Partition: "aws", Region: "ap-northeast-1", Operation: "GetMetricData", DecodedBy: "beacon",
				Measured: 105151 * time.Millisecond, Beacon: []flow.Measure{{Name: "GetMetricData", Took: 105151 * time.Millisecond}},
			},
		},
		{
			name:    "the page itself",
			request: ask("GET", console+"/ec2/home?region=ap-northeast-1", "Sec-Fetch-Dest", "document"),
			origin:  flow.OriginConsole, why: []flow.Evidence{flow.EvidenceHost}, page: console + "/ec2/home",
			aws: &flow.AWS{Partition: "aws", Region: "ap-northeast-1"},
		},
		{
			name:    "a tunnel to the endpoint",
			request: ask("CONNECT", "monitoring.ap-northeast-1.amazonaws.com:443"),
			origin:  flow.OriginDirect, why: []flow.Evidence{flow.EvidenceHost, flow.EvidenceConnect},
			aws: &flow.AWS{
				Partition: "aws", Region: "ap-northeast-1", Service: "monitoring", ServiceName: "CloudWatch",
				EndpointService: "com.amazonaws.ap-northeast-1.monitoring",
			},
		},
		{
			name:    "a tunnel to somewhere else",
			request: ask("CONNECT", "update.example.com:443"),
			origin:  flow.OriginOther, why: []flow.Evidence{flow.EvidenceConnect},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &flow.Flow{Request: tc.request}
			for range 2 { // tagging again changes nothing
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
			}
		})
	}
}

func TestTag_whatABrowserAsksByItselfSaysSoAndIsNeverAWSs(t *testing.T) {
	tables := load(t)
	for host, itself := range map[string]bool{
		"update.googleapis.com": true, "edge.microsoft.com:443": true, "Nav.SmartScreen.Microsoft.com": true,
		"firefox.settings.services.mozilla.com": true, "push.services.mozilla.com": true, "go-updater.brave.com": true,
		"incoming.telemetry.mozilla.org": true, "location.services.mozilla.com": true, "ads.mozilla.org": true, "firefox-settings-attachments.cdn.mozilla.net": true,
		"services.mozilla.com": false, "accounts.google.com": false, "login.microsoftonline.com": false, "www.example.com": false,
		"update.googleapis.com.example.com": false, "xedge.microsoft.com": false, "": false,
		"d1.cloudfront.net": false,
	} {
		f := &flow.Flow{Request: ask("CONNECT", host)}
		tables.Tag(f)
		if got := slices.Contains(f.Why, flow.EvidenceBrowser); got != itself || f.Origin != flow.OriginOther || f.AWS != nil {
			t.Errorf("%s: %s %v", host, f.Origin, f.Why)
		}
	}
	for _, host := range []string{"monitoring.ap-northeast-1.amazonaws.com", "signin.aws.amazon.com", "ap-northeast-1.console.aws.amazon.com"} {
		f := &flow.Flow{Request: ask("CONNECT", host+":443")}
		tables.Tag(f)
		if slices.Contains(f.Why, flow.EvidenceBrowser) || f.Origin == flow.OriginOther {
			t.Errorf("%s: %s %v", host, f.Origin, f.Why)
		}
	}
}

func TestTag_originFollowsTheStrongestEvidence(t *testing.T) {
	tables := load(t)
	for _, tc := range []struct {
		name    string
		request flow.Request
		want    flow.Origin
	}{
		{"no signature, but a service's endpoint", ask("GET", "https://ec2.eu-west-1.amazonaws.com/"), flow.OriginDirect},
		{"presigned", ask("GET", "https://b.s3.amazonaws.com/k?X-Amz-Signature=0"), flow.OriginDirect},
		{"unknown endpoint, signed", ask("POST", "https://new.thing.eu-west-1.api.aws/", "Authorization", auth), flow.OriginDirect},
		{"unknown endpoint, not signed", ask("POST", "https://new.thing.eu-west-1.api.aws/"), flow.OriginOther},
		{"a customer's API, signed", ask("POST", "https://a.execute-api.eu-west-1.amazonaws.com/", "Authorization", auth), flow.OriginOther},
		{"not AWS, signed", ask("POST", "https://minio.example/", "Authorization", auth), flow.OriginOther},
		{"not AWS, signed by a console's page", ask("POST", "https://logs.corp.example/", "Authorization", auth, "Origin", console), flow.OriginDirect},
		{"not AWS, sent by a console's page", ask("POST", "https://tracker.example/", "Origin", console), flow.OriginOther},
		{"sign-in", ask("POST", "https://signin.aws.amazon.com/oauth?code=1"), flow.OriginSignIn},
		{"script of the console", ask("GET", "https://a.b.cdn.console.awsstatic.com/a/v1/x.js"), flow.OriginStatic},
		{"telemetry by host", ask("POST", "https://eu-west-1.prod.pr.panorama.console.api.aws/panoramaroute"), flow.OriginTelemetry},
		{"telemetry by path", ask("POST", console+"/panoramaroute"), flow.OriginTelemetry},
		{"the same path in a bucket", ask("GET", "https://b.s3.eu-west-1.amazonaws.com/p/log/1/x"), flow.OriginDirect},
		{"a look-alike", ask("GET", "https://console.aws.amazon.com.evil.example/"), flow.OriginOther},
		{"user information that looks like AWS", ask("GET", "https://console.aws.amazon.com@evil.example/"), flow.OriginOther},
		{"no URL at all", ask("GET", ""), flow.OriginOther},
	} {
		f := &flow.Flow{Request: tc.request}
		if tables.Tag(f); f.Origin != tc.want {
			t.Errorf("%s: %q, want %q (%v)", tc.name, f.Origin, tc.want, f.Why)
		}
	}
}

func TestTag_whatIsNoCallOfTheConsole(t *testing.T) {
	tables := load(t)
	for _, tc := range []struct {
		name    string
		request flow.Request
	}{
		{"a page", ask("GET", console+"/x", "Accept", "text/html,*/*")},
		{"a page asked for by a tool that says nothing", ask("GET", console+"/cloudwatch/home?region=x")},
		{"a frame", ask("POST", console+"/x", "Sec-Fetch-Dest", "iframe")},
		{"a script", ask("GET", console+"/x/y", "Sec-Fetch-Dest", "script")},
		{"a picture", ask("GET", console+"/x/y.png")},
		{"credentials for the page's own calls", ask("POST", console+"/s3/tb/creds")},
		{"a signature for the page's own calls", ask("POST", console+"/cloudwatch/CloudWatch/data/auth.SdkSign", "X-Amz-Target", "auth.SdkSign")},
		{"a tunnel", ask("CONNECT", "ap-northeast-1.console.aws.amazon.com:443")},
	} {
		f := &flow.Flow{Request: tc.request}
		if tables.Tag(f); f.AWS.IsCall() || f.AWS.Region != "ap-northeast-1" || f.Origin != flow.OriginConsole {
			t.Errorf("%s: %q %+v, want no call, and the Region of the console", tc.name, f.Origin, f.AWS)
		}
	}
}

func TestTag_aCallOfUnknownShapeStaysVisible(t *testing.T) {
	tables := load(t)
	for _, r := range []flow.Request{
		ask("POST", console+"/somewhere/api/thing"),
		ask("GET", console+"/somewhere/api/thing", "Sec-Fetch-Dest", "empty"),
		ask("GET", "https://lambda.eu-west-1.amazonaws.com/1999-01-01/functions/"),
	} {
		f := &flow.Flow{Request: r}
		if tables.Tag(f); f.AWS == nil || f.AWS.DecodedBy != flow.Undecoded || f.AWS.Operation != "" {
			t.Errorf("%s: %+v, want an undecoded call", r.URL, f.AWS)
		}
	}
}

func TestTag_pageIsTheRefererElseWhatIsLoaded(t *testing.T) {
	tables := load(t)
	for _, tc := range []struct {
		request flow.Request
		want    string
	}{
		{ask("GET", "https://x.example/", "Referer", console+"/ec2/home?token=1#2"), console + "/ec2/home"},
		{ask("GET", "https://x.example/", "Referer", "https://u:p@ap-northeast-1.console.aws.amazon.com/a"), console + "/a"},
		{ask("GET", console+"/b#c", "Sec-Fetch-Dest", "document"), console + "/b"},
		{ask("GET", console+"/b", "Sec-Fetch-Dest", "document", "Referer", "https://x.example/"), console + "/b"},
		{ask("GET", console+"/b", "Sec-Fetch-Dest", "iframe", "Referer", console+"/a"), console + "/a"},
		{ask("POST", console+"/b"), ""},
		{ask("GET", "https://x.example/", "Referer", "ftp://ap-northeast-1.console.aws.amazon.com/"), ""},
		{ask("GET", "https://x.example/", "Referer", "ap-northeast-1.console.aws.amazon.com/"), ""},
	} {
		f := &flow.Flow{Request: tc.request}
		if tables.Tag(f); f.Page != tc.want {
			t.Errorf("%s with %v: page %q, want %q", tc.request.URL, tc.request.Headers, f.Page, tc.want)
		}
	}
}

func TestTag_readsWhatTheServiceAnswered(t *testing.T) {
	tables := load(t)
	for _, tc := range []struct {
		headers []flow.Header
		id      string
		want    *flow.AWSError
	}{
		{
			[]flow.Header{{Name: "X-Amzn-Requestid", Value: "req-1"}, {Name: "X-Amzn-Errortype", Value: "com.amazonaws.logs#AccessDeniedException:http://x"}},
			"req-1", &flow.AWSError{Code: "AccessDeniedException"},
		},
		{
			[]flow.Header{{Name: "x-amz-id-2", Value: "2"}, {Name: "x-amz-request-id", Value: "req-2"}, {Name: "x-amzn-query-error", Value: "AccessDenied;Sender"}},
			"req-2", &flow.AWSError{Code: "AccessDenied", Type: "Sender"},
		},
		{[]flow.Header{{Name: "x-amzn-errortype", Value: "<script>"}}, "", nil},
		{nil, "", nil},
	} {
		f := &flow.Flow{
			Request:  ask("POST", "https://logs.us-east-1.amazonaws.com/"),
			Response: &flow.Response{Status: 400, Headers: tc.headers},
		}
		tables.Tag(f)
		if f.AWS.RequestID != tc.id {
			t.Errorf("%v: request id %q, want %q", tc.headers, f.AWS.RequestID, tc.id)
		}
		if d := cmp.Diff(tc.want, f.AWS.Error); d != "" {
			t.Errorf("%v: error (-want +got):\n%s", tc.headers, d)
		}
	}
}
