package interrupt

import (
	"context"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestInterrupt_aSecondSignalEndsARunAtOnce: without one, a run has the time that it needs.
// timeout(1) sends a signal to the process and to its group, which isn't a second one.
func TestInterrupt_aSecondSignalEndsARunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		exits := make(chan bool, 1)
		in := &Interruption{signals: make(chan os.Signal), done: make(chan struct{}), exit: func() { exits <- true }}
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, in))
		in.cancel = cancel
		Expected(ctx)
		go in.handle()
		in.signals <- syscall.SIGTERM
		<-ctx.Done()
		if in.Interrupted() {
			t.Error("the first one interrupts it")
		}
		in.signals <- syscall.SIGTERM
		synctest.Wait()
		select {
		case <-exits:
			t.Fatal("it ends after the same signal twice")
		default:
		}
		time.Sleep(sameInterrupt)
		in.signals <- syscall.SIGTERM
		<-exits
	})
}

// TestUndo_happensBeforeTheEnd: what a blocked command would leave behind is removed first, and if that
// blocks as well, the program ends nevertheless.
func TestUndo_happensBeforeTheEnd(t *testing.T) {
	for _, blocks := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			order := make(chan string, 2)
			exits, release := make(chan bool), make(chan bool)
			in := &Interruption{signals: make(chan os.Signal), done: make(chan struct{}), exit: func() { close(exits) }}
			ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, in))
			in.cancel = cancel
			Undo(ctx, func() { order <- "done before" })()
			Undo(ctx, func() {
				if order <- "undone"; blocks {
					<-release
				}
			})
			go in.handle()
			in.signals <- syscall.SIGINT
			<-exits
			if n := len(order); n != 1 {
				t.Errorf("%d were undone, want 1", n)
			} else if what := <-order; what != "undone" {
				t.Error(what)
			}
			close(release)
		})
	}
	Undo(context.Background(), func() { t.Error("nothing ended") })()
}
