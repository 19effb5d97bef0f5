package ui

import (
	"context"
	"fmt"
	"sync"
	"time"

	"detour/internal/wording"
)

// A taskRunner runs what takes time on other goroutines, one task at a time.
type taskRunner struct {
	now     func() time.Time
	guard   func(func())    // recovers from panics
	ctx     context.Context // of all tasks; ends with run
	current *task           // in progress; nil: none
	running sync.WaitGroup
	results chan func() // for the goroutine that draws
}

// A task is work on another goroutine.
type task struct {
	what  string // "probing logs.eu-west-1.amazonaws.com"; "": too short to be reported
	began time.Time
	end   context.CancelFunc
}

// start runs do on another goroutine, and the function that it returns on the goroutine
// that draws, unless the task was canceled. It cancels the task that is in progress.
func (t *taskRunner) start(what string, do func(ctx context.Context) (done func())) {
	t.cancel()
	ctx, cancel := context.WithCancel(t.ctx)
	e := &task{what, t.now(), cancel}
	t.current = e
	t.running.Go(func() {
		defer cancel()
		t.guard(func() {
			done := do(ctx)
			select {
			case t.results <- func() {
				if t.current == e {
					t.current = nil
					done()
				}
			}:
			case <-ctx.Done():
			}
		})
	})
}

// cancel ends the task in progress, if there is one.
func (t *taskRunner) cancel() {
	e := t.current
	if e == nil {
		return
	}
	e.end()
	t.current = nil
}

// status says what is in progress, and for how long.
func (e *task) status(now time.Time) string {
	return fmt.Sprintf("%s … %s; Esc stops it", e.what, wording.Running(now.Sub(e.began)))
}

func (t *taskRunner) busy() string {
	if t.current != nil {
		return t.current.what + " is in progress; Esc stops it"
	}
	return ""
}
