package cputime

import (
	"testing"
	"time"
)

func TestOf_countsWorkAndNoWaiting(t *testing.T) {
	const waits = 300 * time.Millisecond
	if took := Of(func() { <-time.After(waits) }); took > waits/2 {
		t.Errorf("waiting for %v takes %v of a processor", waits, took)
	}
	began, n := time.Now(), 0
	took := Of(func() {
		for time.Since(began) < 10*time.Minute && n < 1<<20 {
			n++
		}
	})
	if took < 5*time.Millisecond {
		t.Errorf("counting to %d takes %v", n, took)
	}
}
