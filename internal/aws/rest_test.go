package aws

import (
	"strings"
	"testing"
	"time"

	"detour/internal/cputime"
	"detour/internal/flow"
)

func TestTag_operationsByRoute(t *testing.T) {
	const r = ".ap-northeast-1.amazonaws.com"
	for _, tc := range []struct{ method, url, header, service, op string }{
		{"GET", "https://lambda" + r + "/2015-03-31/functions/", "", "lambda", "ListFunctions"},
		{"GET", "https://lambda" + r + "/2015-03-31/functions/f", "", "lambda", "GetFunction"},
		{"POST", "https://lambda" + r + "/2015-03-31/functions/f/invocations", "", "lambda", "Invoke"},
		{"GET", "https://lambda" + r + "/2018-10-31/layers?find=LayerVersion&Arn=a", "", "lambda", "GetLayerVersionByArn"},
		{"GET", "https://apigateway" + r + "/restapis/a/resources/b/methods/GET", "", "apigateway", "GetMethod"},
		{"GET", "https://apigateway" + r + "/v2/apis", "", "apigatewayv2", "GetApis"},
		// An ARN whose slash isn't escaped.
		{"GET", "https://xray" + r + "/tags/arn:aws:x:y:1:z/t", "", "", ""},
		{"GET", "https://eks" + r + "/tags/arn:aws:eks:ap-northeast-1:123456789012:cluster/c", "", "eks", "ListTagsForResource"},
		{"POST", "https://cloudfront.amazonaws.com/2020-05-31/distribution?WithTags", "", "cloudfront", "CreateDistributionWithTags"},
		{"POST", "https://cloudfront.amazonaws.com/2020-05-31/distribution", "", "cloudfront", "CreateDistribution"},
		{"PATCH", "https://lambda" + r + "/2015-03-31/functions/f", "", "", ""},
		// S3: the bucket in the host or in the path; what the query and the headers say.
		{"GET", "https://s3" + r + "/", "", "s3", "ListBuckets"},
		{"GET", "https://s3" + r + "/b", "", "s3", "ListObjects"},
		{"GET", "https://s3" + r + "/b/?list-type=2&prefix=a%2Fb", "", "s3", "ListObjectsV2"},
		{"GET", "https://b.c.s3" + r + "/?list-type=2", "", "s3", "ListObjectsV2"},
		{"GET", "https://s3" + r + "/b/k/l", "", "s3", "GetObject"},
		{"PUT", "https://b.s3" + r + "/folder/", "", "s3", "PutObject"},
		{"PUT", "https://b.s3" + r + "/k", "x-amz-copy-source", "s3", "CopyObject"},
		{"PUT", "https://b.s3" + r + "/k?partNumber=1&uploadId=u", "", "s3", "UploadPart"},
		{"PUT", "https://b.s3" + r + "/k?partNumber=1&uploadId=u", "X-Amz-Copy-Source", "s3", "UploadPartCopy"},
		{"POST", "https://b.s3" + r + "/k?uploads", "", "s3", "CreateMultipartUpload"},
		{"POST", "https://b.s3" + r + "/k?uploadId=u", "", "s3", "CompleteMultipartUpload"},
		{"DELETE", "https://b.s3" + r + "/k?uploadId=u", "", "s3", "AbortMultipartUpload"},
		{"DELETE", "https://b.s3" + r + "/k?versionId=u", "", "s3", "DeleteObject"},
		{"GET", "https://b.s3" + r + "/k?uploadId=u", "", "s3", "ListParts"},
		{"GET", "https://b.s3" + r + "/?analytics", "", "s3", "ListBucketAnalyticsConfigurations"},
		{"GET", "https://b.s3" + r + "/?analytics&id=1", "", "s3", "GetBucketAnalyticsConfiguration"},
		{"GET", "https://b.s3" + r + "/?lifecycle", "", "s3", "GetBucketLifecycleConfiguration"},
		{"GET", "https://b.s3" + r + "/k?attributes", "", "s3", "GetObjectAttributes"},
		{"GET", "https://bucket.vpce-0a-1b.s3.ap-northeast-1.vpce.amazonaws.com/b/k", "", "s3", "GetObject"},
		{"GET", "https://b.bucket.vpce-0a-1b.s3.ap-northeast-1.vpce.amazonaws.com/k", "", "s3", "GetObject"},
		{"GET", "https://s3express-control.us-west-2.amazonaws.com/", "", "s3", "ListDirectoryBuckets"},
		{"GET", "https://b.s3" + r + "/k?x-id=GetObject", "", "s3", "GetObject"},
		{"GET", "https://123456789012.s3-control" + r + "/v20180820/accesspoint", "", "s3control", "ListAccessPoints"},
	} {
		q := ask(tc.method, tc.url)
		if tc.header != "" {
			q.Headers = append(q.Headers, flow.Header{Name: tc.header, Value: "/a/b"})
		}
		f := &flow.Flow{Request: q}
		if load(t).Tag(f); f.AWS == nil || f.AWS.Operation != tc.op || tc.op != "" && f.AWS.Service != tc.service {
			t.Errorf("%s %s: %+v, want %s %s", tc.method, tc.url, f.AWS, tc.service, tc.op)
		}
	}
}

func TestTag_aPreflightIsRoutedAsWhatItAsksFor(t *testing.T) {
	f := &flow.Flow{Request: ask("OPTIONS", "https://b.s3.us-east-1.amazonaws.com/k", "Access-Control-Request-Method", "PUT",
		"Access-Control-Request-Headers", "authorization, X-Amz-Copy-Source,x-amz-date")}
	if load(t).Tag(f); f.AWS == nil || f.AWS.Operation != "CopyObject" {
		t.Errorf("%+v, want CopyObject", f.AWS)
	}
}

// Hostile paths: many segments, many ARNs, many parameters.
func TestTag_timeOfHostilePathsIsBounded(t *testing.T) {
	tables := load(t)
	for _, url := range []string{
		"https://s3.us-east-1.amazonaws.com" + strings.Repeat("/a", 200_000),
		"https://eks.us-east-1.amazonaws.com/tags" + strings.Repeat("/arn:aws", 200_000),
		"https://lambda.us-east-1.amazonaws.com/2018-10-31/layers?" + strings.Repeat("find&", 200_000),
	} {
		if took := cputime.Of(func() { tables.Tag(&flow.Flow{Request: ask("GET", url)}) }); took > time.Second {
			t.Errorf("%.60s… takes %v", url, took)
		}
	}
}

func BenchmarkTag_route(b *testing.B) {
	tables := load(b)
	for name, url := range map[string]string{
		"s3":     "https://b.s3.us-east-1.amazonaws.com/a/b/c?x-amz-acl=1",
		"lambda": "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/f/code-signing-config",
		"chime":  "https://chime.us-east-1.amazonaws.com/accounts/1/users/2?operation=logout",
	} {
		b.Run(name, func(b *testing.B) {
			r := ask("GET", url, "authorization", auth, "origin", console)
			b.ReportAllocs()
			for b.Loop() {
				f := flow.Flow{Request: r}
				tables.Tag(&f)
			}
		})
	}
}
