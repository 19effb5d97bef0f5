package aws

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/internal/flow"
)

func TestTag_operationsOfDirectCalls(t *testing.T) {
	const host = ".ap-northeast-1.amazonaws.com"
	scope := func(region, service string) string {
		return "AWS4-HMAC-SHA256 Credential=ASIA…MPLE/20261123/" + region + "/" + service + "/aws4_request, SignedHeaders=host, Signature=REDACTED"
	}
	for _, tc := range []struct {
		name    string
		request flow.Request
		service string
		also    []string
		op, by  string
		region  string
	}{
		{
			"target with a package before it",
			ask("POST", "https://cloudtrail"+host, "x-amz-target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"),
			"cloudtrail", nil, "LookupEvents", "x-amz-target", "",
		},
		{
			"target of two services of one host",
			ask("POST", "https://events"+host, "x-amz-target", "AWSEvents.PutRule"),
			"eventbridge",
			[]string{"events"},
			"PutRule", "x-amz-target", "",
		},
		{
			"unknown target",
			ask("POST", "https://logs"+host, "x-amz-target", "Logs_20990101.NewThing"),
			"logs", nil, "NewThing", "x-amz-target", "",
		},
		{
			"target of another service than the host's",
			ask("POST", "https://logs"+host, "x-amz-target", "GraniteServiceVersion20100801.GetMetricData"),
			"monitoring", nil, "GetMetricData", "x-amz-target", "",
		},
		{
			"no operation in the target",
			ask("POST", "https://logs"+host, "x-amz-target", "Logs_20140328."),
			"logs", nil, "", flow.Undecoded, "",
		},
		{
			"CBOR",
			ask("POST", "https://monitoring"+host+"/service/GraniteServiceVersion20100801/operation/GetMetricData", "Smithy-Protocol", "rpc-v2-cbor"),
			"monitoring", nil, "GetMetricData", "rpc-v2-cbor", "",
		},
		{
			"an object with a path like CBOR's",
			ask("GET", "https://b.s3"+host+"/service/a/operation/b"),
			"s3", nil, "GetObject", "rest", "",
		},
		{
			"query protocol",
			ask("GET", "https://ec2"+host+"/?Action=DescribeInstances&Version=2016-11-15"),
			"ec2", nil, "DescribeInstances", "action-query", "",
		},
		{
			"query protocol, no version",
			ask("GET", "https://sts"+host+"/?Action=GetCallerIdentity"),
			"sts", nil, "GetCallerIdentity", "action-query", "",
		},
		{
			"the version tells which of two",
			ask("GET", "https://elasticloadbalancing"+host+"/?Action=DescribeLoadBalancers&Version=2015-12-01"),
			"elasticloadbalancingv2", nil, "DescribeLoadBalancers", "action-query", "",
		},
		{
			"RDS, DocumentDB and Neptune can't be told apart",
			ask("GET", "https://rds"+host+"/?Action=DescribeDBInstances&Version=2014-10-31"),
			"rds",
			[]string{"docdb", "neptune"},
			"DescribeDBInstances", "action-query", "",
		},
		{
			"query protocol in a form",
			withBody(ask("POST", "https://iam.amazonaws.com/"), "Action=ListRoles&Version=2010-05-08&MaxItems=1"),
			"iam", nil, "ListRoles", "action-form", "none",
		},
		{
			"a form whose action isn't its first field, and the version tells which of two",
			withBody(ask("POST", "https://elasticloadbalancing"+host), "AllocationId=1&Action=DescribeLoadBalancers&Version=2012-06-01"),
			"elasticloadbalancing", nil, "DescribeLoadBalancers", "action-form", "",
		},
		{
			"only one of those that share a host offers it",
			ask("GET", "https://rds"+host+"/?Action=DescribeDBLogFiles&Version=2014-10-31"),
			"rds", nil, "DescribeDBLogFiles", "action-query", "",
		},
		{
			"an object whose content looks like a form",
			withBody(ask("PUT", "https://b.s3"+host+"/k"), "Action=Look&Version=1"),
			"s3", nil, "PutObject", "rest", "",
		},
		{
			"a parameter of an object's URL",
			ask("GET", "https://b.s3"+host+"/k?Action=Look"),
			"s3", nil, "GetObject", "rest", "",
		},
		{
			"what the CloudWatch console signs along",
			ask("POST", "https://logs"+host, "X-Amz-Requested-Operation", "describeLogStreams"),
			"logs", nil, "DescribeLogStreams", "x-amz-requested-operation", "",
		},
		{
			"the signature's Region and service beat the host's",
			ask("POST", "https://monitoring"+host, "Authorization", scope("us-east-1", "logs")),
			"logs", nil, "", flow.Undecoded, "us-east-1",
		},
		{
			"a signing name of several services doesn't",
			ask("GET", "https://123456789012.s3-control"+host, "Authorization", scope("us-east-1", "s3")),
			"s3control", nil, "", flow.Undecoded, "us-east-1",
		},
		{
			"nor does one of several services that the host is none of",
			ask("POST", "https://logs"+host, "Authorization", scope("us-east-1", "s3")),
			"logs", nil, "", flow.Undecoded, "us-east-1",
		},
		{
			"presigned",
			ask("GET", "https://b.s3.amazonaws.com/k?X-Amz-Credential=ASIA%2F20261123%2Fsa-east-1%2Fs3%2Faws4_request&X-Amz-Signature=0"),
			"s3", nil, "GetObject", "rest", "sa-east-1",
		},
		{
			"SigV4A",
			ask("GET", "https://a.mrap.accesspoint.s3-global.amazonaws.com/k", "Authorization",
				"AWS4-ECDSA-P256-SHA256 Credential=ASIA/20261123/s3/aws4_request, SignedHeaders=host, Signature=0", "X-Amz-Region-Set", "eu-west-1"),
			"s3", nil, "GetObject", "rest", "eu-west-1",
		},
		{
			"a scope that is none",
			ask("POST", "https://logs"+host, "Authorization", "AWS4-HMAC-SHA256 Credential=/aws4_request"),
			"logs", nil, "", flow.Undecoded, "",
		},
		{
			"signed for a service that isn't known, at a host that isn't either",
			ask("POST", "https://a.b"+host, "Authorization", scope("us-east-1", "brand-new")),
			"brand-new", nil, "", flow.Undecoded, "us-east-1",
		},
	} {
		t.Run(tc.name, func(t *testing.T) { checkCall(t, tc.request, tc.service, tc.also, tc.op, tc.by, tc.region) })
	}
}

func withBody(r flow.Request, body string) flow.Request {
	r.Body = []byte(body)
	return r
}

func checkCall(t *testing.T, r flow.Request, service string, also []string, op, by, region string) {
	t.Helper()
	f := &flow.Flow{Request: r}
	tables := load(t)
	f.Request.Body = f.Request.Body[:min(len(r.Body), tables.Reads(f))] // as much as a run has of it
	tables.Tag(f)
	if f.AWS == nil {
		t.Fatalf("no call; origin %q", f.Origin)
	}
	switch region {
	case "":
		region = "ap-northeast-1"
	case "none":
		region = ""
	}
	got := flow.AWS{
		Service: f.AWS.Service, Also: f.AWS.Also, Operation: f.AWS.Operation, DecodedBy: f.AWS.DecodedBy, Region: f.AWS.Region,
	}
	want := flow.AWS{Service: service, Also: also, Operation: op, DecodedBy: by, Region: region}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", r.URL, d)
	}
}

func TestTag_operationsThatTheConsoleRelays(t *testing.T) {
	for _, tc := range []struct{ path, target, service, op, by string }{
		{"/ec2/ecb/elastic/?call=com.amazonaws.ec2.AmazonEC2.DescribeInstances", "", "ec2", "DescribeInstances", "console-call"},
		{"/vpc/vcb/elastic/?call=com.amazonaws.ec2.AmazonEC2.CreateInternetGateway?&mbtc=1", "", "ec2", "CreateInternetGateway", "console-call"},
		{"/vpc/vcb/elastic/?call=com.amazonaws.ec2ux.elasticconsole.generated.ElasticConsoleBackendGenerated.MergedDescribeVpcs", "", "ec2", "DescribeVpcs", "console-call"},
		{"/vpc/vcb/elastic/?call=com.amazonaws.elasticconsole.backend.master.ElasticConsoleBackendService.GetMergedResources", "", "ec2", "", flow.Undecoded},
		{"/ram/ccb/elastic/?call=com.amazonaws.resourcesharing.V2018_01_04.AmazonResourceSharing.CreateResourceShare", "", "ram", "CreateResourceShare", "console-call"},
		{"/ec2/ecb/elastic/?call=com.amazonaws.directory.DirectoryService_20150416.DescribeDirectories", "", "ds", "DescribeDirectories", "console-call"},
		{"/ec2/ecb?call=getMergedInstanceList?&mbtc=1086602647", "", "ec2", "DescribeInstances", "console-call"},
		{"/ec2/ecb?call=terminateInstances?", "", "ec2", "TerminateInstances", "console-call"},
		{"/ec2/ecb?call=elbV2CreateRule?", "", "elasticloadbalancingv2", "CreateRule", "console-call"},
		{"/ec2/ecb?call=updateTags?", "", "ec2", "", flow.Undecoded},
		{"/ec2/autoscaling/acb?call=DescribePolicies?", "", "autoscaling", "DescribePolicies", "console-call"},
		{"/vpc/vcb?call=callSdk_com.amazonaws.services.ec2.AmazonEC2Client_describeVpcEndpoints?", "", "ec2", "DescribeVpcEndpoints", "console-call"},
		{"/vpc/vcb?call=callSdk_", "", "ec2", "", flow.Undecoded},
		{"/somewhere?call=doThings", "", "", "", flow.Undecoded},
		{"/ec2/ecb?call=%zz", "", "ec2", "", flow.Undecoded},
		{"/organizations/proxy", "AWSOrganizationsV20161128.ListAccounts", "organizations", "ListAccounts", "x-amz-target"},
	} {
		r := ask("POST", console+tc.path)
		if tc.target != "" {
			r = ask("POST", console+tc.path, "X-Amz-Target", tc.target)
		}
		checkCall(t, r, tc.service, nil, tc.op, tc.by, "")
	}
}

func TestTag_beacons(t *testing.T) {
	tables := load(t)
	const base = console + "/p/log/1/cloudwatch/1/OP/"
	for path, wantCall := range map[string]bool{
		base + "&k0=GetMetricData_Time&m0=105151&cb=1":     true,
		base + "?k0=GetMetricData_Time&m0=105151":          true,
		base + "&k0=GetMetricData_Time&m0=105151.5":        true,
		base + "&k0=GetMetricData_Count&m0=3":              false,
		base + "&k0=GetMetricData_Time&m0=NaN":             false,
		base + "&k0=GetMetricData_Time&m0=-1":              false,
		base + "&k0=GetMetricData_Time&m0=1e300":           false,
		base + "&k0=%zz_Time&m0=1":                         false,
		base + "&k0=A%20B_Time&m0=1":                       false,
		console + "/panoramaroute":                         false,
		console + "/metrics/fingerprint?k0=A_Time&m0=what": false,
	} {
		f := &flow.Flow{Request: ask("GET", path)}
		tables.Tag(f)
		if f.Origin != flow.OriginTelemetry || f.AWS.IsCall() != wantCall || f.AWS.Region != "ap-northeast-1" {
			t.Errorf("%s: %q %+v, want telemetry, names an operation: %v", path, f.Origin, f.AWS, wantCall)
		}
	}
}

func TestTag_beaconsHaveAllMeasurements(t *testing.T) {
	tables := load(t)
	const base = console + "/p/log/1/cloudwatch/1/OP/"
	both := []flow.Measure{{Name: "GetMetricData", Took: 4001 * time.Millisecond}, {Name: "DescribeAlarms", Took: 12500 * time.Microsecond}}
	for path, want := range map[string][]flow.Measure{
		base + "&k0=GetMetricData_Time&m0=4001&k1=DescribeAlarms_Time&m1=12.5&cb=1":                     both,
		base + "?cb=1&k1=DescribeAlarms_Time&m1=12.5&m0=4001&k0=GetMetricData_Time":                     both,
		base + "&k0=GetMetricData_Time&m0=4001&k1=Widgets_Count&m1=3&k2=DescribeAlarms_Time&m2=12.5":    both,
		base + "%26k0%3DGetMetricData_Time%26m0%3D4001%26k1%3DDescribeAlarms_Time%26m1%3D12.5%26cb%3D1": both,
		base + "?k0%3DGetMetricData_Time%26m0%3D4001%26k1%3DDescribeAlarms_Time%26m1%3D12.5":            both,
		base + "&amp;k0=GetMetricData_Time&amp;m0=4001&amp;k1=DescribeAlarms_Time&amp;m1=12.5":          both,
		base + "&k1=DescribeAlarms_Time&m1=12.5":                                                        both[1:],
		base + "&k0=GetMetricData_Time&m0=4001&k1=DescribeAlarms_Time&m1=soon":                          both[:1],
	} {
		f := &flow.Flow{Request: ask("POST", path)}
		tables.Tag(f)
		if f.AWS == nil || !slices.Equal(f.AWS.Beacon, want) || f.AWS.Operation != want[0].Name || f.AWS.Measured != want[0].Took {
			t.Errorf("%s: %+v, want %v", path, f.AWS, want)
		}
	}
}

func FuzzTag(f *testing.F) {
	tables := load(f)
	f.Add("POST", console+"/ec2/ecb/elastic/?call=a.b.C?", auth, "a.B", console)
	f.Add("GET", console+"/p/log/1/x/1/OP/&k0=A_Time&m0=1e300", "", "", "")
	f.Add("CONNECT", "monitoring.us-east-1.amazonaws.com:443", "", "", "")
	f.Add("GET", "https://b.s3.amazonaws.com/k?X-Amz-Credential=%2F%2Faws4_request&X-Amz-Signature=", "", ".", "https://@")
	f.Add("OPTIONS", "https://a.b.us-east-1.amazonaws.com/service/x/operation/y?Action=&Version=", "Credential=/s3/aws4_request", "é.É", "://")
	f.Fuzz(func(t *testing.T, method, url, authorization, target, referer string) {
		r := ask(method, url, "authorization", authorization, "x-amz-target", target, "referer", referer,
			"x-amz-requested-operation", target, "origin", referer)
		fl := &flow.Flow{Request: r, Response: &flow.Response{Headers: []flow.Header{
			{Name: "x-amzn-errortype", Value: target}, {Name: "x-amzn-requestid", Value: authorization},
		}}}
		tables.Tag(fl)
		if fl.Origin == "" {
			t.Error("no origin")
		}
		if len(fl.Why) > 6 || len(fl.Page) > len(url)+len(referer) {
			t.Errorf("why %v, page %q", fl.Why, fl.Page)
		}
		if a := fl.AWS; a != nil && (len(a.Operation) > 128 || a.Operation != "" && !isWord(a.Operation)) {
			t.Errorf("operation %q", a.Operation)
		}
		first := *fl
		tables.Tag(fl)
		if d := cmp.Diff(first, *fl); d != "" {
			t.Errorf("tagging again changes the flow:\n%s", d)
		}
	})
}

func BenchmarkTag_targetedCall(b *testing.B) {
	tables := load(b)
	r := ask("POST", "https://monitoring.ap-northeast-1.amazonaws.com/", "host", "monitoring.ap-northeast-1.amazonaws.com",
		"content-length", "812", "sec-ch-ua-platform", `"Linux"`, "authorization", auth,
		"x-amz-target", "GraniteServiceVersion20100801.GetMetricData", "user-agent", "Mozilla/5.0", "x-amz-date", "20261123T000000Z",
		"content-type", "application/x-amz-json-1.0", "x-amz-security-token", "x", "accept", "*/*", "origin", console,
		"sec-fetch-site", "cross-site", "sec-fetch-mode", "cors", "sec-fetch-dest", "empty", "referer", console+"/cloudwatch/home",
		"accept-encoding", "gzip, deflate, br, zstd", "accept-language", "en")
	b.ReportAllocs()
	for b.Loop() {
		f := flow.Flow{Request: r}
		tables.Tag(&f)
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		load(b)
	}
}
