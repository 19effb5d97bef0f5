package aws

import (
	"testing"
	"time"

	"detour/internal/flow"
)

func TestPairs(t *testing.T) {
	tables := load(t)
	start := time.Date(2026, 11, 23, 10, 28, 0, 0, time.UTC)
	at := func(id flow.ID, after time.Duration, r flow.Request) *flow.Flow {
		f := &flow.Flow{ID: id, Request: r, Times: flow.Times{Start: start.Add(after)}}
		tables.Tag(f)
		return f
	}
	const logs = "https://logs.us-east-1.amazonaws.com/"
	preflight := ask("OPTIONS", logs, "Origin", console, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,x-amz-target")
	call := func(op string) flow.Request {
		return ask("POST", logs, "Origin", console, "X-Amz-Target", "Logs_20140328."+op)
	}
	sign := withBody(ask("POST", console+"/cloudwatch/CloudWatch/data/auth.SdkSign", "Origin", console),
		`{"Endpoint":"https://logs.us-east-1.amazonaws.com","Headers":{"X-Amz-Target":"Logs_20140328.DescribeLogStreams"}}`)
	flows := []*flow.Flow{
		at(9, 10*time.Minute, call("GetLogEvents")), // too late for 8
		at(1, 0, preflight),
		at(2, time.Second, sign),
		at(3, 2*time.Second, call("DescribeLogGroups")),  // what 1 was for
		at(4, 3*time.Second, call("DescribeLogStreams")), // what 2 was for
		at(5, 4*time.Second, preflight),
		at(6, 5*time.Second, ask("POST", logs, "Origin", "https://elsewhere.example", "X-Amz-Target", "Logs_20140328.FilterLogEvents")),
		at(7, 6*time.Second, ask("GET", logs, "Origin", console)),
		at(8, 7*time.Second, preflight),
	}
	pairs := Pairs(flows)
	got := map[flow.ID]flow.ID{}
	for _, p := range pairs {
		got[p.Before.ID] = p.For.ID
	}
	if len(got) != 2 || got[1] != 3 || got[2] != 4 {
		t.Fatalf("%v, want 1 for 3 and 2 for 4", got)
	}
	before := *pairs[0].Before.AWS
	if a := pairs[0].Adopt(); a.Operation != "DescribeLogGroups" || a.DecodedBy != preflightRule {
		t.Errorf("the preflight is of %s by %s, want DescribeLogGroups by %s", a.Operation, a.DecodedBy, preflightRule)
	}
	if a := pairs[1].Adopt(); a.Operation != "DescribeLogStreams" || a.DecodedBy != signingRule {
		t.Errorf("the signature is of %s by %s, want DescribeLogStreams by %s", a.Operation, a.DecodedBy, signingRule)
	}
	if pairs[0].Before.AWS.Operation != before.Operation {
		t.Error("a published flow was written to")
	}
}

func TestPairs_manyWaitingForNothingTakeLinearTime(t *testing.T) {
	r := ask("OPTIONS", "https://logs.us-east-1.amazonaws.com/", "Access-Control-Request-Method", "POST")
	flows := make([]*flow.Flow, 0, 200_000)
	for i := range cap(flows) {
		flows = append(flows, &flow.Flow{ID: flow.ID(i), Request: r})
	}
	start := time.Now()
	if p := Pairs(flows); len(p) != 0 {
		t.Errorf("%d pairs", len(p))
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("takes %v", took)
	}
}
