package mask

import (
	"maps"
	"strings"
)

// A names is a bounded set. When it is full, the older half goes.
type names struct{ young, old map[string]struct{} }

// maxNames bounds each half of a set.
const maxNames = 4096

func (r *names) has(s []byte) bool {
	if _, ok := r.young[string(s)]; ok {
		return true
	}
	_, ok := r.old[string(s)]
	return ok
}

// add reports whether s is new.
func (r *names) add(s string) bool {
	if _, ok := r.young[s]; ok {
		return false
	}
	_, had := r.old[s]
	if r.young == nil || len(r.young) == maxNames {
		r.young, r.old = map[string]struct{}{}, r.young
	}
	r.young[strings.Clone(s)] = struct{}{}
	return !had
}

func (r *names) any(ok func(string) bool) bool {
	for _, half := range []map[string]struct{}{r.young, r.old} {
		for s := range maps.Keys(half) {
			if ok(s) {
				return true
			}
		}
	}
	return false
}
