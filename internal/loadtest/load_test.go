package loadtest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"
)

// TestLoad holds detour to its bounds, and lists what it measured beside each.
func TestLoad(t *testing.T) {
	if !*loading {
		t.Skip("takes minutes: -load")
	}
	needProc(t)
	path := buildDetour(t)
	g := &gauge{}
	t.Cleanup(func() { g.report(t) })
	for _, part := range []struct {
		name string
		run  func(t *testing.T, g *gauge, p pair)
	}{
		{"small requests", smallRequests},
		{"500 requests a second", browserRate},
		{"streams", streams},
		{"large bodies", largeBodies},
		{"50,000 requests", manyRequests},
		{"1,000 idle connections", idleConnections},
	} {
		t.Run(part.name, func(t *testing.T) {
			s := startServer(t)
			part.run(t, g, pair{startDetour(t, path, s), startReference(t, s)})
		})
	}
	t.Run("a stalled reader", func(t *testing.T) {
		s := startServer(t)
		stalledReader(t, g, pair{startDetour(t, path, s, stalled), startDetour(t, path, s)})
	})
	t.Run("a silent collector", func(t *testing.T) {
		s := startServer(t)
		silentCollector(t, g, pair{startDetour(t, path, s, "--otlp", "http://"+silent(t), "--otlp-send", "all"), startDetour(t, path, s)})
	})
}

// streams compares how long an event of a stream is on its way. Of three streams of a type, the
// quickest counts: a proxy that waits for more of the stream is late with each.
func streams(t *testing.T, g *gauge, p pair) {
	for _, h2 := range []bool{false, true} {
		ours, theirs := p.detour.client(t, h2), p.other.client(t, h2)
		for _, kind := range []string{"text/event-stream", "application/vnd.amazon.eventstream", "application/octet-stream", "application/json"} {
			late, beside := time.Hour, time.Hour
			for range 3 {
				late = min(late, delay(t, ours, p.detour.server.target, kind))
				beside = min(beside, delay(t, theirs, p.other.server.target, kind))
			}
			t.Logf("%s, h2 %v: %v, reference %v", kind, h2, late, beside)
			g.within(t, map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[h2]+", an event of a stream, beyond the reference's", millis(late-beside))
		}
	}
}

// delay is how long an event of a stream is on its way, the median of its events.
func delay(t *testing.T, c *http.Client, target, kind string) time.Duration {
	t.Helper()
	resp, err := c.Get(target + "/stream?type=" + url.QueryEscape(kind))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var late []time.Duration
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		sent, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		late = append(late, time.Since(time.Unix(0, sent)))
	}
	if len(late) != events {
		t.Fatalf("%d events arrived", len(late))
	}
	return median(late)
}

func largeBodies(t *testing.T, g *gauge, p pair) {
	c, target := p.detour.client(t, false), p.detour.server.target
	for _, mib := range []int64{64, 1024} {
		fetch(t, c, target+"/down?n=1048576") // warm
		before, start := p.detour.memory(t), time.Now()
		fetch(t, c, target+"/down?n="+strconv.FormatInt(mib<<20, 10))
		t.Logf("%d MiB down: %.0f MB/s", mib, float64(mib<<20)/1e6/time.Since(start).Seconds())
		start = time.Now()
		resp, err := c.Post(target+"/up", "application/octet-stream", io.LimitReader(zeros{}, mib<<20))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		t.Logf("%d MiB up: %.0f MB/s", mib, float64(mib<<20)/1e6/time.Since(start).Seconds())
		if string(got) != strconv.FormatInt(mib<<20, 10) {
			t.Errorf("%s bytes arrived", got)
		}
		g.within(t, fmt.Sprintf("%d MiB down and up: growth of memory", mib), p.detour.memory(t)-before)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func manyRequests(t *testing.T, g *gauge, p pair) {
	for _, x := range []*program{p.detour, p.other} {
		spread(t, x.client(t, false), x.server.target, 64, 50_000)
	}
	g.within(t, "50,000 requests: memory", p.detour.memory(t))
	g.within(t, "50,000 requests: memory, with the program's own pages", p.detour.status(t, "VmRSS:"))
	t.Logf("the reference's: %.1f and %.1f MiB", p.other.memory(t), p.other.status(t, "VmRSS:"))
}

func idleConnections(t *testing.T, g *gauge, p pair) {
	for range 1000 {
		fetch(t, p.detour.client(t, false), p.detour.server.target)
	}
	g.within(t, "1,000 idle connections: memory", p.detour.memory(t))
}

// silent is the address of a server that accepts connections and never responds.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // the system accepts, and nobody reads
	return l.Addr().String()
}

// silentCollector compares a run that sends every request to a collector that never responds with one that
// sends nothing.
func silentCollector(t *testing.T, g *gauge, p pair) {
	clients := map[*program]*clientOf{}
	for _, x := range []*program{p.detour, p.other} {
		clients[x] = &clientOf{x, x.client(t, false)}
		clients[x].cost(t, 16, 4800) // the queue is full
	}
	with, without := inTurns(p, *loadRounds, func(x *program) cost { return clients[x].cost(t, 16, 8000) })
	for i := range with {
		t.Logf("with a collector    %v", with[i])
		t.Logf("without a collector %v", without[i])
	}
	const figure = "an OTLP collector that doesn't respond: "
	g.within(t, figure+"CPU time of a request", mean(with, microsOfCPU)/mean(without, microsOfCPU))
	g.within(t, figure+"time for all requests", ratio(without, with, func(c cost) float64 { return c.rate }))
}

// stalled makes detour write records to stdout, which nobody reads.
const stalled = "--json=all"

// stalledReader compares a run whose records nobody reads with one without records.
func stalledReader(t *testing.T, g *gauge, p pair) {
	clients := map[*program]*clientOf{}
	for _, x := range []*program{p.detour, p.other} {
		clients[x] = &clientOf{x, x.client(t, false)}
		clients[x].cost(t, 16, 4800) // the pipe is full
	}
	with, without := inTurns(p, *loadRounds, func(x *program) cost { return clients[x].cost(t, 16, 8000) })
	g.within(t, "a reader of --json that doesn't read: time for all requests", ratio(without, with, func(c cost) float64 { return c.rate }))
	g.within(t, "a reader of --json that doesn't read: memory", p.detour.memory(t))
}
