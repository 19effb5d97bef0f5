package recorded

import (
	"fmt"

	"detour/internal/capture"
	"detour/internal/flow"
)

// A Marker is a file in which flows are marked.
type Marker interface {
	Mark(id flow.ID, marked bool, note string) error
}

// Edits change a flow on the screen and in its file.
func Edits(store *capture.Store, file Marker) (mark func(flow.ID) error, note func(flow.ID, string) error) {
	save := func(id flow.ID, change func() error) error {
		if err := change(); err != nil {
			return err
		}
		f := store.Get(id)
		if f == nil {
			return fmt.Errorf("flow %d is no longer in memory", id)
		}
		return file.Mark(id, f.Marked, f.Note)
	}
	mark = func(id flow.ID) error { return save(id, func() error { return store.Mark(id) }) }
	note = func(id flow.ID, text string) error {
		return save(id, func() error { return store.Note(id, text) })
	}
	return mark, note
}
