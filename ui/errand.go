package ui

import (
	"context"
	"fmt"
	"time"

	"detour/internal/wording"
)

// An errand is what an action is at beside the goroutine that draws. One is under
// way at a time.
type errand struct {
	what  string // "probing logs.eu-west-1.amazonaws.com"; "": it is too short to be told
	began time.Time
	end   context.CancelFunc
}

// send runs do beside the screen, and what it returns on the goroutine that draws,
// unless it was given up meanwhile.
func (a *app) send(what string, do func(ctx context.Context) (done func())) {
	a.giveUp()
	ctx, cancel := context.WithCancel(a.ctx)
	e := &errand{what, a.opt.Now(), cancel}
	a.errand = e
	a.errands.Go(func() {
		defer cancel()
		a.guard(func() {
			done := do(ctx)
			select {
			case a.results <- func() {
				if a.errand == e {
					a.errand = nil
					done()
				}
			}:
			case <-ctx.Done():
			}
		})
	})
}

// giveUp ends the errand under way, if there is one.
func (a *app) giveUp() {
	e := a.errand
	if e == nil {
		return
	}
	e.end()
	a.errand = nil
}

// under says what is under way and for how long.
func (e *errand) under(now time.Time) string {
	return fmt.Sprintf("%s … %s; Esc gives it up", e.what, wording.Running(now.Sub(e.began)))
}

func busy(a *app) string {
	if a.errand != nil {
		return a.errand.what + " is under way; Esc gives it up"
	}
	return ""
}
