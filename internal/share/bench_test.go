package share

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/aws"
	"detour/internal/capture"
	"detour/internal/flow"
	"detour/internal/intake"
)

// consoleCall is a call as the console makes it, with a connection of its own for each of a few.
func consoleCall(id flow.ID, rev uint32, state flow.State, start time.Time) flow.Flow {
	host := fmt.Sprintf("monitoring.eu-central-%d.amazonaws.com", id%4)
	addr := netip.MustParseAddr("10.0.1.23")
	f := flow.Flow{
		ID: id, Rev: rev, State: state, Source: flow.SourceProxy, Times: flow.Times{Start: start},
		Page: "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#alarmsV2:alarm/cpu-of-web",
		Conn: &flow.Conn{
			ID: id / 8, Authority: host + ":443", Start: start,
			Resolution: &flow.Resolution{Name: host, Outcome: flow.DNSOK, Source: flow.SourceDNS, Nameserver: netip.MustParseAddrPort("10.0.0.2:53"), Addrs: []netip.Addr{addr}},
			Attempts:   []flow.DialAttempt{{Addr: netip.AddrPortFrom(addr, 443), Local: netip.MustParseAddrPort("172.16.8.5:50312"), Outcome: flow.DialConnected, Took: time.Millisecond}},
			TLS:        &flow.TLSInfo{ServerName: host, Version: "TLS 1.3", ALPN: "h2", Outcome: flow.TLSOK, Issued: flow.IssuerAWS},
		},
		Request: flow.Request{
			Method: "POST", URL: "https://" + host + "/", Proto: "HTTP/2.0", BodySize: 812,
			Headers: []flow.Header{
				{Name: "accept", Value: "*/*"},
				{Name: "accept-language", Value: "en"},
				{Name: "origin", Value: "https://eu-central-1.console.aws.amazon.com"},
				{Name: "authorization", Value: fmt.Sprintf("AWS4-HMAC-SHA256 Credential=ASIAABCDEFGHIJKLMNOP/20261124/eu-central-1/monitoring/aws4_request, SignedHeaders=host;x-amz-date, Signature=%064x", id)},
				{Name: "x-amz-date", Value: "20261124T090000Z"},
				{Name: "x-amz-target", Value: "GraniteServiceVersion20100801.GetMetricData"},
				{Name: "user-agent", Value: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"},
				{Name: "x-amz-security-token", Value: fmt.Sprintf("IQoJb3JpZ2luX2Vj%0200d", id/100)},
			},
		},
	}
	if f.Final() {
		f.Times.Done = start.Add(80 * time.Millisecond)
		f.Response = &flow.Response{Status: 200, Proto: "HTTP/2.0", BodySize: 5120, Headers: []flow.Header{
			{Name: "content-type", Value: "application/x-amz-json-1.1"},
			{Name: "x-amzn-requestid", Value: fmt.Sprintf("2e9c1f4a-7b1d-4c3e-9f0a-%06xc0ffee", id)},
			{Name: "access-control-allow-origin", Value: "*"},
			{Name: "date", Value: "Tue, 24 Nov 2026 09:00:00 GMT"},
		}}
	}
	return f
}

func preparedStore(tb testing.TB) *capture.Store {
	tb.Helper()
	tables, err := aws.Load()
	if err != nil {
		tb.Fatal(err)
	}
	return capture.New(capture.Options{Intake: intake.New(intake.Config{Tables: tables})})
}

// BenchmarkFlow is what one flow costs: the strict copy and the record; and, of a flow that a
// watcher looks at closely, the header fields, too.
func BenchmarkFlow(b *testing.B) {
	store := preparedStore(b)
	for id := range flow.ID(1000) {
		store.Put(consoleCall(id+1, 1, flow.StateDone, time.Now()))
	}
	f := feedOf(store)
	for name, do := range map[string]func(id flow.ID){
		"records": func(id flow.ID) { _ = f.record(f.cfg.Strict.Flow(store.Get(id))) },
		"rows":    func(id flow.ID) { _ = slim(f.cfg.Strict.Flow(store.Flows()[id-1])) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				do(flow.ID(i%1000) + 1) //nolint:gosec // it isn't negative
			}
		})
	}
}

// BenchmarkPut_whileWatched puts flows as fast as it can, with five watchers or none.
func BenchmarkPut_whileWatched(b *testing.B) {
	for _, n := range []int{0, 5} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			store := preparedStore(b)
			f := feedOf(store)
			var reading sync.WaitGroup
			ctx, stop := context.WithCancel(b.Context())
			for i := range n {
				w := f.Watch(Options{Rows: i%2 == 1})
				reading.Go(func() {
					defer w.Close()
					for {
						if _, err := w.Next(ctx); err != nil {
							return
						}
					}
				})
			}
			now := time.Now()
			for i := range b.N {
				store.Put(consoleCall(flow.ID(i+1), 1, flow.StateDone, now)) //nolint:gosec // it isn't negative
			}
			b.StopTimer()
			stop()
			reading.Wait()
			f.End("")
		})
	}
}

// latencies puts flows, a hundred a second, each with three revisions, and returns how long each
// event took to a watcher.
func latencies(tb testing.TB, n int) (took []time.Duration) {
	tb.Helper()
	store := preparedStore(tb)
	f := feedOf(store)
	w := f.Watch(Options{})
	defer w.Close()
	put := make(map[flow.ID]time.Time)
	var mu sync.Mutex
	var all sync.WaitGroup
	all.Go(func() {
		for len(took) < n {
			e, err := w.Next(tb.Context())
			if err != nil {
				tb.Error(err)
				return
			}
			if e.Name != EventFlow {
				continue
			}
			id := idOf(e.Data)
			mu.Lock()
			if at, first := put[id]; first {
				took = append(took, time.Since(at))
				delete(put, id)
			}
			mu.Unlock()
		}
	})
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for id := range flow.ID(n) { //nolint:gosec // it isn't negative
		<-tick.C
		mu.Lock()
		put[id+1] = time.Now()
		mu.Unlock()
		start := time.Now()
		store.Put(consoleCall(id+1, 1, flow.StateConnecting, start))
		if id > 10 {
			store.Put(consoleCall(id-5, 2, flow.StateWaiting, start))
			store.Put(consoleCall(id-10, 3, flow.StateDone, start))
		}
	}
	all.Wait()
	slices.Sort(took)
	return took
}

func idOf(data []byte) (id flow.ID) {
	_, _ = fmt.Sscanf(string(data[:min(len(data), 40)]), `{"v":1,"id":%d,`, &id)
	return id
}

// TestFeed_isSoonAtAWatcher: apart from the time that the processor takes.
func TestFeed_isSoonAtAWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took := latencies(t, 500)
		if worst := took[len(took)-1]; worst > lookEvery {
			t.Errorf("it takes up to %v", worst)
		}
	})
}

// BenchmarkLatency is with the time that the processor takes.
func BenchmarkLatency(b *testing.B) {
	took := latencies(b, max(b.N, 10))
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
}
