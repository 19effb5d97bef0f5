package disk

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"detour/internal/flow"
)

var million = flag.Bool("million", false, "make a capture of a million flows, and measure it")

// TestMillion_isOpenedAndFilteredInASecond measures what docs/capture.md claims. It
// takes some minutes and a gigabyte.
func TestMillion_isOpenedAndFilteredInASecond(t *testing.T) {
	if !*million {
		t.Skip("it takes minutes: -million")
	}
	dir := os.Getenv("DETOUR_MILLION_DIR") // one that is there already is measured as it is
	if dir == "" {
		dir = t.TempDir()
	}
	path := filepath.Join(dir, "million.detour")
	if _, err := os.Stat(path); err != nil {
		began := time.Now()
		makeMillion(t, path)
		t.Logf("written in %v", time.Since(began))
	}
	timed := func(what string, limit time.Duration, do func() int) {
		began := time.Now()
		n := do()
		took := time.Since(began)
		t.Logf("%s: %d in %v", what, n, took)
		if took > limit {
			t.Errorf("%s takes %v", what, took)
		}
	}
	var f *File
	timed("open", time.Second, func() int {
		f = reopened(t, Open, path)
		return 1
	})
	read := func(q Query) func() int {
		return func() (n int) {
			if _, err := f.Flows(context.Background(), q, func(*flow.Flow) error { n++; return nil }); err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	timed("the telling and newest 2,000", time.Second, read(Query{Max: 2000}))
	timed("all of one failure", time.Second, read(Query{Where: "tcp = 'timeout' AND status IS NULL AND host LIKE 'logs.%'", Max: 2000}))
	timed("a rare host", time.Second, read(Query{Where: "host = 'rare.example'", Max: 2000}))
	timed("count", time.Second, func() int {
		n, err := f.Count(context.Background(), Query{})
		if err != nil {
			t.Fatal(err)
		}
		return n
	})
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("memory from the system: %d MiB", m.Sys>>20)
	if m.Sys > 200<<20 {
		t.Errorf("%d MiB", m.Sys>>20)
	}
}

func makeMillion(t *testing.T, path string) {
	t.Helper()
	f, err := Create(path, Header{Creator: "detour test"})
	if err != nil {
		t.Fatal(err)
	}
	const size = 2000
	for from := flow.ID(1); from <= 1_000_000; from += size {
		b := Batch{}
		for id := from; id < from+size; id++ {
			x := stuck(id)
			if id%1000 != 0 {
				x.Failure, x.Findings, x.Request.Body, x.Response = nil, nil, nil, &flow.Response{Status: 200, Proto: "HTTP/2.0", Headers: []flow.Header{{Name: "content-type", Value: "application/json"}}, BodySize: 900}
				x.Conn.ID, x.Reused, x.Conn.Attempts[0].Outcome = 1+id/100*100, id%100 != 0, flow.DialConnected
			}
			if id == 5000 {
				x.Request.URL = "https://rare.example/"
			}
			b.Flows = append(b.Flows, x)
		}
		if err := f.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
