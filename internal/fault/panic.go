// Package fault keeps a panic, which is a fault of detour's, from ending a process that a browser depends on: a [Guard]
// reports it where the rest can go on, and [Catch] and [Group] bring it to the goroutine that waits for the work.
package fault

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// A Panic is one that was recovered. It is an error, and can be raised again.
type Panic struct {
	Value any
	Stack []byte // of the goroutine that panicked
}

// Of returns what was recovered as a Panic. Call it in the deferred function that recovers.
func Of(v any) *Panic {
	if p, again := v.(*Panic); again {
		return p
	}
	return &Panic{v, debug.Stack()}
}

// Catch calls do and returns its panic; nil if it returned.
func Catch(do func()) (p *Panic) {
	defer func() {
		if v := recover(); v != nil {
			p = Of(v)
		}
	}()
	do()
	return nil
}

// Raise panics again, unless p is nil.
func (p *Panic) Raise() {
	if p != nil {
		panic(p)
	}
}

// Error is the value and the stack, as the runtime prints them if nobody recovers.
func (p *Panic) Error() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.Stack) }

// A Group is a [sync.WaitGroup] whose Wait raises the first panic of its goroutines.
type Group struct {
	running sync.WaitGroup
	once    sync.Once
	first   *Panic
}

// Go runs do on another goroutine.
func (g *Group) Go(do func()) {
	g.running.Go(func() {
		if p := Catch(do); p != nil {
			g.once.Do(func() { g.first = p })
		}
	})
}

// Wait waits for all goroutines.
func (g *Group) Wait() {
	g.running.Wait()
	g.first.Raise()
}
