package ui

import (
	"context"
	"fmt"
	"sync"
	"time"

	"detour/internal/wording"
)

// A tasks is what actions do while the screen goes on, one at a time.
type tasks struct {
	now     func() time.Time
	guard   func(func())    // runs what may panic
	ctx     context.Context // of all tasks; ends with run
	current *task           // under way; nil: none
	running sync.WaitGroup
	results chan func() // for the goroutine that draws
}

// An task is what an action is at beside the goroutine that draws. One is under
// way at a time.
type task struct {
	what  string // "probing logs.eu-west-1.amazonaws.com"; "": it is too short to be told
	began time.Time
	end   context.CancelFunc
}

// start runs do beside the screen, and what it returns on the goroutine that draws,
// unless it was stopped meanwhile.
func (t *tasks) start(what string, do func(ctx context.Context) (done func())) {
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

// cancel ends the errand under way, if there is one.
func (t *tasks) cancel() {
	e := t.current
	if e == nil {
		return
	}
	e.end()
	t.current = nil
}

// status says what is under way and for how long.
func (e *task) status(now time.Time) string {
	return fmt.Sprintf("%s … %s; Esc stops it", e.what, wording.Running(now.Sub(e.began)))
}

func (t *tasks) busy() string {
	if t.current != nil {
		return t.current.what + " is in progress; Esc stops it"
	}
	return ""
}
