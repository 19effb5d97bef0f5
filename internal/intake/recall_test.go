package intake

import (
	"encoding/json"
	"strings"
	"testing"

	"detour/internal/flow"
)

// TestTake_aRecordWithoutBodiesKeepsWhatTheyTold checks flows that are exported without
// their bodies, as most are, and read again.
func TestTake_aRecordWithoutBodiesKeepsWhatTheyTold(t *testing.T) {
	const console = "https://us-east-1.console.aws.amazon.com"
	origin := []flow.Header{{Name: "Origin", Value: console}, {Name: "Content-Type", Value: "application/json"}}
	in := New(Config{Tables: load(t), KeepBodies: func(*flow.Flow) bool { return false }})
	first := &flow.Flow{ID: 1, Source: flow.SourceHAR, State: flow.StateDone, Request: flow.Request{
		Method: "POST", URL: console + "/sns/v3/api/sns", Headers: origin,
		Body: []byte(`{"headers":{"X-Amz-Target":"AmazonSimpleNotificationService.ListTopics"},"path":"/","method":"POST","region":"eu-west-1","operation":"listTopics"}`),
	}, Response: &flow.Response{Status: 400, Body: []byte(`{"__type":"AuthorizationError","message":"because no VPC endpoint policy allows the x action"}`)}}
	first.Request.BodySize, first.Response.BodySize = int64(len(first.Request.Body)), int64(len(first.Response.Body))
	in.Take(first)
	if first.AWS.Operation != "ListTopics" || first.AWS.Error == nil || first.Request.Body != nil {
		t.Fatalf("the call is %+v with the error %+v", first.AWS, first.AWS.Error)
	}
	b, err := json.Marshal(first.Record())
	if err != nil {
		t.Fatal(err)
	}
	again := func(record string) *flow.Flow {
		var r flow.Record
		if err := json.Unmarshal([]byte(record), &r); err != nil {
			t.Fatal(err)
		}
		f := r.Flow()
		in.Take(f)
		return f
	}
	if got := again(string(b)); got.AWS.Operation != "ListTopics" || got.AWS.Region != "eu-west-1" || got.AWS.DecodedBy != first.AWS.DecodedBy ||
		got.AWS.Error == nil || *got.AWS.Error != *first.AWS.Error || got.AWS.Error.Deny != flow.DenyVPCEndpoint {
		t.Errorf("read again, the call is %+v with the error %+v", got.AWS, got.AWS.Error)
	}
	for _, forged := range []string{`"operation":"List\u001b[31m"`, `"operation":"` + strings.Repeat("x", 200) + `"`} {
		if got := again(strings.Replace(string(b), `"operation":"ListTopics"`, forged, 1)); got.AWS.Operation != "" {
			t.Errorf("%s is %q", forged, got.AWS.Operation)
		}
	}
	if got := again(strings.Replace(string(b), `"code":"AuthorizationError"`, `"code":"a b"`, 1)); got.AWS.Error.Code != "" {
		t.Errorf("a forged code is %q", got.AWS.Error.Code)
	}
}
