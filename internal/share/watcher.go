package share

import (
	"context"
	"io"
)

// A Watcher is one stream. One goroutine reads it.
type Watcher struct {
	feed *Feed
	opt  Options
}

// Next waits for the next event. It returns io.EOF after EventEnd and after Close, and the error
// of ctx.
func (w *Watcher) Next(ctx context.Context) (Event, error) { return Event{}, io.EOF }

// Close ends the stream. It may be called more than once, and while Next waits.
func (w *Watcher) Close() {
	w.feed.mu.Lock()
	defer w.feed.mu.Unlock()
	delete(w.feed.watchers, w)
}
