// Package task runs what takes time next to the goroutine that draws, one task at a time.
package task

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"detour/internal/fault"
	"detour/internal/wording"
)

// A Runner runs tasks on other goroutines. Unless noted otherwise, its methods belong to the
// goroutine that draws.
type Runner struct {
	now     func() time.Time
	guard   func(func())    // recovers from panics, and ends the program
	faults  *fault.Guard    // recovers before that, and doesn't; may be nil
	ctx     context.Context // of all tasks
	current *task           // in progress; nil: none
	running sync.WaitGroup
	results chan func()
}

// New returns a Runner with a clock. A panic of a task ends nothing but the task if faults isn't nil.
// Otherwise, and where the result is shown, guard recovers from it.
func New(now func() time.Time, guard func(func()), faults *fault.Guard) *Runner {
	return &Runner{now: now, guard: guard, faults: faults, results: make(chan func())}
}

// A task is work on another goroutine.
type task struct {
	what  string // "probing logs.eu-west-1.amazonaws.com"; "": too short to be reported
	began time.Time
	end   context.CancelFunc
	done  atomic.Pointer[string] // shared: how far it is: "2 of 4 hosts"
}

// Within sets the context of all tasks, before the first one starts.
func (t *Runner) Within(ctx context.Context) { t.ctx = ctx }

// Wait waits until no task runs. Any goroutine may call it once no more are started.
func (t *Runner) Wait() { t.running.Wait() }

// Results has what is to be run on the goroutine that draws.
func (t *Runner) Results() <-chan func() { return t.results }

// Start runs do on another goroutine, and the function that it returns on the goroutine
// that draws, unless the task was canceled. It cancels the task that is in progress. what is
// shown meanwhile; "" for what is too short to be reported.
func (t *Runner) Start(what string, do func(ctx context.Context) (done func())) {
	t.Cancel()
	ctx, cancel := context.WithCancel(t.ctx)
	e := &task{what: what, began: t.now(), end: cancel}
	ctx = context.WithValue(ctx, key{}, e)
	t.current = e
	t.running.Go(func() {
		defer cancel()
		t.guard(func() {
			done := t.result(cmp.Or(what, "what was asked for"), ctx, do)
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

// result runs do. If it panics, there is nothing to show but the notice.
func (t *Runner) result(what string, ctx context.Context, do func(context.Context) func()) (done func()) {
	if !t.faults.Do(what+" failed", func() { done = do(ctx) }) {
		return func() {}
	}
	return done
}

// key is the key of a task in its context.
type key struct{}

// Progress returns what says how far the task of ctx is. Any goroutine may call both.
func Progress(ctx context.Context) func(text string) {
	e, ok := ctx.Value(key{}).(*task)
	return func(text string) {
		if ok {
			e.done.Store(&text)
		}
	}
}

// Aside runs do on another goroutine, next to the task that is in progress, and the function
// that it returns on the goroutine that draws. ctx is that of all tasks.
func (t *Runner) Aside(do func(ctx context.Context) (done func())) {
	t.running.Go(func() {
		t.guard(func() {
			done := t.result("what was asked for", t.ctx, do)
			select {
			case t.results <- done:
			case <-t.ctx.Done():
			}
		})
	})
}

// Context is that of all tasks.
func (t *Runner) Context() context.Context { return t.ctx }

// Cancel ends the task in progress, if there is one.
func (t *Runner) Cancel() {
	e := t.current
	if e == nil {
		return
	}
	e.end()
	t.current = nil
}

// Running reports whether a task is in progress, and what it does.
func (t *Runner) Running() (what string, yes bool) {
	if t.current == nil {
		return "", false
	}
	return t.current.what, true
}

// Status says what is in progress, and for how long; "" if nothing that is reported is.
func (t *Runner) Status() string {
	e := t.current
	if e == nil || e.what == "" {
		return ""
	}
	done := ""
	if s := e.done.Load(); s != nil {
		done = ", " + *s
	}
	return fmt.Sprintf("%s … %s%s; Esc stops it", e.what, wording.Running(t.now().Sub(e.began)), done)
}

// Busy says why no other task can be started now; "" if one can.
func (t *Runner) Busy() string {
	if t.current != nil {
		return t.current.what + " is in progress; Esc stops it"
	}
	return ""
}
