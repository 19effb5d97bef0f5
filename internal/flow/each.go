package flow

import "iter"

// Flows are flows by ID that may be read from a file each time they are iterated over. With an error,
// which ends them, there is no flow. Whoever iterates may keep a flow.
type Flows = iter.Seq2[*Flow, error]

// Each returns the capture's flows.
func (c *Capture) Each() Flows {
	return func(yield func(*Flow, error) bool) {
		for _, f := range c.Flows {
			if !yield(f, nil) {
				return
			}
		}
	}
}
