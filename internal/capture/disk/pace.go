package disk

import (
	"runtime"
	"time"
)

// A pace spreads the writing of many flows over a time. Requests that wait on the same processor
// would wait for all of them, or for the 10 ms after which Go preempts a goroutine; and for as long
// as it takes, they would have a processor less. A few flows aren't spread: to sleep between them
// takes more processor time than to write them. Nor do they make way as often: the Recorder's
// goroutine has a thread of its own, so each time wakes another thread, and then its own again.
type pace struct {
	began time.Time
	over  time.Duration // 0: as fast as possible
	all   int           // flows
}

const (
	paceEvery = 3
	few       = 128 // flows, which take about 2 ms
	fewEvery  = 16
	shortest  = 200 * time.Microsecond
)

// step lets others run after the first done flows were written.
func (p pace) step(done int) {
	if p.all <= few {
		if done%fewEvery == 0 {
			runtime.Gosched()
		}
		return
	}
	if done%paceEvery != 0 {
		return
	}
	if ahead := p.ahead(done, time.Since(p.began)); ahead >= shortest {
		time.Sleep(ahead)
		return
	}
	runtime.Gosched()
}

// ahead returns how much sooner than planned the first done flows were written.
func (p pace) ahead(done int, since time.Duration) time.Duration {
	return p.over*time.Duration(done)/time.Duration(max(p.all, 1)) - since
}
