package intake

import (
	"context"

	"detour/internal/finding"
	"detour/internal/flow"
)

// Counts are of the flows of a capture. The zero value counts none yet.
type Counts struct {
	Flows   int
	By      map[flow.Origin]int
	Waiting int // those that [finding.Waits] reports
}

func (n *Counts) add(f *flow.Flow) {
	if n.By == nil {
		n.By = make(map[flow.Origin]int)
	}
	n.Flows++
	n.By[f.Origin]++
	if finding.Waits(f) {
		n.Waiting++
	}
}

// once reports whether it takes one reading of a HAR to judge and count its flows without keeping them.
func (r Reader) once() bool {
	return r.Counts != nil && !r.Whole && !r.Strict && !r.Pending && !r.selects() && r.Account.Config == nil
}

// counted reads a file for its findings alone, and counts its flows, however many they are. It
// returns nil if they have to be in memory together, as for [Reader.Stream].
func (r Reader) counted(ctx context.Context, path string) *flow.Capture {
	r.Max = 0
	s := r.Stream(ctx, path)
	if s == nil {
		return nil
	}
	defer s.Close()
	if s.chosen != nil {
		s.counts = Counts{}
		for f, err := range s.Bodiless() {
			if err != nil {
				return nil
			}
			s.counts.add(f)
		}
	}
	*r.Counts = s.counts
	return s.Capture
}
