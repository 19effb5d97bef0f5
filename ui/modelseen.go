package ui

import (
	"maps"
	"slices"

	"detour/internal/filter"
)

// maxSeen is how many values of a key are offered, and seenBytes how long each may be.
const (
	maxSeen   = 200
	seenBytes = 80
)

// seen lists the values that a key has in the newest flows.
func (m *model) seen(key string) []string {
	texts := filter.Texts(key)
	if texts == nil {
		return nil
	}
	have := make(map[string]bool)
	for i := len(m.flows) - 1; i >= max(0, len(m.flows)-10_000) && len(have) < maxSeen; i-- {
		texts(m.flows[i], func(s string) {
			if len(s) <= seenBytes {
				have[s] = true
			}
		})
	}
	return slices.Collect(maps.Keys(have))
}
