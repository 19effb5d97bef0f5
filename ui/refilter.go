package ui

import (
	"runtime"
	"sync"
)

// refilter applies the filter to all flows. If it is narrower than the previous filter, a flow
// that didn't match stays out; if it is wider, one that matched stays in.
func (m *model) refilter(narrower, wider bool) {
	inParts(len(m.flows), func(i int) {
		if was := m.flags[i]&flagText != 0; narrower && !was || wider && was {
			return
		}
		m.flags[i] &^= flagText
		if m.matches(m.filter, m.flows[i]) {
			m.flags[i] |= flagText
		}
	})
}

// partSize is how many flows are worth a goroutine: about a millisecond of work.
const partSize = 4096

// inParts calls do with each index below n, on all processors if n is large. do must not touch
// what belongs to another index.
func inParts(n int, do func(i int)) {
	size := max(partSize, (n+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for from := 0; from < n; from += size {
		wg.Go(func() {
			for i := from; i < min(from+size, n); i++ {
				do(i)
			}
		})
	}
	wg.Wait()
}
