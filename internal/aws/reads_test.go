package aws

import (
	"testing"

	"detour/internal/flow"
)

func TestReads_onlyWhatTellsSomething(t *testing.T) {
	const (
		ec2  = "https://ec2.us-east-1.amazonaws.com/"
		s3   = "https://bucket.s3.us-east-1.amazonaws.com/key"
		form = "application/x-www-form-urlencoded; charset=utf-8"
	)
	answer := func(r flow.Request, status int, kind string) flow.Flow {
		return flow.Flow{Request: r, Response: &flow.Response{Status: status, Headers: []flow.Header{{Name: "content-type", Value: kind}}}}
	}
	for name, v := range map[string]struct {
		f    flow.Flow
		want int
	}{
		"a form":                     {flow.Flow{Request: ask("POST", ec2, "Content-Type", form)}, maxRelayed},
		"what isn't said":            {flow.Flow{Request: ask("POST", ec2)}, maxRelayed},
		"a header says it all":       {flow.Flow{Request: ask("POST", ec2, "Content-Type", "application/x-amz-json-1.1")}, 0},
		"an object":                  {flow.Flow{Request: ask("PUT", s3, "Content-Type", "text/plain")}, 0},
		"wrapped for the console":    {flow.Flow{Request: ask("POST", console+"/iamv2/api/iam", "Content-Type", "application/json")}, maxRelayed},
		"GWT":                        {flow.Flow{Request: ask("POST", console+"/vpc/vpc/VpcConsoleService", "Content-Type", "text/x-gwt-rpc; charset=utf-8")}, maxRelayed},
		"an upload of the console's": {flow.Flow{Request: ask("POST", console+"/x", "Content-Type", "image/png")}, 0},
		"a beacon":                   {flow.Flow{Request: ask("POST", "https://us-east-1.panorama.console.api.aws/x")}, 0},
		"a tunnel":                   {flow.Flow{Request: ask("CONNECT", "ec2.us-east-1.amazonaws.com:443")}, 0},
		"a refusal":                  {answer(ask("POST", ec2), 403, "text/xml"), maxErrorBody},
		"a refusal in CBOR":          {answer(ask("POST", ec2), 400, "application/cbor"), maxErrorBody},
		"a refused picture":          {answer(ask("GET", s3), 403, "image/png"), 0},
		"success":                    {answer(ask("POST", ec2), 200, "application/x-amz-json-1.1"), 0},
		"S3's late error":            {answer(ask("POST", s3+"?uploadId=1"), 200, "application/xml"), shortRead},
		"an event stream":            {answer(ask("POST", ec2), 200, eventStream), maxErrorBody},
		"a relayed answer":           {answer(ask("POST", console+"/iamv2/api/iam"), 200, "application/json"), maxErrorBody},
		"the console's page":         {answer(ask("GET", console+"/ec2/home"), 200, "text/html; charset=utf-8"), 0},
		"not modified":               {answer(ask("GET", console+"/ec2/home"), 304, ""), 0},
		"a script":                   {answer(ask("GET", "https://a.b.cdn.console.awsstatic.com/x.js"), 403, "application/xml"), 0},
	} {
		if got := load(t).Reads(&v.f); got != v.want {
			t.Errorf("%s: %d bytes, want %d", name, got, v.want)
		}
	}
}

func BenchmarkReads(b *testing.B) {
	t := load(b)
	f := flow.Flow{Request: ask("POST", "https://monitoring.us-east-1.amazonaws.com/", "Content-Type", "application/x-amz-json-1.0")}
	b.ReportAllocs()
	for b.Loop() {
		t.Reads(&f)
	}
}
