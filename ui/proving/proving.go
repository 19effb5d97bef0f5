// Package proving proves the findings on the screen with an account's configuration.
package proving

import (
	"cmp"
	"context"
	"errors"

	"detour/internal/filter"
	"detour/ui/pane"
	"detour/ui/task"
)

// Actions prove findings.
type Actions struct {
	// Use reads an account's configuration from a folder or a file, proves the findings with it
	// from now on, and returns what was read, in a line. It runs on a goroutine of its own, and
	// ends with ctx. Nil: it can't be used.
	Use func(ctx context.Context, path string) (read string, err error)
	// Files completes the name of a folder or a file. Nil: nothing is offered.
	Files func(text string) filter.Completion
	// Unavailable says why Use is nil. "": a general reason.
	Unavailable string
}

// Complete completes the argument of Command.
func (a Actions) Complete(text string) filter.Completion {
	if a.Use == nil || a.Files == nil {
		return filter.Completion{}
	}
	return a.Files(text)
}

// Command proves findings with what is in a folder or a file. notify shows the outcome.
func (a Actions) Command(tasks *task.Runner, notify func(pane.Tone, string, ...any), path string) error {
	switch {
	case a.Use == nil:
		return errors.New(cmp.Or(a.Unavailable, "findings can't be proven here"))
	case path == "":
		return errors.New("the folder is missing; detour account collect makes one")
	}
	tasks.Start("reading "+path, func(ctx context.Context) func() {
		read, err := a.Use(ctx, path)
		return func() {
			if err != nil {
				notify(pane.Bad, "%v", err)
				return
			}
			notify(pane.Good, "findings are proven with %s", read)
		}
	})
	return nil
}
