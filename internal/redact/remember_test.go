package redact

import (
	"maps"
	"math/rand/v2"
	"testing"

	"detour/internal/flow"
)

// What a flow of this test may have. Some of it is a secret only in a call of a service with
// sensitive members, or in one place and not in another.
var (
	someServices = []string{"", "ec2", "account", "x", "cognito-idp", "sts"}
	someNames    = []string{
		"Accept", "accept", "User-Agent", "X-Bench-Conn", "X-Api-Key", "Cookie", "Set-Cookie", "Referer", "Authorization", "X-Amzn-Requestid",
		"FullName", "accept.FullName", "X-Amzn-Errortype", "X-Amz-Content-Sha256", "Grpc-Message", "Date", "password=x",
	}
	someTexts = []string{
		"", "*/*", "bench", "HTTP/1.1", "FullName=Jane", "fullname: Jane", "a; FullName=Jane", "password=hunter2", "12", "-", "redacted:token:0123456789",
		"https://h/?FullName=Jane&x=1", "https://h/?token=abc", "/FullName/0123456789abcdef", "<FullName>Jane</FullName>", "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE",
		"arn:aws:iam::123456789012:user/jane", "jane@example.com", "10.1.2.3", "vpc-0123456789abcdef0", "a=b; c=d", "Bearer abc", "x\ny=z",
	}
)

func someFlow(r *rand.Rand) *flow.Flow {
	text := func() string { return someTexts[r.IntN(len(someTexts))] }
	service := func() string { return someServices[r.IntN(len(someServices))] }
	fields := func() (out []flow.Header) {
		for range r.IntN(5) {
			out = append(out, flow.Header{Name: someNames[r.IntN(len(someNames))], Value: text()})
		}
		return out
	}
	f := &flow.Flow{
		State:   flow.StateDone,
		Request: flow.Request{Method: "GET", URL: "https://h/" + text(), Proto: text(), Headers: fields()},
		Page:    text(),
	}
	if r.IntN(4) > 0 {
		f.Response = &flow.Response{Proto: text(), Headers: fields()}
	}
	if r.IntN(4) > 0 {
		f.AWS = &flow.AWS{Service: service(), Operation: text()}
		if r.IntN(4) == 0 {
			f.AWS.Also = []string{service()}
		}
		if r.IntN(4) == 0 {
			f.AWS.Batch = []string{service() + ":A", service() + ":B"}
		}
	}
	if r.IntN(4) == 0 {
		f.Failure = &flow.Failure{Message: text()}
		f.Conn = &flow.Conn{ID: 1, Authority: text(), Via: &flow.Via{Headers: fields(), Err: text()}}
	}
	return f
}

// A redactor that has seen a thousand flows redacts and counts as one that has seen none.
func TestFlow_whatIsRememberedChangesNothing(t *testing.T) {
	for _, strict := range []bool{false, true} {
		opt := Options{Key: []byte("a key"), Strict: strict}
		r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // repeatable
		used := New(opt)
		for range 1000 {
			f := someFlow(r)
			given := marshal(f)
			counted, got, want := used.Counts(), *f, *f
			used.Flow(&got)
			fresh := New(opt)
			if strict {
				fresh.addresses.made, fresh.addresses.own = maps.Clone(used.addresses.made), maps.Clone(used.addresses.own)
			}
			fresh.Flow(&want)
			if a, b := marshal(got), marshal(want); a != b {
				t.Fatalf("of  %s\nwas %s\nis  %s", given, b, a)
			}
			for kind, n := range fresh.Counts() {
				counted[kind] += n
			}
			if !maps.Equal(used.Counts(), counted) {
				t.Fatalf("%s: counted are %v, not %v", given, used.Counts(), counted)
			}
			if marshal(f) != given {
				t.Fatal("what f points at was written to")
			}
		}
	}
}
