package match

import (
	"context"
	"time"
)

// How long a stream tests flows at a time, and how many times that long nobody does then. The
// proxy needs the processor more than filters do, which anybody who watches can make slow.
const (
	turnTime = 5 * time.Millisecond
	restFor  = 4
)

// A Pace has the streams of a run take turns, so that all of them together take a fifth of a core
// at most.
type Pace struct {
	free chan struct{} // has a token while it is nobody's turn
}

// NewPace returns a Pace.
func NewPace() *Pace {
	p := &Pace{make(chan struct{}, 1)}
	p.free <- struct{}{}
	return p
}

// A turn is a stream's time to work. The zero value has ended.
type turn struct {
	pace  *Pace
	began time.Time
}

// begin waits for a turn.
func (p *Pace) begin(ctx context.Context) (turn, error) {
	select {
	case <-p.free:
		return turn{p, time.Now()}, nil
	case <-ctx.Done():
		return turn{}, ctx.Err()
	}
}

// next returns the turn, or waits for another one if its time is over.
func (t turn) next(ctx context.Context) (turn, error) {
	if time.Since(t.began) < turnTime {
		return t, nil
	}
	t.end()
	return t.pace.begin(ctx)
}

// end ends a turn. The next one begins after a rest.
func (t turn) end() {
	if t.pace != nil {
		time.AfterFunc(restFor*time.Since(t.began), func() { t.pace.free <- struct{}{} })
	}
}
