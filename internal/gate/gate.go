// Package gate counts work in progress, so that the end of a component can wait for it.
package gate

import "sync"

// A Gate counts work in progress. Unlike a [sync.WaitGroup] it can be closed at any time: what
// begins then is refused, so that nothing begins after its end was waited for. The zero Gate is
// open. It is safe for concurrent use.
type Gate struct {
	mu     sync.RWMutex
	closed bool
	wg     sync.WaitGroup
}

// Enter reports whether the gate is open. If so, call Leave when the work is done.
func (g *Gate) Enter() bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.closed {
		return false
	}
	g.wg.Add(1)
	return true
}

// Leave ends work that has entered.
func (g *Gate) Leave() { g.wg.Done() }

// Go runs work on another goroutine, and reports whether the gate is open. If it is closed, work
// doesn't run.
func (g *Gate) Go(work func()) bool {
	if !g.Enter() {
		return false
	}
	go func() {
		defer g.Leave()
		work()
	}()
	return true
}

// Close refuses new work and waits for the work in progress.
func (g *Gate) Close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.wg.Wait()
}
