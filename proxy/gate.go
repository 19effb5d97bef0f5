package proxy

import "sync"

// A gate tracks work in progress. Unlike a WaitGroup it can be closed to new work
// while the remaining work finishes. The zero gate is open.
type gate struct {
	mu     sync.RWMutex
	closed bool
	wg     sync.WaitGroup
}

// enter reports whether the gate is open. If so, call leave when the work is done.
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

// close refuses new work and waits for the work in progress.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.wg.Wait()
}
