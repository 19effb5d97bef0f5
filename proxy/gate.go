package proxy

import "sync"

// A gate counts the goroutines inside. Unlike a WaitGroup, it can be closed to new
// ones while the last ones leave. The zero gate is open.
type gate struct {
	mu     sync.RWMutex
	closed bool
	inside sync.WaitGroup
}

// enter reports whether the gate is open; if so, the caller has to call leave.
func (g *gate) enter() bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.closed {
		return false
	}
	g.inside.Add(1)
	return true
}

func (g *gate) leave() { g.inside.Done() }

// shut closes the gate and waits until it is empty.
func (g *gate) shut() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.inside.Wait()
}
