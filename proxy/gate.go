package proxy

import "sync"

// A gate counts the goroutines inside. Unlike a WaitGroup, it can be closed to new
// ones while the last ones leave. The zero gate is open.
type gate struct {
	mu     sync.RWMutex
	closed bool
	wg     sync.WaitGroup
}

// enter reports whether the gate is open; if so, the caller has to call leave.
func (g *gate) enter() bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.closed {
		return false
	}
	g.wg.Add(1)
	return true
}

func (g *gate) leave() { g.wg.Done() }

// shut lets nobody in any more and waits for those inside.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.wg.Wait()
}
