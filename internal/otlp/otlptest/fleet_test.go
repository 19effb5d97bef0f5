package otlptest

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"detour/internal/flow"
	"detour/internal/fulltest"
	"detour/internal/otlp"
	"detour/internal/otlp/send"
)

// A wire counts the bytes of requests on their way to a back end.
type wire struct{ requests, compressed, raw atomic.Int64 }

// before returns the address of a server that counts what it passes on to a back end.
func (w *wire) before(t *testing.T, backend string) string {
	to, err := url.Parse(backend)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // it answers 502, and the desk sends again
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		g, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		raw, err := io.Copy(io.Discard, g) //nolint:gosec // ours
		if err != nil {
			t.Error(err)
		}
		w.requests.Add(1)
		w.compressed.Add(int64(len(body)))
		w.raw.Add(raw)
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// another is a flow like f at another time: with an ID, times and a request ID of its own.
func another(f *flow.Flow, id flow.ID, at time.Time, r *rand.Rand) *flow.Flow {
	g := *f
	took := f.Times.Done.Sub(f.Times.Start) + time.Duration(r.IntN(40_000_000))
	g.ID, g.Times.Start = id, at
	g.Times.Done = g.Times.Start.Add(took)
	if f.AWS != nil && f.Response != nil {
		call := *f.AWS
		call.RequestID = fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Int64N(1<<48))
		g.AWS = &call
	}
	return &g
}

// TestFleet_whatIsLostIsCounted has many desks send to one VictoriaLogs, ten flows a second each. In
// make full it takes a minute, and says how many bytes a flow takes.
func TestFleet_whatIsLostIsCounted(t *testing.T) {
	n, period := fulltest.Or(10, 200), fulltest.Or(time.Second, time.Minute)
	const pause = 100 * time.Millisecond
	v := StartVictoriaLogs(t)
	var w wire
	logs := endpoint(w.before(t, v.Endpoint), "logs")
	var added, sent, lost atomic.Int64
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			d := desks[i%len(desks)]
			flows := d.flows()
			r := rand.New(rand.NewPCG(uint64(i), 1)) //nolint:gosec // repeatable
			e := otlp.New(otlp.Resource{Version: "v1.0.0", Run: fmt.Sprint("run-", i), Installation: fmt.Sprint("desk-", i)})
			s := send.New(send.Config{Encoder: e, Logs: logs})
			begin := time.Now()
			tick := time.NewTicker(pause)
			defer tick.Stop()
			for id := flow.ID(0); id < flow.ID(period/pause); <-tick.C {
				for due := min(period, time.Since(begin)); id < flow.ID(due/pause); id++ { // a busy machine skips ticks
					f := another(flows[r.IntN(len(flows))], id+1, time.Now(), r)
					s.Log(func() []byte { return e.Flow(f, "") })
					added.Add(1)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			stats := s.Close(ctx)
			sent.Add(int64(stats.Sent))
			lost.Add(int64(stats.Lost()))
			if stats.Waiting > 0 {
				t.Errorf("desk %d: %+v", i, stats)
			}
		})
	}
	begin := time.Now()
	all.Wait()
	took := time.Since(begin)
	rows := v.Query(t, `event_name:"detour.flow" | stats count() n, count_uniq(trace_id) flows, count_uniq(host.id) desks`)
	flows, err := strconv.ParseInt(rows[0]["flows"], 10, 64)
	if err != nil || rows[0]["desks"] != strconv.Itoa(n) || added.Load() != int64(n)*int64(period/pause) ||
		sent.Load()+lost.Load() != added.Load() || flows < sent.Load() || flows > added.Load() {
		t.Errorf("of %d flows, %d are sent and %d lost; VictoriaLogs has %v", added.Load(), sent.Load(), lost.Load(), rows[0])
	}
	t.Logf("%d desks, %d flows in %s (%.0f/s), %d lost, %s stored; %d requests; a flow is %.0f B, %.0f compressed; VictoriaLogs has %.0f B of it on disk",
		n, added.Load(), took.Round(time.Second), float64(added.Load())/took.Seconds(), lost.Load(), rows[0]["n"], w.requests.Load(),
		float64(w.raw.Load())/float64(sent.Load()), float64(w.compressed.Load())/float64(sent.Load()), float64(v.Size(t))/float64(sent.Load()))
}
