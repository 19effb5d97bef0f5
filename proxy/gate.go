package proxy

import "sync"

// A gate counts who is inside. Unlike a WaitGroup it can be shut against
// newcomers while the last ones leave. The zero gate is open.
type gate struct {
	mu     sync.RWMutex
	shutIt bool
	inside sync.WaitGroup
}

// enter reports whether the gate was open; then leave must follow.
func (g *gate) enter() bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.shutIt {
		return false
	}
	g.inside.Add(1)
	return true
}

func (g *gate) leave() { g.inside.Done() }

// shut lets nobody in any more and waits for those inside.
func (g *gate) shut() {
	g.mu.Lock()
	g.shutIt = true
	g.mu.Unlock()
	g.inside.Wait()
}
