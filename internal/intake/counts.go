package intake

import (
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
