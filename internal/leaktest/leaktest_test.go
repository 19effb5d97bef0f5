package leaktest

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestFind_waitsForGoroutinesThatEnd(t *testing.T) {
	others := goleak.IgnoreCurrent()
	end := make(chan struct{})
	go func() { <-end }()
	if find(0, others) == nil {
		t.Error("a goroutine that waits isn't found")
	}
	go func() {
		<-time.After(time.Second) // longer than goleak waits
		close(end)
	}()
	if err := Find(others); err != nil {
		t.Error(err)
	}
}
