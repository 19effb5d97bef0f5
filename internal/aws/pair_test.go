package aws

import (
	"testing"
	"time"

	"detour/internal/cputime"
	"detour/internal/flow"
)

func TestPairing(t *testing.T) {
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
		at(1, 0, preflight),
		at(2, time.Second, sign),
		at(3, 2*time.Second, call("DescribeLogGroups")),  // what 1 was for
		at(4, 3*time.Second, call("DescribeLogStreams")), // what 2 was for
		at(5, 4*time.Second, preflight),
		at(6, 5*time.Second, ask("POST", logs, "Origin", "https://elsewhere.example", "X-Amz-Target", "Logs_20140328.FilterLogEvents")),
		at(7, 6*time.Second, ask("GET", logs, "Origin", console)),
		at(8, 7*time.Second, preflight),
		at(9, 10*time.Minute, call("GetLogEvents")), // too late for 5 and 8
	}
	var p Pairing
	want := map[flow.ID]struct {
		before    flow.ID
		decodedBy string
	}{3: {1, preflightRule}, 4: {2, signingRule}}
	for _, f := range flows {
		for range 2 { // news of it changes nothing
			before, by := p.Add(f)
			if before != want[f.ID].before || by != want[f.ID].decodedBy {
				t.Errorf("flow %d was prepared by %d (%q); want %+v", f.ID, before, by, want[f.ID])
			}
		}
	}
	if flows[0].AWS.Operation != "" {
		t.Error("a published flow was written to")
	}
}

func TestPairing_adoptsANameThatComesLater(t *testing.T) {
	tables := load(t)
	const ec2 = "https://ec2.us-east-1.amazonaws.com/"
	first := &flow.Flow{ID: 1, Request: ask("OPTIONS", ec2, "Origin", console, "Access-Control-Request-Method", "POST")}
	second := &flow.Flow{ID: 2, Request: ask("POST", ec2, "Origin", console, "Content-Type", "application/x-www-form-urlencoded")}
	var p Pairing
	for _, f := range []*flow.Flow{first, second} {
		tables.Tag(f)
		if before, _ := p.Add(f); before != 0 {
			t.Errorf("%d is paired without a name", f.ID)
		}
	}
	second.Request.Body = []byte("Action=DescribeInstances&Version=2016-11-15")
	tables.Tag(second)
	if before, by := p.Add(second); before != 1 || by != preflightRule {
		t.Errorf("paired with %d, decoded by %q", before, by)
	}
}

func TestPairing_whatWaitsForNothingIsForgotten(t *testing.T) {
	r := ask("OPTIONS", "https://logs.us-east-1.amazonaws.com/", "Access-Control-Request-Method", "POST")
	var p Pairing
	took := cputime.Of(func() {
		for i := range 200_000 {
			if before, _ := p.Add(&flow.Flow{ID: flow.ID(i + 1), Request: r}); before != 0 {
				t.Fatalf("paired with %d", before)
			}
		}
	})
	if len(p.order) > maxWaiting || len(p.byFlow) > 2*maxWaiting || len(p.waiting) > maxWaiting {
		t.Errorf("%d, %d and %d are remembered", len(p.order), len(p.byFlow), len(p.waiting))
	}
	if took > 5*time.Second {
		t.Errorf("takes %v", took)
	}
}
