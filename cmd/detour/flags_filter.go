package main

import (
	"errors"

	"detour/internal/filter"
)

// parseFilter reads --filter.
func parseFilter(text string) (filter.Filter, error) {
	x, err := filter.Parse(text)
	var e *filter.Error
	if errors.As(err, &e) {
		hint := "detour help filters"
		if e.Hint != "" {
			hint = e.Hint + "; " + hint
		}
		return x, flagUsage("filter", hint, "--filter %q, column %d: %s", text, e.Column(), e.Msg)
	}
	return x, err
}
