package match

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/flow"
)

// slow is a filter that takes milliseconds for each flow of many.
func slow() (*feed, string) {
	var flows []*flow.Flow
	for id := range flow.ID(200) {
		flows = append(flows, get(id+1, strings.Repeat("a", 250)))
	}
	return newFeed(flows...), "host~" + strings.Repeat("(a|b)*", 600) + "[yz]" // a letter alone would be looked for first
}

// TestStream_endsInTheMiddleOfAFilter: sharing that is stopped, or a run that is quit, waits for
// the streams.
func TestStream_endsInTheMiddleOfAFilter(t *testing.T) {
	src, expression := slow()
	s := New(src, expression, time.Now, NewPace())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}

// TestStream_goesOnAfterAnInterruption: a change isn't lost.
func TestStream_goesOnAfterAnInterruption(t *testing.T) {
	src, pace := newFeed(get(1, "a.example")), NewPace()
	s := New(src, "host:a", time.Now, pace)
	next(t, s)
	src.set(get(1, "a.example"), get(2, "a.example"))
	<-pace.free // it is another one's turn
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	pace.free <- struct{}{}
	if x := next(t, s); x.Count != 2 {
		t.Errorf("%+v", x)
	}
}

// TestPace_takesAFifthOfACore: however many streams there are.
func TestPace_takesAFifthOfACore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pace := NewPace()
		worked := make(chan time.Duration)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		for range 20 {
			go func() {
				var sum time.Duration
				for t, err := pace.begin(ctx); err == nil; t, err = t.next(ctx) {
					time.Sleep(time.Millisecond) // a flow is tested
					sum += time.Millisecond
				}
				worked <- sum
			}()
		}
		var sum time.Duration
		for range 20 {
			one := <-worked
			if sum += one; one == 0 {
				t.Error("a stream had no turn")
			}
		}
		if sum > 2100*time.Millisecond || sum < 1900*time.Millisecond {
			t.Errorf("they worked for %v of 10 s", sum)
		}
		synctest.Wait()
	})
}
