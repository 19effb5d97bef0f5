package gate

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestClose_waitsForWorkInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Gate
		began := time.Now()
		if !g.Go(func() { time.Sleep(time.Hour) }) {
			t.Fatal("an open gate refused work")
		}
		if g.Close(); time.Since(began) != time.Hour {
			t.Errorf("closed after %v", time.Since(began))
		}
	})
}

func TestGo_nothingRunsOnceTheGateIsClosed(t *testing.T) {
	var g Gate
	g.Close()
	if g.Enter() || g.Go(func() { t.Error("work ran behind a closed gate") }) {
		t.Error("a closed gate let work in")
	}
	g.Close() // doesn't wait for what was refused
}

// A WaitGroup can't do this: its Add must not run at the same time as its Wait.
func TestClose_workMayBeginAtTheSameTime(t *testing.T) {
	for range 100 {
		var g Gate
		var running atomic.Int32
		tried := make(chan struct{})
		go func() {
			defer close(tried)
			for g.Go(func() { running.Add(1); running.Add(-1) }) {
			}
		}()
		g.Close()
		if n := running.Load(); n != 0 {
			t.Fatalf("%d running after Close", n)
		}
		<-tried
	}
}
