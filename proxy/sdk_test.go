package proxy

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// unseekable hides that a body is an io.Seeker: the SDK then sends it chunked, with the
// checksum in a trailer.
type unseekable struct{ io.Reader }

func TestSigV4_signaturesOfTheSDKStayValid(t *testing.T) {
	matrix(t, func(t *testing.T, client, server bool) {
		svc := &fakeService{}
		b := newFixture(t, setup{domain: "amazonaws.com", h2: server}, svc)
		conf := aws.Config{
			Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider(testKeyID, testSecret, "token"),
			HTTPClient: b.client(t, client), RetryMaxAttempts: 1,
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		try := func(what string, err error) {
			t.Helper()
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		buckets, logs := s3.NewFromConfig(conf), cloudwatchlogs.NewFromConfig(conf)
		bucket, body := aws.String("bucket"), strings.Repeat("0123456789", 30_000)
		for _, key := range []string{"a b+c%2F//é", "..//./x", "~!*'()&=?#", " "} {
			_, err := buckets.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: &key, Body: strings.NewReader(body)})
			try("put "+key, err)
			_, err = buckets.PutObject(ctx, &s3.PutObjectInput{
				Bucket: bucket, Key: &key, Body: unseekable{strings.NewReader(body)}, ContentLength: aws.Int64(int64(len(body))),
			})
			try("put in chunks "+key, err)
			got, err := buckets.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: &key})
			try("get "+key, err)
			if err == nil {
				_ = got.Body.Close()
			}
			signed, err := s3.NewPresignClient(buckets).PresignGetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: &key})
			try("presign "+key, err)
			if err == nil {
				req, _ := http.NewRequestWithContext(ctx, signed.Method, signed.URL, nil)
				resp, err := conf.HTTPClient.Do(req)
				try("presigned "+key, err)
				if err == nil {
					_ = resp.Body.Close()
				}
			}
		}
		_, err := buckets.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
			Bucket: bucket, Prefix: aws.String("a b/+&=é"), Delimiter: aws.String("/"),
		})
		try("list", err)
		_, err = logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/é")})
		try("log groups", err)
		svc.mu.Lock()
		defer svc.mu.Unlock()
		for _, err := range svc.errs {
			t.Error(err)
		}
		if len(svc.seen) != 4*4+2 {
			t.Errorf("%d requests arrived, want 18:\n%s", len(svc.seen), strings.Join(svc.seen, "\n"))
		}
		for _, f := range b.sink.finals(t, len(svc.seen)) {
			if bytes.Contains([]byte(f.Request.URL), []byte("logs.")) && f.Request.BodySize == 0 {
				t.Errorf("the body of %s wasn't counted", f.Request.URL)
			}
		}
	})
}
