package diagnose

import (
	"fmt"
	"testing"
	"time"

	"detour/internal/flow"
)

func BenchmarkRun_mixed(b *testing.B) {
	flows := make([]*flow.Flow, 100_000)
	for i := range flows {
		id := flow.ID(i + 1)
		switch i % 20 {
		case 0:
			flows[i] = call(id, flow.OriginDirect, logs, "DescribeLogGroups", "10.0.1.24", "10.0.2.24")
		case 1:
			flows[i] = refusal(id, "203.0.113.5", 403, &flow.AWSError{Code: "AccessDenied", Message: "m"})
		case 2:
			flows[i] = with(ok(id, metrics, "10.0.1.23", "GetMetricData"), func(f *flow.Flow) { f.Source = flow.SourceProxy })
		default:
			flows[i] = relayed(id)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		Run(flows, t0.Add(time.Hour))
	}
}

func BenchmarkCodes(b *testing.B) {
	f := refusal(1, "203.0.113.5", 403, &flow.AWSError{Code: "AccessDenied", Message: "m"})
	b.ReportAllocs()
	for b.Loop() {
		Codes(f)
	}
}

func BenchmarkRun_healthy(b *testing.B) {
	flows := make([]*flow.Flow, 50_000)
	for i := range flows {
		flows[i] = answered(flow.ID(i+1), flow.OriginConsole, consoleHost, "203.0.113.10", fmt.Sprint("Op", i%100))
	}
	for b.Loop() {
		Run(flows, t0)
	}
}

// A page that polls and is left, or a person who types, cancels many calls.
func BenchmarkRun_cancelled(b *testing.B) {
	flows := make([]*flow.Flow, 50_000)
	for i := range flows {
		id, start := flow.ID(i+1), t0.Add(time.Duration(i)*100*time.Millisecond)
		f := answered(id, flow.OriginConsole, consoleHost, "203.0.113.10", fmt.Sprint("Op", i%100))
		if i%50 == 0 {
			f = answered(id, flow.OriginDirect, logs, "203.0.113.11", "StartQuery")
			f.Response, f.Failure = nil, &flow.Failure{Stage: flow.StageClient, Kind: flow.KindAborted}
			f.Times.WroteRequest = start
		}
		f.Times.Start, f.Times.Done = start, start.Add(4*time.Second)
		flows[i] = f
	}
	b.ReportAllocs()
	for b.Loop() {
		Run(flows, t0.Add(2*time.Hour))
	}
}

func TestRun_allocatesNothingForAHealthyFlow(t *testing.T) {
	allocs := func(n int) float64 {
		flows := make([]*flow.Flow, n)
		for i := range flows {
			flows[i] = answered(flow.ID(i+1), flow.OriginConsole, consoleHost, "203.0.113.10", "DescribeInstances")
		}
		return testing.AllocsPerRun(5, func() { Run(flows, t0) })
	}
	const runtimes = 20 // allocations of the runtime itself, when a collection starts
	if few, many := allocs(10), allocs(1000); many > few+runtimes {
		t.Errorf("10 healthy flows cost %v allocations, 1000 cost %v", few, many)
	}
}
