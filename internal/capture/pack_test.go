package capture

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/internal/flow"
)

func TestGet_hasTheHeaderFieldsOfAFinalFlowAsTheyCame(t *testing.T) {
	s := New(Options{})
	odd := []flow.Header{
		{Name: "Host", Value: "h"},
		{Name: "X", Value: ""},
		{Name: "X", Value: "again"},
		{Name: "", Value: "no name"},
		{Name: strings.Repeat("n", 10_000), Value: strings.Repeat("é", 10_000)},
		{Name: "Date", Value: "\x00\xff"},
	}
	for id := flow.ID(1); id <= 3; id++ { // the second time a field gets a number, the third time it has one
		f := final(id, 1)
		f.Request.Headers = append([]flow.Header{{Name: "X-Id", Value: fmt.Sprint(id)}}, odd...)
		f.Response = &flow.Response{Status: 200, Headers: odd, BodySize: 7}
		want := f
		s.Put(f)
		got := s.Get(id)
		if d := cmp.Diff(&want, got); d != "" {
			t.Errorf("flow %d (-put +got):\n%s", id, d)
		}
		if f.Response.Headers == nil {
			t.Fatal("the caller's response was written to")
		}
	}
	for _, f := range s.Flows() {
		if f.Request.Headers != nil || f.Response.Headers != nil {
			t.Errorf("flow %d is listed with its fields", f.ID)
		}
	}
}

func TestGet_aFlowWithoutFieldsOrResponse(t *testing.T) {
	s := New(Options{})
	s.Put(final(1, 1))
	if f := s.Get(1); f == nil || f.Response != nil || len(f.Request.Headers) != 0 {
		t.Errorf("got %+v", f)
	}
	if f := s.Get(2); f != nil {
		t.Errorf("a flow that was never put: %+v", f)
	}
}

func TestPacker_isBoundedWhateverComes(t *testing.T) {
	p := newPacker()
	for i := range 3 * maxFields {
		h := []flow.Header{{Name: fmt.Sprint("n", i), Value: strings.Repeat("v", 300) + fmt.Sprint(i)}}
		for range 2 {
			var back []flow.Header
			p.unpack(p.pack(h), &back)
			if back[0] != h[0] {
				t.Fatalf("%d came back as %v", i, back)
			}
		}
	}
	if len(p.byID) > maxFields || len(p.byName) > maxNames || p.weight > maxWeight+maxField {
		t.Errorf("%d fields, %d names, %d bytes are remembered", len(p.byID), len(p.byName), p.weight)
	}
}

// consoleFlow is a flow like those of a console page: 16 fields out, 14 back, some
// of them different each time.
func consoleFlow(id flow.ID, r *rand.Rand) flow.Flow {
	unique := func() string {
		return fmt.Sprintf("%08x-%04x-%04x-%012x", r.Uint32(), r.Uint32()&0xffff, r.Uint32()&0xffff, r.Uint64()&0xffffffffffff)
	}
	f := final(id, 1)
	f.Origin, f.Why = flow.OriginDirect, []flow.Evidence{flow.EvidenceSigV4Header, flow.EvidenceOrigin}
	f.AWS = &flow.AWS{
		Partition: "aws", Region: "ap-northeast-1", Service: "monitoring", ServiceName: "CloudWatch", Operation: "GetMetricData",
		DecodedBy: "x-amz-target", EndpointService: "com.amazonaws.ap-northeast-1.monitoring", RequestID: unique(),
	}
	f.Page = "https://ap-northeast-1.console.aws.amazon.com/ec2/home"
	f.Request = flow.Request{Method: "POST", URL: "https://monitoring.ap-northeast-1.amazonaws.com/?r=" + unique(), Proto: "HTTP/2.0", BodySize: 812}
	for _, h := range []string{
		"Host: monitoring.ap-northeast-1.amazonaws.com", "Accept: */*", "Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: en-US,en;q=0.9,ja;q=0.8",
		"Content-Length: " + fmt.Sprint(500+r.IntN(500)), "Content-Type: application/x-amz-json-1.0", "Origin: https://ap-northeast-1.console.aws.amazon.com",
		"Referer: https://ap-northeast-1.console.aws.amazon.com/", "Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: cors", "Sec-Fetch-Site: cross-site",
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36",
		"X-Amz-Date: " + time.Unix(int64(id), 0).UTC().Format("20060102T150405Z"), "X-Amz-Target: GraniteServiceVersion20100801.GetMetricData",
		"Authorization: AWS4-HMAC-SHA256 Credential=ASIA…/20261123/ap-northeast-1/monitoring/aws4_request, SignedHeaders=host;x-amz-date, Signature=REDACTED",
		"X-Amz-Security-Token: [redacted, 1024 bytes]",
	} {
		n, v, _ := strings.Cut(h, ": ")
		f.Request.Headers = append(f.Request.Headers, flow.Header{Name: n, Value: v})
	}
	f.Response = &flow.Response{Status: 200, Proto: "HTTP/2.0", BodySize: 5120}
	for _, h := range []string{
		"Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: x-amzn-RequestId,x-amzn-ErrorType", "Content-Type: application/x-amz-json-1.0",
		"Content-Length: " + fmt.Sprint(4000+r.IntN(3000)), "Date: " + time.Unix(int64(id), 0).UTC().Format(time.RFC1123), "X-Amzn-Requestid: " + unique(),
		"Server: AmazonEC2", "Strict-Transport-Security: max-age=47304000; includeSubDomains", "X-Amz-Cf-Id: " + unique(), "Vary: origin",
	} {
		n, v, _ := strings.Cut(h, ": ")
		f.Response.Headers = append(f.Response.Headers, flow.Header{Name: n, Value: v})
	}
	return f
}

// A kept flow must stay below 1.5 KiB: a browser's day has tens of thousands.
func TestStore_aFlowOfTheConsoleTakesLessThanOneAndAHalfKiB(t *testing.T) {
	s := New(Options{})
	r := rand.New(rand.NewPCG(1, 2))
	const n = 10_000
	before := heap()
	for id := flow.ID(1); id <= n; id++ {
		s.Put(consoleFlow(id, r))
	}
	each := (heap() - before) / n
	t.Logf("%d bytes a flow", each)
	if each > 1536 {
		t.Errorf("%d bytes a flow, want at most 1536", each)
	}
	runtime.KeepAlive(s)
}

func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc) //nolint:gosec // far below
}

func BenchmarkPut_console(b *testing.B) {
	s := New(Options{})
	r := rand.New(rand.NewPCG(1, 2))
	f := consoleFlow(1, r)
	b.ReportAllocs()
	for i := range b.N {
		f.ID = flow.ID(i + 1)
		s.Put(f)
	}
}
