package loadtest

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// A cost is what a number of requests took.
type cost struct {
	cpu  time.Duration // of the program, for a request
	rate float64       // requests/s
	p50  time.Duration
	p99  time.Duration
}

func microsOfCPU(c cost) float64 { return float64(c.cpu.Microseconds()) }

func (c cost) String() string {
	return fmt.Sprintf("%6.0f requests/s, p50 %6.2f ms, p99 %6.2f ms, %4d µs of CPU time each", c.rate, millis(c.p50), millis(c.p99), c.cpu.Microseconds())
}

// millis is a duration in milliseconds.
func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// median is the middle one of some values.
func median[T float64 | time.Duration](of []T) T { return slices.Sorted(slices.Values(of))[len(of)/2] }

// A pair are the two programs that are compared.
type pair struct{ detour, other *program }

// inTurns measures both programs in rounds, and returns each round's figures. They take turns in
// being first.
func inTurns[T any](p pair, rounds int, measure func(*program) T) (detour, other []T) {
	for i := range rounds {
		if i%2 == 0 {
			detour = append(detour, measure(p.detour))
			other = append(other, measure(p.other))
			continue
		}
		other = append(other, measure(p.other))
		detour = append(detour, measure(p.detour))
	}
	return detour, other
}

// ratio is the ratio of the medians of two programs' rounds.
func ratio[T any](a, b []T, of func(T) float64) float64 {
	return median(each(a, of)) / median(each(b, of))
}

// mean is the mean of one figure of all rounds. Of CPU time it is steadier than the median.
func mean[T any](rounds []T, of func(T) float64) float64 {
	sum := 0.0
	for _, x := range each(rounds, of) {
		sum += x
	}
	return sum / float64(len(rounds))
}

// each is one figure of all rounds.
func each[T any](rounds []T, of func(T) float64) []float64 {
	all := make([]float64, len(rounds))
	for i, x := range rounds {
		all[i] = of(x)
	}
	return all
}

// A clientOf is a client of a program, whose connections are kept for all rounds.
type clientOf struct {
	program *program
	client  *http.Client
}

// cost is what n requests take, so many at once.
func (c *clientOf) cost(t *testing.T, workers, n int) cost {
	t.Helper()
	before, start := c.program.cpu(t), time.Now()
	all := spread(t, c.client, c.program.server.target, workers, n)
	took := time.Since(start)
	return cost{
		cpu: (c.program.cpu(t) - before) / time.Duration(len(all)), rate: float64(len(all)) / took.Seconds(),
		p50: all[len(all)/2], p99: all[len(all)*99/100],
	}
}

// smallRequests compares the costs of requests of 1 KiB.
func smallRequests(t *testing.T, g *gauge, p pair) {
	all, allOfReference := 0.0, 0.0
	for _, h2 := range []bool{false, true} {
		clients := map[*program]*clientOf{}
		name := map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[h2]
		for _, x := range []*program{p.detour, p.other} {
			clients[x] = &clientOf{x, x.client(t, h2)}
			clients[x].cost(t, 64, 6400) // warm
		}
		for _, workers := range []int{1, 16, 64} {
			if h2 && workers == 16 {
				continue
			}
			n := map[int]int{1: 3000, 16: 6400, 64: 6400}[workers]
			ours, theirs := inTurns(p, *loadRounds, func(x *program) cost { return clients[x].cost(t, workers, n) })
			for i := range ours {
				t.Logf("%s, %2d at once: detour    %v", name, workers, ours[i])
				t.Logf("%s, %2d at once: reference %v", name, workers, theirs[i])
			}
			figure := fmt.Sprintf("%s, %d at once: ", name, workers)
			cpu, reference := mean(ours, microsOfCPU), mean(theirs, microsOfCPU)
			all, allOfReference = all+cpu, allOfReference+reference
			g.within(t, figure+"CPU time of a request", cpu/reference)
			g.within(t, figure+"time for all requests", ratio(theirs, ours, func(c cost) float64 { return c.rate }))
			g.within(t, figure+"99th percentile", ratio(ours, theirs, func(c cost) float64 { return float64(c.p99) }))
			if !h2 && workers == 1 {
				g.within(t, figure+"median", ratio(ours, theirs, func(c cost) float64 { return float64(c.p50) }))
			}
		}
	}
	g.within(t, "a request of each kind: CPU time of all", all/allOfReference)
}

// browserRate compares the CPU times at a rate that a page of the console may have for a while.
// At this rate, the program wakes up for nearly each request.
func browserRate(t *testing.T, g *gauge, p pair) {
	const perSecond, n = 500, 1500
	clients := map[*program]*clientOf{}
	for _, x := range []*program{p.detour, p.other} {
		clients[x] = &clientOf{x, x.client(t, false)}
		clients[x].cost(t, 8, 800) // warm
	}
	type effort struct{ seconds, sleeps float64 } // for a request: CPU time, and how often a thread went to sleep
	ours, theirs := inTurns(p, *loadRounds, func(x *program) effort {
		cpu, sleeps := x.cpu(t), x.sleeps(t)
		took := paced(t, clients[x].client, x.server.target, perSecond, n)
		each := effort{(x.cpu(t) - cpu).Seconds() / n, (x.sleeps(t) - sleeps) / n}
		t.Logf("%.0f requests/s: %.0f µs and %.1f sleeps of threads each", n/took.Seconds(), each.seconds*1e6, each.sleeps)
		return each
	})
	cpu, sleeps := func(e effort) float64 { return e.seconds }, func(e effort) float64 { return e.sleeps }
	g.within(t, "500 requests/s: CPU time", mean(ours, cpu)/mean(theirs, cpu))
	g.within(t, "500 requests/s: sleeps of threads", mean(ours, sleeps)/mean(theirs, sleeps))
	g.within(t, "500 requests/s: part of a core", 100*mean(ours, cpu)*perSecond)
}
