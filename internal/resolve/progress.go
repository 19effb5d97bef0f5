package resolve

import (
	"context"

	"detour/internal/flow"
)

type progressKey struct{}

// WithProgress returns a context with which Resolve reports what a lookup shows while it
// waits: a resolution without an outcome, whose queries are those so far, each time one is
// answered and another isn't. report must be safe for concurrent use; it isn't called after
// Resolve has returned. The system's resolver shows nothing.
func WithProgress(ctx context.Context, report func(*flow.Resolution)) context.Context {
	return context.WithValue(ctx, progressKey{}, report)
}

// progressOf returns what WithProgress put into ctx, or a function that does nothing.
func progressOf(ctx context.Context) func(*flow.Resolution) {
	if report, ok := ctx.Value(progressKey{}).(func(*flow.Resolution)); ok {
		return report
	}
	return func(*flow.Resolution) {}
}
