package capture

import (
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/flow"
)

func TestGather_waitsForEnoughFinalRevisionsOrTheTimeOrTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{})
		sub := s.Subscribe(true)
		last := flow.ID(0)
		putIn := func(n int, wait time.Duration) {
			before := last
			last += flow.ID(n)
			go func() {
				for i := range n {
					time.Sleep(wait / time.Duration(n))
					s.Put(final(before+flow.ID(i)+1, 1))
				}
			}()
		}
		gather := func(what string, want time.Duration) {
			t.Helper()
			began := time.Now()
			sub.Gather(4, time.Second)
			if took := time.Since(began); took != want {
				t.Errorf("%s: it waits for %v instead of %v", what, took, want)
			}
		}
		putIn(3, time.Millisecond)
		gather("three", time.Second)
		putIn(1, time.Millisecond)
		gather("the fourth", time.Millisecond)
		gather("four that are there", 0)
		sub.Next(t.Context())
		gather("none", time.Second)
		putIn(4, time.Millisecond) // while it doesn't wait
		time.Sleep(time.Millisecond)
		synctest.Wait()
		sub.Next(t.Context())
		gather("none since the last reading", time.Second)
		putIn(3, time.Millisecond)
		time.Sleep(time.Millisecond)
		synctest.Wait()
		for rev := range uint32(queueMax) { // the three are dropped
			s.Put(pending(last+10, rev+1))
		}
		putIn(3, time.Millisecond)
		gather("three, after a flow in progress", time.Second)
		sub.Next(t.Context())
		time.AfterFunc(time.Millisecond, sub.Close)
		gather("the end", time.Millisecond)
		gather("after the end", 0)
	})
}
